import Checks
import Findings
import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite struct EMFDocumentTests {
    static func parsed(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    private func document(_ sets: [[EMFDocument.Dimension]], logGroup: String? = nil) throws -> [String: Any] {
        let document = EMFDocument(
            time: 5, dimensionSets: sets, metrics: [("M", "Count", .number(1))], logGroup: logGroup)
        return try Self.parsed(try document.line())
    }

    static let values: [(value: String?, isDimension: Bool, isMember: Bool)] = [
        ("v", true, true), ("a b", true, true), (" ~", true, true), (String(repeating: "v", count: 1024), true, true),
        (nil, false, false), ("", false, false), ("   ", false, false), ("\t\n", false, false),
        ("équipe", false, true), ("a\nb", false, true), ("a\u{7f}", false, true), ("\u{a0}", false, false),
        (String(repeating: "v", count: 1025), false, true),
    ]

    @Test(arguments: values)
    func unusableValuesAreMembersOnly(value: String?, isDimension: Bool, isMember: Bool) throws {
        let document = try document([[("D", value), ("E", "e")]])
        #expect(EMFRules.dimensions(document) == [isDimension ? ["D", "E"] : ["E"]])
        #expect(document["D"] as? String == (isMember ? value : nil))
        #expect(EMFRules.violations(document) == [])
    }

    @Test func setsThatBecomeTheSameAreOne() throws {
        let none: String? = nil
        #expect(EMFRules.dimensions(try document([[("A", "a")], [("A", "a"), ("B", none)]])) == [["A"]])
        #expect(EMFRules.dimensions(try document([[("A", none)], [("A", none), ("B", "b")]])) == [["B"]])
        #expect(EMFRules.dimensions(try document([[("A", none)]])) == [[]])
        #expect(EMFRules.dimensions(try document([])) == [[]])
    }

    @Test func theAgentIsToldTheLogGroup() throws {
        #expect(try (document([], logGroup: "/g")["_aws"] as? [String: Any])?["LogGroupName"] as? String == "/g")
        #expect(try (document([])["_aws"] as? [String: Any])?["LogGroupName"] == nil)
    }
}

/// Case 14: attacker-chosen values in dimensions and in journal fields.
@Suite(.enabled(if: SharedCase.isAvailable, "the shared cases are not here"))
struct DimensionCaseTests {
    struct Input: Decodable {
        struct Metric: Decodable { var name: String, unit: String, value: Int64 }
        var severity: String
        var cmdline: String
        var metric: Metric
        var dimensions: [String: String]
    }

    struct Answer: Decodable {
        var input: String
        var dimensionKeysMax: Int?
        var droppedOrReplaced: [String]?
        var timestampMillis: Int64?
        var cmdlineEncoded: String?
    }

    static let shared = SharedCase("14-emf-dimensions-journald")

    private func answer(_ input: String) throws -> Answer {
        try #require(try Self.shared.answers(as: Answer.self).first { $0.input == input })
    }

    @Test func oneLine() throws {
        let input = try Self.shared.decode("finding.json", as: Input.self)
        let answer = try answer("emf")
        let time = try #require(answer.timestampMillis)
        #expect(Timestamp.rfc3339(milliseconds: time) == "2026-03-04T10:00:00.500Z")
        let important = ["Cluster", "Node"]
        let names = important + input.dimensions.keys.filter { !important.contains($0) }.sorted()
        let line = try EMFDocument(
            time: time, dimensionSets: [names.map { ($0, input.dimensions[$0]) }],
            metrics: [(input.metric.name, input.metric.unit, .number(input.metric.value))],
            members: ["cmdline": try JSONText.encode(.text(input.cmdline))]
        ).line()
        #expect(!line.contains("\n"))
        let document = try EMFDocumentTests.parsed(line)
        #expect(EMFRules.violations(document) == [])
        #expect(EMFRules.timestamp(document).map(Int64.init) == time)
        let set = try #require(EMFRules.dimensions(document).first)
        #expect(set.count == answer.dimensionKeysMax)
        #expect(set.prefix(2) == ["Cluster", "Node"])
        #expect(Set(set).isDisjoint(with: try #require(answer.droppedOrReplaced)))
        for name in set {
            let value = try #require(document[name] as? String)
            #expect(value.allSatisfy { $0.isASCII } && !value.allSatisfy { $0.isWhitespace })
        }
        // What is no dimension is not lost: the two that are too many, and the one that is no ASCII.
        let members = names.filter { !set.contains($0) && document[$0] != nil }
        #expect(members == ["Label29", "Team", "Zone"])
        #expect(document["cmdline"] as? String == input.cmdline)
    }

    /// A line break is written out before libsystemd sees the field, so that nothing in a value can become a field.
    @Test func oneJournalRecord() throws {
        let input = try Self.shared.decode("finding.json", as: Input.self)
        let finding = Finding.sample("host-pid", .critical, input.cmdline)
        let fields = try JournalReport.fields(finding)
        #expect(fields.filter { $0.0 == "PRIORITY" }.map(\.1) == ["2"])
        #expect(fields.filter { $0.0 == "BREAKOUTD_SEVERITY" }.map(\.1) == [input.severity])
        for (_, value) in fields { #expect(!value.utf8.contains(0x0A)) }
        let encoded = try #require(try answer("journal-stdout").cmdlineEncoded)
        #expect(fields.first { $0.0 == "MESSAGE" }?.1.hasSuffix(encoded) == true)
    }
}
