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
    }
}
