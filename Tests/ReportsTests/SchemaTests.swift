import Checks
import Findings
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct SchemaTests {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("packaging/schema/breakoutd-report-1.schema.json")

    /// With BREAKOUTD_WRITE_SCHEMA=1 the ids are written into the file.
    @Test func theSchemaListsEveryTechnique() throws {
        let text = try String(contentsOf: Self.path, encoding: .utf8)
        let expected = try Self.replacingTechniques(in: text, by: Check.all.map(\.technique.id))
        if ProcessInfo.processInfo.environment["BREAKOUTD_WRITE_SCHEMA"] == "1" {
            try expected.write(to: Self.path, atomically: true, encoding: .utf8)
        } else {
            #expect(text == expected, "run the tests once with BREAKOUTD_WRITE_SCHEMA=1")
        }
    }

    /// The schema with one id a line in the enumeration of techniques.
    static func replacingTechniques(in schema: String, by ids: [String]) throws -> String {
        let start = try #require(schema.range(of: "\"technique\": {\n          \"enum\": [\n"))
        let end = try #require(schema.range(of: "          ]", range: start.upperBound..<schema.endIndex))
        let lines = ids.map { "            \"\($0)\"" }.joined(separator: ",\n")
        return schema[..<start.upperBound] + lines + (ids.isEmpty ? "" : "\n") + schema[end.lowerBound...]
    }

    static let enumerations: [(path: [String], values: [String])] = [
        (["properties", "verdict"], Verdict.allCases.map(\.rawValue)),
        (["$defs", "finding", "properties", "class"], FindingClass.allCases.map(\.rawValue)),
        (["$defs", "finding", "properties", "severity"], Severity.allCases.map(\.rawValue)),
        (["$defs", "finding", "properties", "declared"], Declaration.allCases.map(\.rawValue)),
        (["$defs", "counts", "properties", "findings", "required"], Severity.allCases.map(\.rawValue)),
        (["$defs", "gap", "properties", "kind"], Gap.Kind.allCases.map(\.rawValue)),
        (["$defs", "hostTask", "properties", "kinds", "items"], NamespaceKind.allCases.map(\.rawValue)),
    ]

    @Test(arguments: enumerations)
    func theSchemaListsWhatTheCodeHas(path: [String], values: [String]) throws {
        var node: Any? = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.path))
        for name in path { node = (node as? [String: Any])?[name] }
        let listed = node as? [String] ?? (node as? [String: Any])?["enum"] as? [String]
        #expect(listed?.sorted() == values.sorted())
    }

    @Test(.enabled(if: Python.hasJSONSchema, "python3 has no module jsonschema"))
    func aJudgementFollowsTheSchemaAsItIs() throws {
        let node = Node.quiet.changing {
            $0.tasks[3].namespaces[.network] = $0.host.reference?.namespaces[.network]
            $0.tasks[4].namespaces[.mount] = $0.host.reference?.namespaces[.mount]
            $0.endedWhileRead = 1
        }
        let report = Report(Judgement(of: node), ReportOptions())
        #expect(report.selected.count > 1)
        let schema = try String(contentsOf: Self.path, encoding: .utf8)
        #expect(try Python.validate(try report.text(.json), schema) == "")
    }

    static let samples: [(name: String, report: Report)] = [
        ("clean", .sample([])),
        ("everything known", .sample([.sample()], gaps: [ReportTests.gap])),
        ("nothing known", .sample([bare], node: Node())),
        ("host", .sample([.sample()], node: .quiet.changingHost(), ReportOptions(showHost: true))),
        ("cut", .large(40, ReportOptions(maxOutput: 5_000))),
        ("hidden", .large(40, ReportOptions(minSeverity: .high))),
        ("hostile", .sample([.sample("t", .low, Hostile.all.text)])),
        ("abridged", OutputLimitTests.crowded(ReportOptions(showHost: true, maxOutput: 24_000))),
        ("long", .sample([.sample("t", .low, Hostile.long.text)], ReportOptions(maxOutput: 9_000))),
        ("odd times", .sample([], node: Node(takenAt: .max, duration: -5))),
    ]

    static let bare = Finding(id: "f", technique: .sample("t"), severity: .info, declared: .unknown, detail: "")

    @Test(.enabled(if: Python.hasJSONSchema, "python3 has no module jsonschema"), arguments: samples)
    func reportsFollowTheSchema(name: String, report: Report) throws {
        var schema = try String(contentsOf: Self.path, encoding: .utf8)
        schema = try Self.replacingTechniques(in: schema, by: report.selected.map(\.technique.id))
        #expect(try Python.validate(try report.text(.json), schema) == "")
    }

    @Test(
        .enabled(if: Python.hasJSONSchema, "python3 has no module jsonschema"), arguments: ["pod", "task", "allowedBy"])
    func theSchemaWantsUnknownMembers(member: String) throws {
        let schema = try String(contentsOf: Self.path, encoding: .utf8)
        let text = try Report.sample([Self.bare]).text(.json)
        let without = text.split(separator: "\"\(member)\":null,", omittingEmptySubsequences: false).joined()
        let known = try Self.replacingTechniques(in: schema, by: ["t"])
        #expect(try Python.validate(without, known).contains("'\(member)' is a required property"))
    }
}

extension Node {
    /// This node with a service that has private mounts.
    fileprivate func changingHost() -> Node {
        changing { $0.tasks[1].namespaces[.mount] = NamespaceID(rawValue: 9) }
    }
}
