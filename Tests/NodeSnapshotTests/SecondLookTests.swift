import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct SecondLookTests {
    /// The quiet container's first process, child of a process that stands for `runc create` below the shim.
    private static let starting = Node.quiet.changing { node in
        node.tasks.insert(
            NodeTask(
                pid: 950, tid: 950, parent: 900, startTime: 5090, comm: "runc", namespaces: .host, credentials: .root,
                cgroup: 0, executable: "/usr/sbin/runc"), at: 2)
        node.tasks[4].parent = 950
        node.host.ticksSinceBoot = 5110
    }

    static let rows: [(name: String, isStarting: Bool, change: @Sendable (inout Node) -> Void)] = [
        ("runc starts it", true, { _ in }),
        ("a minute is over", false, { $0.host.ticksSinceBoot = 5090 + 6000 }),
        ("just not over", true, { $0.host.ticksSinceBoot = 5090 + 5999 }),
        (
            "an old parent makes new children", false,
            {
                $0.tasks[2].startTime = 100; $0.host.ticksSinceBoot = 9000
            }
        ),
        ("started after the scan began", true, { $0.host.ticksSinceBoot = 10 }),
        ("the age is not known", true, { $0.host.ticksSinceBoot = nil }),
        ("its parent is the shim", false, { $0.tasks[4].parent = 900 }),
        ("its parent is in a container", false, { $0.tasks[2].container = 0 }),
        ("its parent is not in the host's mounts", false, { $0.tasks[2].namespaces[.mount] = nil }),
        ("no shim", false, { $0.tasks[1].executable = "/usr/bin/bash" }),
    ]

    @Test(arguments: rows)
    func beingStarted(name: String, isStarting: Bool, change: @Sendable (inout Node) -> Void) {
        let node = Self.starting.changing(change)
        let key = TaskKey(pid: 4100, tid: 4100, startTime: 5100)
        #expect(NodeIndex(node).isBeingStarted(key) == isStarting, "\(name)")
    }
}
