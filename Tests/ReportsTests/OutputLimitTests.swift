import Findings
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct OutputLimitTests {
    static let printed = ReportFormat.allCases.filter { $0 != .journal }

    @Test(arguments: printed, [4_000, 9_000, 20_000, 100_000])
    func staysWithin(format: ReportFormat, limit: Int) throws {
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
