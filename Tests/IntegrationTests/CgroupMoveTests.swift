import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// The daemon on a node with tracefs, and a pod that leaves its cgroup for less than a scan could see.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct CgroupMoveTests {
        /// Writes its own number to a group of its own making and back, and prints it.
        private static let visit = """
            set -e
            if grep -q ' /sys/fs/cgroup cgroup2 ' /proc/mounts; then
                tree=/sys/fs/cgroup controller=
            else
                # What the container has mounted begins at its own group.
                tree=/tree controller=pids
                mkdir $tree
                mount -t cgroup -o pids tree $tree
            fi
            own=$(grep ":$controller:" /proc/self/cgroup | cut -d: -f3)
            mkdir $tree/elsewhere
            echo $$ >$tree/elsewhere/cgroup.procs
            echo $$ >$tree$own/cgroup.procs
            rmdir $tree/elsewhere
            echo $$
            """

        @Test(arguments: ["v1", "v2"]) func outAndBackAtOnce(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let status = try node.run("breakoutd", "status", "--format", "json")
                #expect(status.status == 0 && status.text.contains("\"eventGaps\":[]"), "\(status.text)")
                // Whether functions can be probed is the machine's kernel's affair.
                #expect(!status.text.contains("cgroup_attach_task"), "\(status.text)")
                let pod = try node.pod("mover", "--privileged", "--host-pid")
                let exposures: Set = ["host-pid-namespace", "privileged"]
                try node.awaitJournal { exposures.isSubset(of: $0.compactMap { $0["BREAKOUTD_TECHNIQUE"] }) }
                let output = try Bench.succeed(
                    node.command(
                        "pod", "-s", SystemdNode.socket, "exec", pod.container, "--", "sh", "-c", Self.visit))
                let pid = output.text.trimmingCharacters(in: .whitespacesAndNewlines)
                let entries = try node.awaitJournal { entries in
                    entries.contains { $0["BREAKOUTD_TECHNIQUE"] == "left-pod-cgroup" }
                }
                let raised = entries.filter { $0["BREAKOUTD_EVENT"] == "raised" }
                let told = raised.filter { $0["BREAKOUTD_TECHNIQUE"] == "left-pod-cgroup" }
                #expect(told.map { $0["BREAKOUTD_PID"] } == [pid])
                #expect(told.first?["BREAKOUTD_POD_UID"] == pod.uid)
                #expect(told.first?["BREAKOUTD_CONTAINER_ID"] == pod.container)
                #expect(
                    Set(raised.compactMap { $0["BREAKOUTD_TECHNIQUE"] })
                        == exposures.union(["left-pod-cgroup"]))
            }
        }
    }
}
