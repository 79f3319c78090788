import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

/// What cannot be told of a node by what was read.
@Suite struct NodeJoinGapsTests {
    /// What is mounted outside of the roots of all tasks matters where these are a container's, and is told once.
    @Test func partialMountTables() {
        let partial = Node.unjoined.changing { node in
            node.mountTables[0].isPartial = true
            node.mountTables.append(MountTable(namespace: Node.serviceMounts, pid: 700, mounts: [], isPartial: true))
        }
        let reason = "no task of the mount namespace has its root: mounts outside of theirs are not seen"
        let gap = Gap(kind: .mounts, reason: reason, examples: ["pid 4100"])
        #expect(partial.joined().gaps == [gap])
        #expect(partial.joined().joined().gaps == [gap])
        let whole = partial.joined().changing { $0.mountTables[0].isPartial = nil }
        #expect(whole.joined().gaps == [])
    }

    /// Which containers a gap names; `nil` for none.
    static let foreignProcs: [(name: String, hidden: [String]?, change: @Sendable (inout Node) -> Void)] = [
        ("the node's own", nil, { _ in }),
        ("none of them", both, { $0.tasks.removeSubrange(2...) }),
        ("one of them", nil, { $0.tasks.removeSubrange(3...) }),
        (
            "other processes of the same ids", both,
            { node in for index in 2...4 { (node.tasks[index].cgroup, node.tasks[index].namespaces) = (0, .host) } }
        ),
        (
            "the kernel's own threads", nil,
            { node in
                node.tasks.removeSubrange(2...)
                var task = node.tasks[1]
                (task.pid, task.tid, task.parent, task.isKernelThread) = (2, 2, 0, true)
                node.tasks.insert(task, at: 1)
            }
        ),
        (
            "PID 2 that is no kernel thread", both,
            { node in
                node.tasks.removeSubrange(2...)
                (node.tasks[1].pid, node.tasks[1].tid, node.tasks[1].parent) = (2, 2, 0)
            }
        ),
        ("no process at all", nil, { $0.tasks = [] }),
        (
            "nothing started", nil,
            { node in
                node.tasks.removeSubrange(2...)
                for index in node.containers.indices { node.containers[index].initPID = nil }
            }
        ),
        (
            "nothing started, and another program than a node begins with", [],
            { node in
                node.tasks.removeSubrange(2...)
                node.tasks[0].comm = "pause"
                for index in node.containers.indices { node.containers[index].initPID = nil }
            }
        ),
        ("no container, and another program than a node begins with", [], { $0 = alone("breakoutd") }),
        ("no container", nil, { $0 = alone("systemd") }),
    ]

    private static let both = [QuietIDs.container, QuietIDs.sandbox]

    /// A node with one process and no container.
    private static func alone(_ comm: String) -> Node {
        Node.unjoined.changing { node in
            node.tasks.removeSubrange(1...)
            node.tasks[0].comm = comm
            node.containers = []
        }
    }

    /// A `/proc` of another PID namespace hides every container of the node.
    @Test(arguments: foreignProcs)
    func foreignProc(name: String, hidden: [String]?, change: @Sendable (inout Node) -> Void) {
        let node = Node.unjoined.changing(change).joined()
        let gaps = hidden.map { ids in
            [
                Gap(
                    kind: .reference, reason: "this /proc does not show the node's processes", count: max(1, ids.count),
                    examples: ids)
            ]
        }
        #expect(node.gaps.filter { $0.kind == .reference } == gaps ?? [])
        // What its PID 1 is in is compared with nothing.
        #expect((node.host.reference == nil) == (hidden != nil))
        #expect(node.joined().gaps == node.gaps)
    }

    @Test func pathsThatDoNotTell() {
        let node = Node.withTask { $0.cgroup = 3 }.changing {
            $0.cgroups.append(CgroupPlacement(memberships: [], owner: .unknown))
        }
        let gap = Gap(
            kind: .cgroup, reason: "the path is relative to a place that is not known", examples: ["pid 5000"])
        #expect(node.joined().gaps == [gap])
        #expect(node.joined().joined().gaps == [gap])
    }

    /// A container's files, and no record, cgroup or file of a pod tells whose.
    @Test(arguments: [6000, 5999] as [UInt64]) func filesOfAnUnknownContainer(age: UInt64) {
        let node = Node.withTask { task in
            (task.startTime, task.namespaces[.mount]) = (7000, NamespaceID(rawValue: 77))
        }.changing { node in
            node.host.ticksSinceBoot = 7000 + age
            let root = Mount(
                id: 1, parentID: 0, device: DeviceNumber(major: 0, minor: 99), root: "/", mountPoint: "/",
                fileSystemType: "overlay", source: "overlay",
                superOptions: ["rw", "lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1"])
            node.mountTables.append(MountTable(namespace: NamespaceID(rawValue: 77), pid: 5000, mounts: [root]))
        }
        let gap = Gap(
            kind: .container, reason: "a process has a container's files, and nothing tells whose",
            examples: ["pid 5000"])
        #expect(node.joined().gaps == (age < 6000 ? [] : [gap]))
        #expect(node.joined().joined().gaps == node.joined().gaps)
    }
}
