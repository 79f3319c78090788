import BenchSupport
import Testing

extension RealContainers {
    /// Containers whose own first process breaks out and has ended before any scan can come to them.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct FirstProcessTests {
        private static let escape = ["nsenter", "--mount=/proc/1/ns/mnt", "--", "/bin/true"]

        /// Each is told with its pod and container; also of one that first hides in a group of the node's.
        @Test(arguments: ["v1", "v2"]) func endsAtOnce(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try node.restart()
                let names = (1...10).map { "quick-\($0)" }
                let options = ["--host-pid", "--privileged", "--"]
                let pods = try node.pods(
                    names.map { [$0] + options + Self.escape }
                        + [["hidden", "--mount", "/sys/fs/cgroup:/groups"] + options + ["sh", "-c", Self.hidden]])
                let containers = Set(pods.map(\.container))
                let entries = try node.awaitJournal { Self.told($0) == containers }
                let wrong = entries.filter {
                    ["action", "residue"].contains($0["BREAKOUTD_CLASS"])
                        && !containers.contains($0["BREAKOUTD_CONTAINER_ID"] ?? "")
                }
                #expect(wrong.compactMap { $0["MESSAGE"] } == [])
                try node.succeed(["pod", "-s", SystemdNode.socket, "remove"] + pods.map(\.pod))
            }
        }

        private static let hidden = """
            for groups in /groups/cgroup.procs /groups/*/cgroup.procs; do
                [ ! -w "$groups" ] || echo $$ >"$groups" || true
            done
            exec \(escape.joined(separator: " "))
            """

        private static func told(_ entries: [[String: String]]) -> Set<String> {
            Set(
                entries.filter { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" }
                    .compactMap { $0["BREAKOUTD_CONTAINER_ID"] })
        }
    }
}
