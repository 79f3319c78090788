import Foundation
import Testing

extension RealContainers {
    /// A node with systemd as PID 1, journald and containerd's systemd cgroup driver.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct SystemdNodeTests {
        private struct Node {
            let directory: String

            @discardableResult
            func run(_ words: String..., input: Data? = nil) throws -> Bench.Output {
                try Bench.run([Bench.script("systemd-node"), "in", directory] + words, input: input)
            }

            func pod(_ words: String...) throws -> BenchPod { try pod(words) }

            func pod(_ words: [String]) throws -> BenchPod {
                let pod = ["pod", "-s", "/run/containerd/containerd.sock", "run"]
                let output = try Bench.succeed([Bench.script("systemd-node"), "in", directory] + pod + words)
                return try JSONDecoder().decode(BenchPod.self, from: output.bytes)
            }

            func scan(_ words: String...) throws -> (report: ScanReport, status: Int32) {
                let scan = [Bench.script("systemd-node"), "in", directory, "/usr/local/bin/breakoutd", "scan"]
                let output = try Bench.run(scan + ["--format", "json"] + words)
                return (try JSONDecoder().decode(ScanReport.self, from: output.bytes), output.status)
            }

            /// Copies the program and the libraries of the Swift toolchain that it was linked with, to the same paths.
            func install() throws {
                let libraries = try Bench.succeed(["ldd", Bench.binary]).text.split(whereSeparator: \.isWhitespace)
                    .filter { $0.hasPrefix("/") && $0.contains("swift") }
                let archive = try Bench.succeed(["tar", "-chPf", "-"] + libraries.map(String.init))
                _ = try run("tar", "-xPf", "-", input: archive.bytes)
                let program = try Data(contentsOf: URL(fileURLWithPath: Bench.binary))
                _ = try run(
                    "sh", "-c", "cat >/usr/local/bin/breakoutd; chmod 755 /usr/local/bin/breakoutd", input: program)
            }
        }

        private static func withNode(_ version: String, _ body: (Node) throws -> Void) throws {
            let node = Node(directory: "/tmp/breakoutd-sn-\(UUID().uuidString.prefix(8).lowercased())")
            defer { _ = try? Bench.run([Bench.script("systemd-node"), "down", node.directory]) }
            try Bench.succeed([Bench.script("systemd-node"), "up", node.directory, version])
            try node.install()
            try body(node)
        }

        @Test(arguments: ["v1", "v2"]) func quietEscapeAndJournal(version: String) throws {
            try Self.withNode(version) { node in
                let quiet = try node.pod("quiet", "--seccomp", "default", "--no-new-privileges")
                let clean = try node.scan()
                #expect(clean.status == 0 && clean.report.verdict == "clean" && clean.report.gaps.isEmpty)

                let evil = try node.pod(
                    "evil", "--host-pid", "--privileged", "--", "sh", "-c",
                    "exec nsenter -t 1 -m -u -n -i /bin/sleep 1000")
                let network = try node.pod("net", "--host-network", "--seccomp", "default", "--no-new-privileges")
                let (report, status) = try node.scan()
                #expect(status == 1 && report.techniques(of: quiet) == [])
                #expect(report.techniques(of: network) == ["host-network-namespace"])
                #expect(
                    report.techniques(of: evil) == [
                        "entered-host-ipc-namespace", "entered-host-mount-namespace", "entered-host-network-namespace",
                        "entered-host-uts-namespace", "first-process-in-host-namespace", "host-pid-namespace",
                        "privileged",
                    ])
                #expect(report.findings(of: evil).allSatisfy { $0.task?.pid == evil.pid })

                let sent = try node.run("/usr/local/bin/breakoutd", "scan", "--format", "journal")
                #expect(sent.status == 1)
                let journal = try node.run(
                    "journalctl", "-t", "breakoutd", "-o", "json", "BREAKOUTD_TECHNIQUE=entered-host-mount-namespace")
                let line = try #require(journal.text.split(separator: "\n").first)
                let entry = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                #expect(
                    entry["PRIORITY"] == "2" && entry["BREAKOUTD_POD"] == "evil" && entry["MESSAGE_ID"]?.count == 32)
                #expect(
                    entry["BREAKOUTD_PID"] == evil.pid.map(String.init) && entry["SYSLOG_IDENTIFIER"] == "breakoutd")
            }
        }

        @Test(arguments: ["v1", "v2"]) func everyExposure(version: String) throws {
            try Self.withNode(version) { node in
                var made: [String: BenchPod] = [:]
                for pod in ExposureTests.pods {
                    made[pod.name] = try node.pod([pod.name] + pod.options)
                }
                let (report, status) = try node.scan()
                #expect(status == 1 && report.gaps.isEmpty)
                for expected in ExposureTests.pods {
                    let pod = try #require(made[expected.name])
                    #expect(report.techniques(of: pod) == expected.techniques, "\(expected.name)")
                    #expect(report.findings(of: pod).allSatisfy { $0.container?.id == pod.container })
                    #expect(report.findings(of: pod).allSatisfy { $0.declared == "declared-by-runtime" })
                }
            }
        }

        @Test(arguments: ["v1", "v2"]) func foreignNamespaceVisitorAndOrphan(version: String) throws {
            try Self.withNode(version) { node in
                let victim = try node.pod(["victim"] + ExposureTests.quiet)
                let thief = try node.pod(
                    "thief", "--privileged", "--host-pid", "--", "nsenter", "--net=/proc/\(victim.pausePid)/ns/net",
                    "--",
                    "sleep", "1d")
                let pid = try #require(victim.pid)
                try node.run("systemd-run", "-q", "nsenter", "-t", "\(pid)", "-m", "--", "/bin/sleep", "1d")
                try node.run("orphan", "/run/containerd/containerd.sock", "stray-1")
                let deadline = Date().addingTimeInterval(20)
                var report = try node.scan().report
                while !report.techniques(of: victim).contains("left-pod-cgroup"), Date() < deadline {
                    report = try node.scan().report
                }
                #expect(
                    report.techniques(of: thief) == ["entered-foreign-namespace", "host-pid-namespace", "privileged"])
                #expect(report.findings(of: thief).allSatisfy { $0.task?.pid == thief.pid })
                #expect(report.techniques(of: victim).contains("capabilities-beyond-bundle"))
                #expect(report.techniques(of: victim).contains("left-pod-cgroup"))
                let orphans = report.findings.filter { $0.technique == "orphan-container" }
                #expect(orphans.map(\.container?.id) == ["stray-1"])
            }
        }

        /// A privileged pod moves itself out of its cgroup: on v2 by one write to the root.
        @Test func leavingTheCgroup() throws {
            try Self.withNode("v2") { node in
                let pod = try node.pod(
                    "leaver", "--privileged", "--", "sh", "-c",
                    "mount -t cgroup2 c /mnt 2>/dev/null || { mkdir /mnt; mount -t cgroup2 c /mnt; }; "
                        + "echo $$ >/mnt/cgroup.procs; exec sleep 1d")
                let finding = try node.scan().report.findings(of: pod).first { $0.technique == "left-pod-cgroup" }
                #expect(finding?.task?.pid == pod.pid && finding?.severity == "critical")
            }
        }
    }
}
