import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

/// Processes of containers that nothing but their parent, a shim, tells.
@Suite struct ShimChildrenTests {
    /// The quiet node with a process that is the shim's child, in the host's mount namespace and in no container's
    /// cgroup.
    private static let escaped = Node.quiet.changing { node in
        node.cgroups.append(
            CgroupPlacement(
                memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: "/")], owner: .host))
        var namespaces = node.tasks[3].namespaces
        namespaces[.mount] = node.host.reference?.namespaces[.mount]
        node.tasks.append(
            NodeTask(
                pid: 5000, tid: 5000, parent: 900, startTime: 6000, comm: "sleep", namespaces: namespaces,
                credentials: .root, cgroup: 3, executable: "/bin/sleep"))
        node.host.ticksSinceBoot = 6000 + 6000
    }

    static let rows: [(name: String, isFound: Bool, change: @Sendable (inout Node) -> Void)] = [
        ("left everything", true, { _ in }),
        ("young", true, { $0.host.ticksSinceBoot = 6000 + 5999 }),
        ("the age is not known", true, { $0.host.ticksSinceBoot = nil }),
        (
            "young, in the shim's cgroup: the runtime's", false,
            { node in
                node.tasks[5].cgroup = node.tasks[1].cgroup
                node.host.ticksSinceBoot = 6000 + 5999
            }
        ),
        ("in the shim's cgroup", true, { $0.tasks[5].cgroup = $0.tasks[1].cgroup }),
        ("ends", false, { node in (node.tasks[5].isExiting, node.tasks[5].namespaces) = (true, NamespaceSet()) }),
        (
            "a logger, in the shim's cgroup and namespaces", false,
            { node in
                node.tasks[5].cgroup = node.tasks[1].cgroup
                node.tasks[5].namespaces = .host
            }
        ),
        ("in the host's namespaces, out of the shim's cgroup", true, { $0.tasks[5].namespaces = .host }),
        ("a virtual machine's shim", false, { $0.tasks[1].executable = "/usr/bin/containerd-shim-kata-v2" }),
        ("another parent", false, { $0.tasks[5].parent = 1 }),
    ]

    @Test(arguments: rows)
    func attribution(name: String, isFound: Bool, change: @Sendable (inout Node) -> Void) {
        var node = Self.escaped.changing(change)
        NodeJoin.join(&node)
        #expect(node.tasks[5].container == (isFound ? 0 : nil), "\(name)")
        #expect(node.tasks[5].attribution == (isFound ? .ancestry : nil), "\(name)")
    }

    /// The record that names it as its container's first process tells which of the pod's containers it is of; one of
    /// another pod does not.
    @Test(arguments: [(false, QuietIDs.container), (true, QuietIDs.sandbox)])
    func firstProcess(isOfAnotherPod: Bool, expected: String) throws {
        var node = Self.escaped.changing { node in
            guard let main = node.containers.firstIndex(where: { $0.id == QuietIDs.container }) else { return }
            node.tasks.removeAll { $0.container == main }
            node.containers[main].initPID = 5000
            if isOfAnotherPod { node.containers[main].sandboxID = QuietIDs.secondSandbox }
        }
        NodeJoin.join(&node)
        let container = try #require(node.tasks.last { $0.pid == 5000 }?.container)
        #expect(node.containers[container].id == expected)
    }
}
