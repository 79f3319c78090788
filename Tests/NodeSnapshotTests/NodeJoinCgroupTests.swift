import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

/// Processes that have moved to the cgroup of another container, and nowhere else.
@Suite struct NodeJoinCgroupTests {
    /// Another pod, its first process 6000 and a child of that, as it was made.
    private static let otherPod = Node.unjoined.changing { node in
        let namespaces = NamespaceSet([.mount: 4_026_532_700, .pid: 4_026_532_701, .network: 4_026_532_702])
        node.cgroups.append(
            CgroupPlacement(memberships: [], owner: .container(ContainerPlace(containerID: QuietIDs.stray))))
        node.containers.append(
            Container(
                id: QuietIDs.stray, runtime: .containerd, kind: .container,
                sandboxID: String(repeating: "d4", count: 32),
                pod: PodIdentity(namespace: "shop", name: "db-0", uid: "7c1e2c0a"), initPID: 6000))
        // Its root file system tells whose the mount namespace is.
        let root = Mount(
            id: 990, parentID: 24, device: DeviceNumber(major: 0, minor: 511), root: "/",
            mountPoint: "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(QuietIDs.stray)/rootfs",
            fileSystemType: "overlay", source: "overlay")
        node.host.mounts.append(root)
        var inside = root
        inside.mountPoint = "/"
        node.mountTables.append(
            MountTable(namespace: NamespaceID(rawValue: 4_026_532_700), pid: 6000, mounts: [inside]))
        for (pid, parent) in [(6000, 900), (6001, 6000)] as [(Int32, Int32)] {
            var task = node.tasks[1]
            (task.pid, task.tid, task.parent, task.cgroup, task.namespaces) = (pid, pid, parent, 3, namespaces)
            node.tasks.append(task)
        }
    }

    static let moved: [(name: String, pid: Int32, change: @Sendable (inout NodeTask) -> Void, isMoved: Bool)] = [
        ("child", 6001, { $0.cgroup = 2 }, true),
        ("first process", 6000, { $0.cgroup = 2 }, true),
        ("without parents", 6001, { ($0.cgroup, $0.parent) = (2, 900) }, true),
        ("a process of the victim's that entered", 6001, { ($0.cgroup, $0.parent) = (2, 4100) }, false),
        (
            "one that entered and lost its parents", 6001,
            {
                ($0.cgroup, $0.parent) = (2, 900)
                $0.namespaces[.pid] = NamespaceID(rawValue: 4_026_532_601)
            }, false
        ),
    ]

    /// A process is its origin's, whatever group it moves to; and one that enters a mount namespace stays who it was.
    @Test(arguments: moved)
    func movedToAnotherPodsCgroup(
        name: String, pid: Int32, change: @Sendable (inout NodeTask) -> Void, isMoved: Bool
    ) throws {
        let node = Self.otherPod.changing { node in
            for index in node.tasks.indices where node.tasks[index].pid == pid { change(&node.tasks[index]) }
        }.joined()
        let task = try #require(node.tasks.first { $0.pid == pid })
        #expect(task.container.map { node.containers[$0].id } == (isMoved ? QuietIDs.stray : QuietIDs.container))
        #expect(task.attribution == (isMoved ? .mountNamespace : .cgroup))
    }

    /// A process of one container in the cgroup of another of its pod.
    @Test(arguments: [4_026_532_601, 4_026_532_801, nil] as [UInt32?])
    func movedToASiblingsCgroup(pid: UInt32?) throws {
        let sibling = QuietIDs.stray
        let node = Node.withTask { task in
            task.namespaces[.mount] = NamespaceID(rawValue: 4_026_532_600)
            task.namespaces[.pid] = pid.map(NamespaceID.init(rawValue:))
            task.cgroup = 3
        }.changing { node in
            node.cgroups.append(
                CgroupPlacement(memberships: [], owner: .container(ContainerPlace(containerID: sibling))))
            var container = node.containers[0]
            (container.id, container.name, container.initPID) = (sibling, "side", 6000)
            node.containers.append(container)
            var first = node.tasks[1]
            (first.pid, first.tid, first.cgroup) = (6000, 6000, 3)
            (first.namespaces[.mount], first.namespaces[.pid]) = (
                NamespaceID(rawValue: 4_026_532_800), NamespaceID(rawValue: 4_026_532_801)
            )
            node.tasks.insert(first, at: node.tasks.count - 1)
        }
        let owner = try node.ownerOfLastTask()
        // Where nothing tells, the cgroup is the likelier to have been changed.
        let isMoved = pid != 4_026_532_801
        #expect(owner.id == (isMoved ? QuietIDs.container : sibling))
        #expect(owner.attribution == (isMoved ? .mountNamespace : .cgroup))
    }
}
