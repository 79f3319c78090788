import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct NodeJoinMovedTests {
    private static let tool = String(repeating: "c3", count: 32)
    private static let toolSandbox = String(repeating: "d4", count: 32)

    /// The quiet node with a second pod in the node's PID namespace: shim 800, pause 7000, first process 7100, and 7200,
    /// which that has made and which is a child of the shim.
    private static let twoPods = Node.unjoined.changing { node in
        let pod = PodIdentity(namespace: "ops", name: "tool-0", uid: "7c1e2c0a")
        var container = node.containers[0]
        (container.id, container.sandboxID, container.pod) = (tool, toolSandbox, pod)
        (container.initPID, container.rootDevice) = (7100, nil)
        container.bundle?.namespaces.removeAll { $0.kind == .pid }
        var sandbox = node.containers[1]
        (sandbox.id, sandbox.sandboxID, sandbox.pod, sandbox.initPID) = (toolSandbox, toolSandbox, pod, 7000)
        sandbox.bundle?.namespaces.removeAll { $0.kind == .pid }
        node.containers += [container, sandbox]
        for id in [tool, toolSandbox] {
            let line = CgroupMembership(hierarchy: 0, controllers: [], path: QuietIDs.path(id))
            node.cgroups.append(
                CgroupPlacement(memberships: [line], owner: .container(ContainerPlace(containerID: id))))
        }
        func add(_ pid: Int32, _ parent: Int32, _ cgroup: Int, _ mount: UInt32) {
            var task = node.tasks[1]
            (task.pid, task.tid, task.parent, task.cgroup, task.executable) = (pid, pid, parent, cgroup, "/bin/tool")
            task.namespaces[.mount] = NamespaceID(rawValue: mount)
            for (number, kind) in [NamespaceKind.network, .ipc, .uts].enumerated() {
                task.namespaces[kind] = NamespaceID(rawValue: 4_026_532_702 + UInt32(number))
            }
            node.tasks.append(task)
        }
        var shim = node.tasks[1]
        (shim.pid, shim.tid) = (800, 800)
        node.tasks.append(shim)
        add(7000, 800, 4, 4_026_532_699)
        add(7100, 800, 3, 4_026_532_700)
        add(7200, 800, 3, 4_026_532_700)
    }

    private static let stray = String(repeating: "e5", count: 32)

    /// Makes a group that has a container's name, and that no runtime has a record of.
    private static func addGroup(_ node: inout Node) -> Int {
        let line = CgroupMembership(hierarchy: 0, controllers: [], path: "/\(stray)")
        node.cgroups.append(
            CgroupPlacement(memberships: [line], owner: .container(ContainerPlace(containerID: stray))))
        return node.cgroups.count - 1
    }

    private static func enter(_ task: inout NodeTask, _ kinds: [NamespaceKind]) {
        let quiet = Node.quiet.tasks[3].namespaces
        for kind in kinds { task.namespaces[kind] = quiet[kind] }
    }

    /// What the process that 7200 is has done, and whose it is then.
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var owner: String
        var attribution: NodeTask.Attribution
        var change: @Sendable (inout Node, _ position: Int) -> Void

        init(
            _ name: String, _ owner: String, _ attribution: NodeTask.Attribution,
            _ change: @escaping @Sendable (inout Node, Int) -> Void
        ) {
            (testDescription, self.owner, self.attribution, self.change) = (name, owner, attribution, change)
        }
    }

    static let rows: [Row] = [
        Row("nothing", tool, .cgroup) { _, _ in },
        Row("moved to the quiet pod's cgroup", tool, .mountNamespace) { $0.tasks[$1].cgroup = 2 },
        Row("and its parents are gone", tool, .mountNamespace) { node, position in
            (node.tasks[position].cgroup, node.tasks[position].parent) = (2, 1)
        },
        Row("moved and entered", tool, .ancestry) { node, position in
            node.tasks[position].cgroup = 2
            enter(&node.tasks[position], [.mount, .network, .ipc, .uts])
        },
        Row("moved and entered, as a child of the container's", tool, .ancestry) { node, position in
            (node.tasks[position].cgroup, node.tasks[position].parent) = (2, 7100)
            enter(&node.tasks[position], [.mount, .network, .ipc, .uts])
        },
        Row("moved and entered, and its parents are gone", QuietIDs.container, .cgroup) { node, position in
            (node.tasks[position].cgroup, node.tasks[position].parent) = (2, 1)
            enter(&node.tasks[position], [.mount, .network, .ipc, .uts])
        },
        Row("the same in the PID namespace of its own pod", tool, .ancestry) { node, position in
            for index in node.tasks.indices where [7100, 7200].contains(node.tasks[index].pid) {
                node.tasks[index].namespaces[.pid] = NamespaceID(rawValue: 4_026_532_701)
            }
            (node.tasks[position].cgroup, node.tasks[position].parent) = (2, 1)
            enter(&node.tasks[position], [.mount, .network, .ipc, .uts])
        },
        Row("moved and entered, by a shim of both pods", QuietIDs.container, .cgroup) { node, position in
            node.tasks[3].parent = 800
            node.tasks[position].cgroup = 2
            enter(&node.tasks[position], [.mount, .network, .ipc, .uts])
        },
        Row("moved and entered, by a shim whose program is not known", QuietIDs.container, .cgroup) { node, position in
            for index in node.tasks.indices where node.tasks[index].pid == 800 { node.tasks[index].executable = nil }
            node.tasks[position].cgroup = 2
            enter(&node.tasks[position], [.mount, .network, .ipc, .uts])
        },
        Row("entered alone", tool, .cgroup) { enter(&$0.tasks[$1], [.mount]) },
        Row("entered, and left for a service's cgroup", tool, .ancestry) { node, position in
            node.tasks[position].cgroup = 0
            enter(&node.tasks[position], [.mount])
        },
        Row("by the quiet pod's record it is the first process", QuietIDs.container, .cgroup) { node, position in
            node.containers[0].initPID = 7200
            node.tasks[position].cgroup = 2
        },
        Row("by an old record it is another's first process", tool, .cgroup) { node, _ in
            node.containers[0].initPID = 7200
        },
        Row("a process of the quiet pod moved and entered", QuietIDs.container, .ancestry) { node, position in
            node.tasks[position].parent = 900
            enter(&node.tasks[position], [.pid])
        },
        Row("of the node, in the mounts of one and the cgroup of another", tool, .mountNamespace) { node, position in
            for index in node.containers.indices where [7000, 7100].contains(node.containers[index].initPID) {
                node.containers[index].bundle?.namespaces.append(BundleNamespace(kind: .pid))
            }
            (node.tasks[position].cgroup, node.tasks[position].parent) = (2, 1)
        },
        Row("the same in the other namespaces of the latter", QuietIDs.container, .cgroup) { node, position in
            for index in node.containers.indices where [7000, 7100].contains(node.containers[index].initPID) {
                node.containers[index].bundle?.namespaces.append(BundleNamespace(kind: .pid))
            }
            (node.tasks[position].cgroup, node.tasks[position].parent) = (2, 1)
            enter(&node.tasks[position], [.network, .ipc, .uts])
        },
        Row("moved to a group named like a container", tool, .mountNamespace) { node, position in
            node.tasks[position].cgroup = addGroup(&node)
        },
        Row("and its parents are gone, from there", tool, .mountNamespace) { node, position in
            (node.tasks[position].cgroup, node.tasks[position].parent) = (addGroup(&node), 1)
        },
        // As docker in docker, whose containers have mounts of their own.
        Row("made by the pod, in such a group and in mounts of its own", stray, .cgroup) { node, position in
            (node.tasks[position].cgroup, node.tasks[position].parent) = (addGroup(&node), 7100)
            node.tasks[position].namespaces[.mount] = NamespaceID(rawValue: 4_026_532_900)
        },
        // As from the services of a node that is a container itself.
        Row("come from such a group into the pod's mounts", stray, .cgroup) { node, position in
            let group = addGroup(&node)
            for index in node.tasks.indices where node.tasks[index].pid == 1 { node.tasks[index].cgroup = group }
            (node.tasks[position].cgroup, node.tasks[position].parent) = (group, 1)
        },
        Row("in the group of a container whose record has no process", stray, .cgroup) { node, position in
            node.tasks[position].cgroup = addGroup(&node)
            node.containers.append(Container(id: stray, runtime: .containerd, runtimeNamespace: "k8s.io"))
        },
        Row("parents in a loop", QuietIDs.container, .cgroup) { node, position in
            (node.tasks[position].cgroup, node.tasks[position].parent) = (2, 7200)
            enter(&node.tasks[position], [.mount, .network, .ipc, .uts])
        },
    ]

    /// Whoever moves into a victim's groups and namespaces is not told as the victim.
    @Test(arguments: rows) func betweenPods(_ row: Row) throws {
        var node = Self.twoPods.changing { $0.tasks.sortByProcess() }
        let position = try #require(node.tasks.firstIndex { $0.pid == 7200 })
        row.change(&node, position)
        // A child is its parent's, whatever its own signs are.
        var child = node.tasks[position]
        (child.pid, child.tid, child.parent) = (7300, 7300, 7200)
        node.tasks.append(child)
        NodeJoin.join(&node)
        for pid in [7200, 7300] as [Int32] {
            let task = try #require(node.tasks.first { $0.pid == pid })
            #expect(task.container.map { node.containers[$0].id } == row.owner, "\(pid)")
        }
        #expect(node.tasks[position].attribution == row.attribution)
        for (pid, owner) in [(4000, QuietIDs.sandbox), (4100, QuietIDs.container), (7100, Self.tool)] {
            let task = try #require(node.tasks.first { $0.pid == pid })
            #expect(task.container.map { node.containers[$0].id } == owner && task.attribution == .cgroup)
        }
        let joined = node
        NodeJoin.join(&node)
        #expect(node == joined)
    }

    /// The container's process in the cgroup of its sibling, or of their sandbox, where all share the sandbox's PID
    /// namespace, and pause has become its parent.
    @Test(arguments: [3, 1]) func withSharedProcesses(cgroup: Int) {
        var node = Node.unjoined.changing { node in
            let line = CgroupMembership(hierarchy: 0, controllers: [], path: QuietIDs.path(Self.tool))
            node.cgroups.append(
                CgroupPlacement(memberships: [line], owner: .container(ContainerPlace(containerID: Self.tool))))
            var sibling = node.containers[0]
            (sibling.id, sibling.name, sibling.initPID, sibling.rootDevice) = (Self.tool, "side", 6000, nil)
            node.containers.append(sibling)
            var first = node.tasks[3]
            (first.pid, first.tid, first.cgroup) = (6000, 6000, 3)
            first.namespaces[.mount] = NamespaceID(rawValue: 4_026_532_800)
            var moved = node.tasks[3]
            (moved.pid, moved.tid, moved.parent, moved.cgroup) = (6100, 6100, 4000, cgroup)
            node.tasks += [first, moved]
            for index in 3..<node.tasks.count { node.tasks[index].namespaces[.pid] = node.tasks[2].namespaces[.pid] }
        }
        NodeJoin.join(&node)
        #expect(node.tasks.dropFirst(2).map(\.container) == [1, 0, 0, 2, 0])
        #expect(node.tasks.last?.attribution == .mountNamespace)
    }
}
