import Checks
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

/// Every form of a report says how old the API's word is.
@Suite struct APIAgeTests {
    private static func node(age: Int64?) -> Node {
        Node.quiet.changing { node in node.apiPods = APIPods(asOf: age.map { node.takenAt - $0 }) }
    }

    private static func report(_ node: Node) -> Report {
        .sample([.sample()], gaps: [ReportTests.gap], node: node)
    }

    private static func api(_ members: [String: Any]?) -> Double? {
        (members?["api"] as? [String: Any])?["age"] as? Double
    }

    @Test func table() throws {
        let sentence = "Declared or not by the Kubernetes API: 0 pods of this node, 12 s old."
        #expect(try Self.report(Self.node(age: 12_500)).text(.table).contains(sentence))
        #expect(!(try Self.report(.quiet).text(.table).contains("Kubernetes API")))
        #expect(try PodsReport(Self.node(age: 12_500), width: 80).text(.table).hasSuffix("\(sentence)\n"))
        #expect(!(try PodsReport(.quiet, width: 80).text(.table).contains("Kubernetes API")))
    }

    @Test(arguments: [(12_500, 12.5), (0, 0), (-7, 0), (nil, nil)] as [(Int64?, Double?)])
    func forMachines(milliseconds: Int64?, age: Double?) throws {
        let report = Self.report(Self.node(age: milliseconds))
        let json = try JSONSerialization.jsonObject(with: Data(try report.text(.json).utf8)) as? [String: Any]
        #expect(Self.api(json) == age)
        let pods = try JSONSerialization.jsonObject(
            with: Data(try PodsReport(report.node, width: 80).text(.json).utf8))
        #expect(Self.api(pods as? [String: Any]) == age)
        let last = try #require(try report.text(.ndjson).split(separator: "\n").last)
        let line = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        #expect(Self.api(line?["summary"] as? [String: Any]) == age)
        let documents = try EMFReportTests.documents(report)
        #expect(documents.map { $0["APIAgeSeconds"] as? Double } == [age, age])
        #expect(documents.map { EMFRules.metrics($0)["APIAgeSeconds"] } == [nil, age])
    }

    /// Of findings and of gaps.
    @Test func journal() throws {
        let entries = try JournalReport.entries(Self.report(Self.node(age: 12_500)))
        #expect(entries.map { $0.last?.0 } == ["BREAKOUTD_API_AGE", "BREAKOUTD_API_AGE"])
        #expect(entries.map { $0.last?.1 } == ["12.5", "12.5"])
        for node in [Node.quiet, Node.quiet.withoutAnswer] {
            let entries = try JournalReport.entries(Self.report(node))
            #expect(entries.count == 2 && !entries.joined().contains { $0.0 == "BREAKOUTD_API_AGE" })
        }
    }
}
