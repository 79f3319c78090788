import Checks
import Findings
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct EMFReportTests {
    static func documents(_ report: Report) throws -> [[String: Any]] {
        try report.text(.emf).split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    static let node = "ip-10-10-1-67"
    static let dimensions: [(cluster: String?, node: String?, finding: [[String]], summary: [[String]])] = [
        ("prod", node, [["ClusterName", "Technique"]], [["ClusterName"], ["ClusterName", "NodeName"]]),
        ("prod", nil, [["ClusterName", "Technique"]], [["ClusterName"]]),
        (nil, node, [["Technique"]], [["NodeName"]]),
        ("", node, [["Technique"]], [["NodeName"]]),
        ("prod\n", "", [["Technique"]], [[]]),
        (" ", nil, [["Technique"]], [[]]),
        ("größe", nil, [["Technique"]], [[]]),
        (String(repeating: "c", count: 1025), nil, [["Technique"]], [[]]),
    ]

    @Test(arguments: dimensions)
    func dimensionSets(cluster: String?, node: String?, finding: [[String]], summary: [[String]]) throws {
        let report = Report.sample(
            [.sample()], node: .quiet.changing { $0.host.name = node }, ReportOptions(clusterName: cluster))
        let documents = try Self.documents(report)
        #expect(documents.map { EMFRules.dimensions($0) } == [finding, summary])
        for document in documents { #expect(EMFRules.violations(document) == []) }
    }

    @Test func countsNothingTwice() throws {
        let findings = [Finding.sample("a"), .sample("b", .low), .sample("c", .low)]
        let documents = try Self.documents(
            .sample(findings, gaps: [ReportTests.gap], ReportOptions(clusterName: "prod")))
        #expect(
            documents.map { EMFRules.metrics($0) } == [["Findings": 1], ["Findings": 1], ["Findings": 1], Self.summary])
        #expect(documents.map { $0["Technique"] as? String } == ["a", "b", "c", nil])
        #expect(documents.map { EMFRules.timestamp($0) } == Array(repeating: 1_700_000_000_000, count: 4))
        #expect(documents.map { $0["Severity"] as? String } == ["critical", "low", "low", nil])
    }

    static let summary: [String: Double] = [
        "Findings": 3, "Critical": 1, "TasksSeen": 5, "ScanSeconds": 0.09, "Gaps": 2,
    ]

    @Test func aCleanNodeCountsZero() throws {
        let documents = try Self.documents(.sample([]))
        #expect(documents.count == 1)
        #expect(EMFRules.metrics(documents[0])["Findings"] == 0)
        #expect((documents[0]["report"] as? [String: Any])?["verdict"] as? String == "clean")
    }

    @Test func hostileAndHugeValuesStayWithinTheRules() throws {
        let huge = Finding.sample("huge", .high, String(repeating: "\u{1b}", count: 300_000)).changing {
            $0.evidence = ["x": .text(String(repeating: "日", count: 100_000))]
            $0.pod = PodIdentity(namespace: Hostile.all.text, name: Hostile.all.text)
        }
        let report = Report.sample([huge, .sample("t", .low, Hostile.all.text)], ReportOptions(clusterName: "prod"))
        for line in try report.text(.emf).split(separator: "\n") { #expect(line.utf8.count < 256 * 1024) }
        for document in try Self.documents(report) { #expect(EMFRules.violations(document) == []) }
    }

    @Test func theSummaryStaysWithinAnEventToo() throws {
        let report = OutputLimitTests.crowded(ReportOptions(showHost: true, clusterName: "prod"))
        for line in try report.text(.emf).split(separator: "\n") { #expect(line.utf8.count < 256 * 1024) }
        let summary = try #require(try Self.documents(report).last)
        #expect(EMFRules.violations(summary) == [])
        #expect(EMFRules.metrics(summary)["Gaps"] == 70)
        #expect((summary["report"] as? [String: Any])?["shortened"] as? [String] == ["gaps", "hostTasks"])
    }

    @Test func theRulesSeeMistakes() {
        let good: [String: Any] = [
            "_aws": [
                "Timestamp": 1,
                "CloudWatchMetrics": [
                    ["Namespace": "N", "Dimensions": [["D"]], "Metrics": [["Name": "M", "Unit": "Count"]]]
                        as [String: Any]
                ],
            ] as [String: Any],
            "D": "d", "M": 1,
        ]
        #expect(EMFRules.violations(good) == [])
        for (name, value) in [("D", "" as Any), ("D", 7), ("M", "x"), ("D", String(repeating: "d", count: 1025))] {
            var bad = good
            bad[name] = value
            #expect(EMFRules.violations(bad).count == 1)
        }
        let wrong: [(String, Any)] = [
            ("Namespace", ""), ("Namespace", "AWS/x"), ("Dimensions", [[String]]()),
            ("Dimensions", [Array(repeating: "D", count: 31)]), ("Dimensions", [["Missing"]]),
            ("Metrics", [["Name": "Missing", "Unit": "Count"]]), ("Metrics", [["Name": "M", "Unit": "Findings"]]),
            ("Metrics", Array(repeating: ["Name": "M", "Unit": "Count"], count: 101)),
        ]
        for (name, value) in wrong {
            var (bad, metadata, directive) = (good, good["_aws"] as? [String: Any] ?? [:], EMFRules.directive(good))
            directive[name] = value
            metadata["CloudWatchMetrics"] = [directive]
            bad["_aws"] = metadata
            #expect(EMFRules.violations(bad).count == 1, "\(name)")
        }
        #expect(EMFRules.violations([:]) == ["no _aws"])
    }
}

/// The rules of the embedded metric format that CloudWatch checks.
enum EMFRules {
    static func violations(_ document: [String: Any]) -> [String] {
        guard let metadata = document["_aws"] as? [String: Any] else { return ["no _aws"] }
        guard metadata["Timestamp"] is Int, let directives = metadata["CloudWatchMetrics"] as? [[String: Any]] else {
            return ["Timestamp or CloudWatchMetrics missing"]
        }
        return directives.flatMap { violations($0, document) }
    }

    private static func violations(_ directive: [String: Any], _ document: [String: Any]) -> [String] {
        var found: [String] = []
        let namespace = directive["Namespace"] as? String ?? ""
        if !(1...1024).contains(namespace.count) || namespace.hasPrefix("AWS/") { found.append("Namespace") }
        let sets = directive["Dimensions"] as? [[String]] ?? []
        if sets.isEmpty || sets.contains(where: { $0.count > 30 }) { found.append("Dimensions") }
        for key in Set(sets.joined()) {
            let value = document[key] as? String ?? ""
            if !(1...250).contains(key.count) || !(1...1024).contains(value.count) { found.append("dimension \(key)") }
        }
        let metrics = directive["Metrics"] as? [[String: Any]] ?? []
        if metrics.count > 100 { found.append("Metrics") }
        for metric in metrics {
            let name = metric["Name"] as? String ?? ""
            let unit = metric["Unit"] as? String ?? "None"
            if !(document[name] is Double), !(document[name] is Int) { found.append("metric \(name)") }
            if !["Count", "Seconds", "Bytes", "None"].contains(unit) { found.append("unit of \(name)") }
        }
        return found
    }

    static func directive(_ document: [String: Any]) -> [String: Any] {
        ((document["_aws"] as? [String: Any])?["CloudWatchMetrics"] as? [[String: Any]])?.first ?? [:]
    }

    static func dimensions(_ document: [String: Any]) -> [[String]] {
        directive(document)["Dimensions"] as? [[String]] ?? []
    }

    static func metrics(_ document: [String: Any]) -> [String: Double] {
        let names = (directive(document)["Metrics"] as? [[String: Any]] ?? []).compactMap { $0["Name"] as? String }
        return Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, (document[$0] as? Double) ?? (document[$0] as? Int).map(Double.init) ?? -1)
            })
    }

    static func timestamp(_ document: [String: Any]) -> Int? {
        (document["_aws"] as? [String: Any])?["Timestamp"] as? Int
    }
}
