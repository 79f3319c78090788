import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Writes to the node's files, by a pod and by the node itself.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct NodeFileWriteTests {
        /// The pod writes and its process ends at once; the node does the same next to it.
        @Test(arguments: ["v1", "v2"]) func cronFileOfAPod(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.succeed("mkdir", "-p", "/etc/cron.d")
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let pod = try node.pod(["writer", "--mount", "/etc:/host/etc"] + ExposureTests.quiet)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD"] == "writer" } }
                // By PID 1: what the test starts on the node comes from outside of it, and nobody there knows it.
                try node.succeed("systemd-run", "-q", "--wait", "touch", "/etc/cron.d/of-the-node")
                try node.succeed(
                    "pod", "-s", SystemdNode.socket, "exec", pod.container, "--", "sh", "-c",
                    "echo '* * * * * root true' >/host/etc/cron.d/x")
                let isWrite = { (entry: [String: String]) in
                    entry["BREAKOUTD_TECHNIQUE"]?.hasPrefix("node-file-written") == true
                        && entry["BREAKOUTD_EVENT"] == "raised"
                }
                let writes = try node.awaitJournal { $0.contains(where: isWrite) }.filter(isWrite)
                let status = try node.run("breakoutd", "status").text
                #expect(writes.count == 1, "\(status)")
                let write = try #require(writes.first)
                #expect(write["BREAKOUTD_TECHNIQUE"] == "node-file-written-cron")
                #expect(write["BREAKOUTD_POD"] == "writer" && write["BREAKOUTD_POD_UID"] == pod.uid)
                #expect(write["BREAKOUTD_CONTAINER_ID"] == pod.container)
                #expect(write["MESSAGE"]?.contains("/etc/cron.d/x ") == true)
                #expect(write["BREAKOUTD_DECLARED"] == "declared-by-runtime" && write["PRIORITY"] == "3")
                #expect(status.contains("directories watched"), "\(status)")
                #expect(!status.contains("nobody known"), "\(status)")
            }
        }

        /// A file that is opened before it is written is told of once, with what was written; where it took the machine too
        /// long to write it, with no content rather than that of an empty file, and another one is tried.
        @Test func slowWriter() throws {
            try SystemdNode.with("v2") { node in
                try node.succeed("mkdir", "-p", "/etc/cron.d")
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let pod = try node.pod(["writer", "--mount", "/etc:/host/etc"] + ExposureTests.quiet)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD"] == "writer" } }
                var isToldWhole = false
                for attempt in 0..<5 where !isToldWhole {
                    let file = "/etc/cron.d/slow\(attempt)"
                    try node.succeed(
                        "pod", "-s", SystemdNode.socket, "exec", pod.container, "--", "sh", "-c",
                        "(sleep .3; echo '* * * * * root true') >/host\(file)")
                    let isWrite = { (entry: [String: String]) in
                        entry["BREAKOUTD_TECHNIQUE"] == "node-file-written-cron" && entry["BREAKOUTD_EVENT"] == "raised"
                            && entry["MESSAGE"]?.contains("\(file) ") == true
                    }
                    let writes = try node.awaitJournal { $0.contains(where: isWrite) }.filter(isWrite)
                    let message = writes[0]["MESSAGE"] ?? ""
                    isToldWhole = message.contains("sha256 \(try Self.hash(file, on: node))")
                    #expect(writes.count == 1 && isToldWhole != !message.contains("sha256"), "\(writes)")
                }
                #expect(isToldWhole)
            }
        }

        /// A pod that could have written a file is not named for what the node was heard to write, unlike for what was written
        /// before the daemon heard of any.
        @Test func changedByTheNode() throws {
            try SystemdNode.with("v2") { node in
                try node.succeed("mkdir", "-p", "/etc/sudoers.d")
                try node.pod(["agent", "--mount", "/etc:/host/etc"] + ExposureTests.quiet)
                try node.succeed("sh", "-c", "echo 'x ALL=(ALL) ALL' >/etc/sudoers.d/x")
                try node.startDaemon(configuration: "{api: {enabled: false}, scan: {period: 5s}}")
                try node.succeed(
                    "systemd-run", "-q", "--wait", "sh", "-c", "echo 'u ALL=(ALL) ALL' >/etc/sudoers.d/users")
                try node.awaitScans()
                let isChange = { (entry: [String: String]) in
                    entry["BREAKOUTD_TECHNIQUE"] == "node-file-changed-accounts"
                        && entry["BREAKOUTD_EVENT"] == "raised"
                }
                let changes = try node.awaitJournal { $0.contains(where: isChange) }.filter(isChange)
                #expect(changes.count == 1 && changes[0]["BREAKOUTD_POD"] == "agent", "\(changes)")
                #expect(changes[0]["MESSAGE"]?.contains("/etc/sudoers.d/x ") == true, "\(changes)")
            }
        }

        /// A directory above a watched one is moved away, written in, and moved back.
        @Test func directoryAbove() throws {
            try SystemdNode.with("v2") { node in
                try node.succeed("mkdir", "-p", "/var/spool/cron")
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let pod = try node.pod(["mover", "--mount", "/var:/host/var"] + ExposureTests.quiet)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD"] == "mover" } }
                let script = """
                    cd /host/var; mv spool .s; echo '* * * * * true' >.s/cron/root; mv .s spool
                    """
                try node.succeed(
                    "pod", "-s", SystemdNode.socket, "exec", pod.container, "--", "sh", "-c", script)
                func isTold(_ path: String, _ entry: [String: String]) -> Bool {
                    entry["BREAKOUTD_TECHNIQUE"] == "node-file-written-cron" && entry["BREAKOUTD_POD"] == "mover"
                        && entry["MESSAGE"]?.contains("\(path) ") == true
                }
                for path in ["/var/spool", "/var/spool/cron/root"] {
                    try node.awaitJournal { $0.contains { isTold(path, $0) } }
                }
            }
        }

        private static let cronLine = "* * * * * root yum install -y agent.rpm & rm -rf /etc/cron.d/ssmstart"

        /// A pod that needs nothing but a directory of the node to be root on it: it has cron install something.
        private static func installer(on node: SystemdNode) throws -> BenchPod {
            try node.pod(
                ["ssm-installer", "--mount", "/etc/cron.d:/etc/cron.d"] + ExposureTests.quiet + [
                    "--", "sh", "-c", "echo '\(cronLine)' >/etc/cron.d/ssmstart && exec /bin/sleep 15m",
                ])
        }

        private static func hash(_ path: String, on node: SystemdNode) throws -> String {
            String(try node.run("sha256sum", path).text.prefix(64))
        }

        /// The file is told of with the pod and its content, and nothing becomes of it.
        @Test(arguments: ["v1", "v2"]) func installerByScan(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.succeed("mkdir", "-p", "/etc/cron.d", "/etc/sudoers.d")
                try node.succeed("touch", "/etc/cron.d/of-the-node")
                try node.pod("quiet", "--seccomp", "default", "--no-new-privileges")
                let clean = try node.scan()
                #expect(clean.report.verdict == "clean" && clean.report.findings.isEmpty, "\(clean.report)")

                let pod = try Self.installer(on: node)
                try node.awaitFile("/etc/cron.d/ssmstart", containing: "yum")
                let report = try node.scan().report
                let found = report.findings.filter { $0.class == "residue" }
                #expect(found.count == 1 && report.gaps.isEmpty, "\(report)")
                let finding = try #require(found.first)
                let hash = try Self.hash("/etc/cron.d/ssmstart", on: node)
                #expect(finding.technique == "node-file-changed-cron" && finding.severity == "high")
                #expect(finding.pod?.name == "ssm-installer" && finding.pod?.uid == pod.uid)
                #expect(finding.container?.id == pod.container && finding.declared == "declared-by-runtime")
                #expect(finding.detail.contains("/etc/cron.d/ssmstart") && finding.detail.contains(hash))
                #expect(finding.evidence["sha256"] == .text(hash))

                // A saved node says the same, byte for byte.
                try node.succeed("sh", "-c", "breakoutd scan --format json --save /tmp/node.json >/tmp/saved; :")
                try node.succeed("sh", "-c", "breakoutd scan --format json --from /tmp/node.json >/tmp/loaded; :")
                try node.succeed("cmp", "/tmp/saved", "/tmp/loaded")

                // Recorded, it is no news; what the node's own people change is told without a pod.
                try node.succeed("breakoutd", "baseline")
                #expect(try node.scan().report.findings.filter { $0.class == "residue" }.isEmpty)
                try node.succeed("sh", "-c", "echo 'x ALL=(ALL) ALL' >/etc/sudoers.d/x")
                let changed = try node.scan().report.findings.filter { $0.class == "residue" }
                #expect(changed.map(\.technique) == ["node-file-changed-accounts"])
                #expect(changed.first?.severity == "medium" && changed.first?.pod == nil)
            }
        }

        /// The daemon tells of the act at once, with the content; what it left is no second alert, accuses nobody else, and
        /// is there until the file is gone, though its writer is first.
        @Test(arguments: ["v1", "v2"]) func installerByDaemon(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.succeed("mkdir", "-p", "/etc/cron.d")
                try node.startDaemon(configuration: "{api: {enabled: false}, scan: {period: 5s}}")
                let pod = try Self.installer(on: node)
                func entries(_ event: String, _ technique: String) throws -> [[String: String]] {
                    try node.journal().filter {
                        $0["BREAKOUTD_EVENT"] == event && $0["BREAKOUTD_TECHNIQUE"] == technique
                    }
                }
                try node.await("the act") { try !entries("raised", "node-file-written-cron").isEmpty }
                try node.pod(["bystander", "--mount", "/etc/cron.d:/cron.d"] + ExposureTests.quiet)
                try node.succeed("pod", "-s", SystemdNode.socket, "remove", pod.pod)
                try node.await("the end of the pod") {
                    try node.journal().contains {
                        $0["BREAKOUTD_EVENT"] == "cleared" && $0["BREAKOUTD_POD_UID"] == pod.uid
                    }
                }
                #expect(try entries("cleared", "node-file-written-cron").isEmpty)
                let acts = try entries("raised", "node-file-written-cron")
                #expect(acts.count == 1 && acts.first?["BREAKOUTD_CONTAINER_ID"] == pod.container)
                let hash = try Self.hash("/etc/cron.d/ssmstart", on: node)
                #expect(acts.first?["MESSAGE"]?.contains("sha256 \(hash)") == true, "\(acts)")
                try node.succeed("rm", "/etc/cron.d/ssmstart")
                try node.await("the end of what it left") { try !entries("cleared", "node-file-written-cron").isEmpty }
                #expect(try entries("raised", "node-file-changed-cron").isEmpty)
            }
        }
    }
}
