import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// The reports of one node in every form, and what the options leave of them.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct ReportTests {
        /// A node file of some pods: three in `shop`, one that shares nothing in `quiet`.
        private static func withSavedNode(_ body: (_ scan: ([String]) throws -> Bench.Output) throws -> Void) throws {
            try ContainerdNode.with { node in
                let agent = ["--privileged", "--host-pid", "--host-network", "--host-ipc", "--mount", "/:/host"]
                for name in ["a", "b", "c"] { _ = try node.pod(name, ["--namespace", "shop"] + agent) }
                _ = try node.pod("calm", ["--namespace", "quiet"] + ExposureTests.quiet)
                let file = "\(node.root)/node.json"
                let saved = try Bench.run([Bench.binary, "scan", "--root", node.root, "--save", file])
                #expect(saved.status == 1)
                try body { try Bench.run([Bench.binary, "scan", "--from", file] + $0) }
            }
        }

        @Test func eachFormatIsWellFormed() throws {
            try Self.withSavedNode { scan in
                let whole = try JSONDecoder().decode(
                    ScanReport.self, from: try scan(["--format", "json"]).bytes)
                for (format, key) in [("ndjson", "technique"), ("emf", "_aws")] {
                    let lines = try scan(["--format", format]).text.split(separator: "\n")
                    #expect(lines.count == whole.findings.count + 1, "\(format)")
                    for line in lines.dropLast() {
                        let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                        #expect(document?[key] != nil, "\(format)")
                    }
                    #expect(
                        try JSONSerialization.jsonObject(with: Data(try #require(lines.last).utf8)) is [String: Any])
                }
                let table = try scan([])
                #expect(table.status == 1 && table.text.contains("shop/a") && !table.bytes.contains(0x1B))
                let page = try scan(["--format", "html"])
                #expect(page.status == 1 && page.text.contains("shop/a"))
                #expect(try Python.validatePage(page.text) == "")
            }
        }

        /// The whole report is longer than the limit; what is left of it is a report, with the worst.
        @Test func aLimitCutsAtAFinding() throws {
            try Self.withSavedNode { scan in
                for (format, limit) in [
                    ("json", 4000), ("ndjson", 4000), ("emf", 4000), ("table", 1500), ("html", 16_000),
                ] {
                    let whole = try scan(["--format", format])
                    #expect(whole.bytes.count > limit, "\(format)")
                    let cut = try scan(["--format", format, "--max-output", "\(limit)"])
                    #expect(cut.bytes.count <= limit && cut.status == 1 && !cut.bytes.isEmpty, "\(format)")
                    if format == "table" || format == "html" { continue }
                    for line in cut.text.split(separator: "\n") {
                        #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any], "\(format)")
                    }
                    guard format == "json" else { continue }
                    let report = try JSONDecoder().decode(ScanReport.self, from: cut.bytes)
                    let all = try JSONDecoder().decode(ScanReport.self, from: whole.bytes)
                    #expect(report.omitted > 0 && report.omitted + report.findings.count == all.findings.count)
                    #expect(report.findings.map(\.detail) == all.findings.prefix(report.findings.count).map(\.detail))
                }
            }
        }

        @Test func hiddenFindingsStillCount() throws {
            try Self.withSavedNode { scan in
                let all = try JSONDecoder().decode(ScanReport.self, from: try scan(["--format", "json"]).bytes)
                let high = try scan(["--format", "json", "--min-severity", "high"])
                let report = try JSONDecoder().decode(ScanReport.self, from: high.bytes)
                #expect(high.status == 1 && report.hidden > 0)
                #expect(report.findings.count + report.hidden == all.findings.count)
                #expect(report.findings.allSatisfy { ["high", "critical"].contains($0.severity) })
            }
        }

        @Test func aSelectionOfPods() throws {
            try Self.withSavedNode { scan in
                func report(_ options: String...) throws -> (report: ScanReport, status: Int32) {
                    let output = try scan(["--format", "json"] + options)
                    return (try JSONDecoder().decode(ScanReport.self, from: output.bytes), output.status)
                }
                let one = try report("--pod", "b")
                #expect(one.status == 1 && one.report.findings.count == 5)
                #expect(one.report.findings.allSatisfy { $0.pod?.name == "b" && $0.pod?.namespace == "shop" })
                #expect(try report("--pod", "shop/b").report.findings.count == 5)
                #expect(try report("--namespace", "shop").report.findings.count == 15)
                let calm = try report("--namespace", "quiet")
                #expect(calm.report.findings.isEmpty && calm.status == (calm.report.gaps.isEmpty ? 0 : 3))
                let nobody = try report("--pod", "nobody")
                #expect(nobody.status == 3 && nobody.report.gaps.contains { $0.reason.contains("no such pod") })
            }
        }
    }
}
