import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Options and exit codes of the real program.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct CommandLineTests {
        @Test(arguments: [
            ["scan", "--bogus"], ["scan", "--checks", "nope"], ["scan", "--format", "xml"],
            ["scan", "--from", "/nowhere"],
            ["scan", "--from", "/dev/null"], ["scan", "--from", "a", "--save", "b"], ["scan", "--max-output", "0"],
            ["scan", "--fail-on", "bad"], ["explain", "nope"], ["nope"],
            ["scan", "--timeout", "nan"], ["scan", "--node-name", "n"], ["scan", "--from", "a", "--api"],
            ["pods", "--from", "/nowhere"], ["pods", "--timeout", "0"], ["audit"], ["audit", "--node", "a.yaml"],
            ["scan", "--root", "/nowhere"], ["audit", "--api", "a.yaml"], ["audit", "--node", "--recursive"],
        ])
        func wrongUse(arguments: [String]) throws {
            let output = try Bench.run([Bench.binary] + arguments)
            #expect(output.status == 2 && output.bytes.isEmpty && !output.errors.isEmpty)
        }

        /// Not with a priority, which only the journal takes out again.
        @Test func wrongUseOfLongRunning() throws {
            let output = try Bench.run([Bench.binary, "alert", "--cursor", "/nowhere/x", "--command", "relative"])
            #expect(output.status == 2 && output.errors.hasPrefix("breakoutd: "))
        }

        /// What is said of wrong use holds what was typed.
        @Test(arguments: [["no\u{1b}[31m"], ["scan", "--from", "/no\u{1b}[31m"], ["explain", "\u{1b}[31m"]])
        func escapesInArguments(arguments: [String]) throws {
            let output = try Bench.run([Bench.binary] + arguments)
            #expect(output.status == 2 && !output.errors.contains("\u{1b}") && output.errors.contains("31m"))
        }

        @Test(arguments: [["--help"], ["--version"], ["scan", "--help"], ["explain"], ["explain", "privileged"]])
        func rightUse(arguments: [String]) throws {
            let output = try Bench.run([Bench.binary] + arguments)
            #expect(output.status == 0 && !output.bytes.isEmpty && output.errors.isEmpty)
        }

        /// Neither reference can be read: nothing is judged, and that is said aloud.
        @Test func noReference() throws {
            let output = try Bench.run([Bench.binary, "scan", "--reference-pid", "2147483647", "--format", "json"])
            let report = try JSONDecoder().decode(ScanReport.self, from: output.bytes)
            #expect(output.status == 3 && report.verdict == "incomplete" && report.findings.isEmpty)
            #expect(report.gaps.contains { $0.kind == "reference" })
        }

        /// In a PID namespace of its own the program sees none of the node's processes, and says so.
        @Test func procOfAnotherPIDNamespace() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("pid", ExposureTests.quiet + ["--host-pid"])
                let scan = [Bench.binary, "scan", "--root", node.root, "--format", "json"]
                let output = try Bench.run(["/usr/bin/unshare", "--pid", "--fork", "--mount-proc"] + scan)
                let report = try JSONDecoder().decode(ScanReport.self, from: output.bytes)
                #expect(output.status == 3 && report.verdict == "incomplete" && report.findings.isEmpty)
                let gap = report.gaps.first { $0.reason == "this /proc does not show the node's processes" }
                #expect(gap?.kind == "reference" && gap?.examples.contains(pod.container) == true)
            }
        }

        @Test func savedNode() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("admin", ["--privileged", "--host-pid"])
                let file = "\(node.root)/node.json"
                let scan = [Bench.binary, "scan", "--format", "json"]
                let fresh = try Bench.run(scan + ["--root", node.root, "--save", file])
                let loaded = try Bench.run(scan + ["--from", file])
                #expect(fresh.status == 1 && loaded.status == 1 && fresh.bytes == loaded.bytes)

                func status(_ options: String...) throws -> Int32 {
                    try Bench.run(scan + ["--from", file] + options).status
                }
                #expect(try status("--fail-on", "critical") == 3 && (try status("--fail-on", "never")) == 3)
                #expect(try status("--fail-on", "high") == 1 && (try status("--min-severity", "critical")) == 1)
                #expect(try status("--pod", "admin") == 1 && (try status("--namespace", "other")) == 3)

                let cut = try Bench.run(scan + ["--from", file, "--max-output", "\(fresh.bytes.count - 100)"])
                let report = try JSONDecoder().decode(ScanReport.self, from: cut.bytes)
                #expect(cut.bytes.count <= fresh.bytes.count - 100 && report.verdict == "findings")
                #expect(!report.findings.isEmpty && report.findings.count + report.omitted == 2)
                #expect(try JSONDecoder().decode(ScanReport.self, from: fresh.bytes).techniques(of: pod).count == 2)
            }
        }

        /// A part of the node file that was not read makes no clean node.
        @Test func checksOfANodeFileThatLacksTheirInput() throws {
            try ContainerdNode.with { node in
                let file = "\(node.root)/node.json"
                let checks = ["--checks", "host-*-namespace"]
                _ = try Bench.run([Bench.binary, "scan", "--root", node.root, "--save", file] + checks)
                let output = try Bench.run([Bench.binary, "scan", "--from", file, "--format", "json"])
                let report = try JSONDecoder().decode(ScanReport.self, from: output.bytes)
                #expect(output.status == 3 && report.gaps.contains { $0.kind == "check" })
            }
        }
    }
}
