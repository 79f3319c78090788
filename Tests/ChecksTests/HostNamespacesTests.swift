import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HostNamespacesTests {
    static let shared: [(check: String, kind: NamespaceKind, inode: UInt32)] = [
        ("host-pid-namespace", .pid, 4_026_531_836), ("host-network-namespace", .network, 4_026_531_840),
        ("host-ipc-namespace", .ipc, 4_026_531_839), ("host-uts-namespace", .uts, 4_026_531_838),
    ]

    @Test(arguments: shared)
    func askedForByThePod(id: String, kind: NamespaceKind, inode: UInt32) throws {
        let check = try #require(Check.named(id))
        let node = Node.quiet.sharingWithPod(kind)
        let evidence = check.found(node)
        #expect(evidence.map(\.container) == [0])
        #expect(evidence.map(\.declaration) == [.declaredByRuntime])
        #expect(evidence.map(\.detail) == ["ns/\(kind.rawValue) \(inode) is the host's"])
        #expect(evidence.first?.values["namespace"] == .number(Int64(inode)))
        #expect(evidence.first?.values["processes"] == .number(1))
        // Nobody left anything: no action is told as well.
        for other in Check.all where other.technique.findingClass == .action { #expect(other.found(node) == []) }
    }

    @Test(arguments: shared)
    func silentWhereTheRecordSaysOtherwise(id: String, kind: NamespaceKind, inode: UInt32) throws {
        let check = try #require(Check.named(id))
        let node = Node.quiet.changingTask { $0.namespaces[kind] = NamespaceID(rawValue: inode) }
        #expect(check.found(node) == [])
    }

    @Test(arguments: shared)
    func unknown(id: String, kind: NamespaceKind, inode: UInt32) throws {
        let check = try #require(Check.named(id))
        let node = Node.quiet.sharingWithPod(kind)
        #expect(check.found(node.changingContainer { $0.bundle = nil }).map(\.declaration) == [.unknown])
        #expect(check.found(node.changingEntry(kind, "/proc/7/ns/\(kind.rawValue)")).map(\.declaration) == [.unknown])
        #expect(check.found(node.changing { $0.host.reference = nil }) == [])
        #expect(check.found(node.changingTask { $0.namespaces[kind] = nil }) == [])
        #expect(check.found(node.changingTask { $0.isStarting = true }) == [])
        #expect(check.found(node.changing { $0.tasks.removeLast(2) }) == [])
    }

    /// `/proc/1/ns/…` in a record is a request for the host's.
    @Test(arguments: shared)
    func pathOfTheFirstProcess(id: String, kind: NamespaceKind, inode: UInt32) throws {
        let node = Node.quiet.sharingWithPod(kind).changingEntry(kind, "/proc/1/ns/\(kind.rawValue)")
        #expect(try #require(Check.named(id)).found(node).map(\.declaration) == [.declaredByRuntime])
    }

    static let tracing: [(name: String, capabilities: CapabilitySet, weight: Weight)] = [
        ("defaults", .runtimeDefault, .partial),
        ("ptrace", CapabilitySet.named(["SYS_PTRACE"]).set, .rootEquivalent),
        ("admin", CapabilitySet.named(["SYS_ADMIN"]).set, .rootEquivalent),
    ]

    @Test(arguments: tracing)
    func rightToTrace(name: String, capabilities: CapabilitySet, weight: Weight) {
        let node = Node.quiet.sharingWithPod(.pid).changingTask { $0.credentials?.effective = capabilities }
        #expect(Check.hostPIDNamespace.found(node).map(\.weight) == [weight])
        // In a user namespace of its own the right reaches no process of the node.
        #expect(Check.hostPIDNamespace.found(node.withUserNamespace()).map(\.weight) == [.partial])
    }

    /// Another sandbox with the pod's uid changes nothing about what the pod's own says.
    @Test func secondSandbox() {
        let node = Node.quiet.sharingWithPod(.pid).changing { node in
            var second = node.containers[1]
            (second.id, second.initPID) = (String(repeating: "e5", count: 32), nil)
            second.sandboxID = second.id
            second.bundle = .quietSandbox
            node.containers.append(second)
            // Its own first process is gone: the record has to tell.
            node.tasks[2].container = nil
            node.tasks[2].namespaces = NamespaceSet()
        }
        #expect(NodeIndex(node).sandbox(of: 0) == 1)
        #expect(Check.hostPIDNamespace.found(node).map(\.declaration) == [.declaredByRuntime])
    }

    static let bySandbox = [Check.hostPIDNamespace, .hostNetworkNamespace, .hostIPCNamespace]

    /// What a sandbox shares that no container of its pod uses is its own.
    @Test(arguments: bySandbox)
    func sandboxOfNobody(check: Check) throws {
        let node = Node.quiet.addingSandbox()
        #expect(check.found(node).map(\.container) == [2])
        #expect(check.found(node.changing { $0.host.ticksSinceBoot = 6000 + 5999 }) == [])
        #expect(check.found(node.changing { $0.tasks.removeLast() }) == [])
        // A container of its own does not hide it.
        let used = node.changing { node in
            var container = node.containers[0]
            (container.id, container.sandboxID, container.initPID) = ("f6", QuietIDs.secondSandbox, nil)
            node.containers.append(container)
        }
        #expect(check.found(used).map(\.container) == [2])
        // The pod's specification does not speak for it.
        let known = try node.declaring(spec: #""hostPID": true, "hostNetwork": true, "hostIPC": true"#)
        let index = NodeIndex(known)
        #expect(check.evidence(index).map { check.declaration(of: $0, in: index) } == [.unknown])
    }

    /// A pod whose container has only its cgroup to tell of it is in its one sandbox all the same.
    @Test func sandboxOfAContainerWithoutARecord() {
        let node = Node.quiet.sharingWithPod(.pid).changing { node in
            node.host.ticksSinceBoot = 3600 * 100
            (node.containers[0].sandboxID, node.containers[0].bundle) = (nil, nil)
        }
        #expect(Check.hostPIDNamespace.found(node).map(\.container) == [0])
    }

    /// A first process whose main thread has ended shows its namespaces by another thread alone.
    @Test(arguments: [
        (NamespaceKind.pid, Check.hostPIDNamespace), (.network, .hostNetworkNamespace), (.ipc, .hostIPCNamespace),
    ])
    func endedMainThread(kind: NamespaceKind, check: Check) {
        let node = Node.quiet.sharingWithPod(kind).changingTask {
            $0.isExiting = true
            $0.namespaces = NamespaceSet()
        }
        #expect(check.found(node).map { $0.task?.tid } == [4101])
        #expect(check.found(node.changing { $0.tasks[4].isExiting = true }) == [])
    }

    /// containerd gives a hostNetwork sandbox the host's UTS namespace too.
    @Test func utsNamespaceOfAHostNetworkPod() {
        let node = Node.quiet.sharingWithPod(.network).sharingWithPod(.uts)
        #expect(Check.hostUTSNamespace.found(node) == [])
        #expect(Check.hostNetworkNamespace.found(node).count == 1)
        #expect(Check.enteredHostUTSNamespace.found(node) == [])
    }

    static let cgroup = Node.quiet.changingTask { $0.namespaces[.cgroup] = NamespaceSet.host[.cgroup] }
        .changingEntry(.cgroup, nil, remove: true)
    static let cgroups: [(name: String, node: Node, declarations: [Declaration])] = [
        ("version 2", cgroup, [.declaredByRuntime]),
        ("version 1", cgroup.changing { $0.host.cgroupVersion = 1 }, []),
        ("version not known", cgroup.changing { $0.host.cgroupVersion = nil }, []),
        ("privileged", cgroup.privileged(), []),
        ("no record", cgroup.changingContainer { $0.bundle = nil }, [.unknown]),
        ("a sandbox without containers", lonelySandbox, []),
    ]

    /// What is left of a pod whose containers wait to be started again.
    private static let lonelySandbox = Node.quiet.changing { node in
        node.containers.remove(at: 0)
        node.tasks.removeLast(2)
        node.tasks[2].container = 0
        node.tasks[2].namespaces[.cgroup] = NamespaceSet.host[.cgroup]
        node.containers[0].bundle?.namespaces.removeAll { $0.kind == .cgroup }
        node.host.ticksSinceBoot = 1_000_000
    }

    @Test(arguments: cgroups)
    func cgroupNamespace(name: String, node: Node, declarations: [Declaration]) {
        #expect(Check.hostCgroupNamespace.found(node).map(\.declaration) == declarations)
    }

    static let users: [(name: String, node: Node, told: [Told])] = [
        ("own", Node.quiet.withUserNamespace(), []),
        (
            "against the record",
            Node.quiet.withUserNamespace().changingTask { $0.namespaces[.user] = NamespaceSet.host[.user] },
            [Told(.undeclared, nil, "pid 4100 (web): ns/user 4026531837 is the host's")]
        ),
        (
            "starting",
            Node.quiet.withUserNamespace().changingTask {
                $0.namespaces[.user] = NamespaceSet.host[.user]
                $0.isStarting = true
            }, []
        ),
        ("not read", Node.quiet.withUserNamespace().changingTask { $0.namespaces[.user] = nil }, []),
    ]

    @Test(arguments: users)
    func userNamespace(name: String, node: Node, told: [Told]) {
        #expect(Check.hostUserNamespace.told(node) == told)
    }
}
