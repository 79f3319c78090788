import Checks
import Findings
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct OutputLimitTests {
    static let printed = ReportFormat.allCases.filter { $0 != .journal }

    @Test(arguments: printed, [5_000, 9_000, 20_000, 100_000])
    func staysWithin(format: ReportFormat, limit: Int) throws {
        // A page has its style in it.
        let limit = limit + (format == .html ? HTMLReport.style.text.utf8.count : 0)
        let whole = try Report.large(60).text(format)
        let cut = try Report.large(60, ReportOptions(maxOutput: limit)).text(format)
        #expect(cut.utf8.count <= limit)
        #expect(cut.last == "\n")
        #expect((cut == whole) == (whole.utf8.count <= limit))
    }

    @Test func keepsTheWorstAndSaysHowManyAreMissing() throws {
        let text = try Report.large(60, ReportOptions(maxOutput: 9_000)).text(.json)
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let findings = try #require(document?["findings"] as? [[String: Any]])
        let omitted = try #require(document?["omitted"] as? Int)
        #expect(findings.count + omitted == 60)
        #expect(findings.count > 5)
        #expect(findings.compactMap { $0["technique"] as? String } == findings.indices.map { "technique-\($0)" })
        let next = try Report.large(60, ReportOptions(maxOutput: 9_000 + 600)).text(.json)
        #expect(next.utf8.count > 9_000)
    }

    @Test(arguments: printed)
    func theMinimumIsExact(format: ReportFormat) throws {
        let tooSmall = #expect(throws: ReportError.self) {
            try Report.large(60, ReportOptions(maxOutput: 10)).text(format)
        }
        guard case .outputLimitTooSmall(let minimum) = tooSmall else {
            Issue.record("not the expected error: \(String(describing: tooSmall))")
            return
        }
        let smallest = try Report.large(60, ReportOptions(maxOutput: minimum)).text(format)
        #expect(smallest.utf8.count == minimum)
        #expect(throws: ReportError.outputLimitTooSmall(minimum: minimum)) {
            try Report.large(60, ReportOptions(maxOutput: minimum - 1)).text(format)
        }
    }

    @Test(arguments: printed)
    func theExactSizeFits(format: ReportFormat) throws {
        let whole = try Report.large(60).text(format)
        #expect(try Report.large(60, ReportOptions(maxOutput: whole.utf8.count)).text(format) == whole)
    }

    @Test func theTableSaysHowManyAreMissing() throws {
        let text = try Report.large(60, ReportOptions(maxOutput: 3_000)).text(.table)
        #expect(text.contains(" more findings left out (--max-output)\n"))
        #expect(text.contains("12 critical"))
    }

    /// Names in gaps and of host processes that alone are longer than the limit.
    static func crowded(_ options: ReportOptions) -> Report {
        let name = String(repeating: "\u{1b}", count: 4_000)
        let node = Node.quiet.changing { node in
            for pid in Int32(10_000)..<10_200 {
                node.tasks.append(
                    NodeTask(pid: pid, tid: pid, comm: "own", namespaces: NamespaceSet([.mount: 9]), executable: name))
            }
        }
        let gaps = [
            Gap(kind: .podLogs, reason: "name is no UTF-8", count: 70, examples: Array(repeating: name, count: 5))
        ]
        return .sample([.sample("a"), .sample("b", .low)], gaps: gaps, node: node, options)
    }

    @Test(arguments: printed)
    func namesAroundTheFindingsGiveWay(format: ReportFormat) throws {
        let text = try Self.crowded(ReportOptions(showHost: true, maxOutput: 24_000)).text(format)
        #expect(text.utf8.count <= 24_000)
        #expect(text.contains("name is no UTF-8"))
        for technique in ["a", "b"] {
            let forms = ["\"technique\":\"\(technique)\"", "  ● \(technique) ", "<a href=\"#t-\(technique)\">"]
            #expect(forms.contains { text.contains($0) })
        }
        #expect(text.contains("\"shortened\":[\"gaps\",\"hostTasks\"]") || text.contains("left out (--max-output)"))
    }

    @Test func enoughRoomLeavesNamesAlone() throws {
        let text = try Self.crowded(ReportOptions(showHost: true, maxOutput: 30_000_000)).text(.json)
        #expect(text == (try Self.crowded(ReportOptions(showHost: true)).text(.json)))
        #expect(!text.contains("shortened"))
    }

    @Test(arguments: [ReportFormat.json, .ndjson, .emf])
    func aLongFindingLeavesRoomForOthers(format: ReportFormat) throws {
        let long = Finding.sample("long").changing { $0.detail = String(repeating: "x", count: 100_000) }
        let findings = [long] + (0..<5).map { Finding.sample("t\($0)", .high) }
        let text = try Report.sample(findings, ReportOptions(maxOutput: 12_000)).text(format)
        #expect(text.utf8.count <= 12_000)
        for technique in ["long", "t0", "t1"] { #expect(text.contains("\"technique\":\"\(technique)\"")) }
        #expect(text.contains("\"shortened\":[\"detail\",\"evidence\",\"task\"]"))
    }

    static let gapLists: [(gaps: [Gap], abridged: [Gap])] = [
        ([], []),
        (
            [Gap(kind: .cgroup, reason: String(repeating: "r", count: 200), count: 3, examples: ["e"])],
            [Gap(kind: .cgroup, reason: String(repeating: "r", count: 117) + "…", count: 3)]
        ),
        (
            (0..<30).map { Gap(kind: $0 % 10 == 0 ? .check : .process, reason: "\($0)", count: .max / 3) },
            [
                Gap(kind: .process, reason: "1, and other reasons", count: .max),
                Gap(kind: .check, reason: "0, and other reasons", count: .max / 3 * 3),
            ]
        ),
    ]

    @Test(arguments: gapLists)
    func abridgesGaps(gaps: [Gap], abridged: [Gap]) {
        #expect(gaps.abridged == abridged)
    }

    @Test(arguments: [(0, 0), (1, 1), (7, 3), (100, 100), (1_000_000, 20)])
    func looksForTheLargest(count: Int, largest: Int) throws {
        var tries = 0
        let found = try OutputLimit.largest(of: count, within: 10 * largest + 9) { number throws(ReportError) in
            tries += 1
            return number * 10
        }
        #expect(found == largest)
        #expect(tries < 25)
    }
}
