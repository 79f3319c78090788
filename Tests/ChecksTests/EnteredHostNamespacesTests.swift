import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct EnteredHostNamespacesTests {
    static let kinds: [(check: String, kind: NamespaceKind)] = [
        ("entered-host-mount-namespace", .mount), ("entered-host-pid-namespace", .pid),
        ("entered-host-network-namespace", .network), ("entered-host-ipc-namespace", .ipc),
        ("entered-host-uts-namespace", .uts), ("entered-host-cgroup-namespace", .cgroup),
    ]

    private static func inHost(_ kind: NamespaceKind, task: Int = 4) -> Node {
        .quiet.changing { $0.tasks[task].namespaces[kind] = NamespaceSet.host[kind] }
    }

    @Test(arguments: kinds)
    func process(id: String, kind: NamespaceKind) throws {
        let evidence = try #require(Check.named(id)).found(Self.inHost(kind, task: 3))
        let host = try #require(NamespaceSet.host[kind])
        // The sandbox's namespace is the pod's own where the first process has left it.
        let own = try #require(Node.quiet.tasks[2].namespaces[kind])
        #expect(evidence.map(\.container) == [0])
        #expect(evidence.map(\.declaration) == [.undeclared])
        #expect(
            evidence.map(\.detail) == [
                "pid 4100 (web), child of pid 900 (containerd-shim): ns/\(kind.rawValue) \(host) is the host's; "
                    + "the pod's own is \(own)"
            ])
        #expect(
            evidence.first?.values == [
                "namespace": .number(Int64(host.rawValue)), "tasks": .number(1), "thread": .flag(false),
                "ownNamespace": .number(Int64(own.rawValue)),
            ])
    }

    @Test(arguments: kinds)
    func threadAlone(id: String, kind: NamespaceKind) throws {
        let evidence = try #require(Check.named(id)).found(Self.inHost(kind))
        #expect(evidence.map { $0.task?.tid } == [4101])
        #expect(evidence.first?.values["thread"] == .flag(true))
        #expect(evidence.first?.detail.hasPrefix("tid 4101 of pid 4100 (web-worker), child of pid 900") == true)
    }

    @Test(arguments: kinds)
    func saysNothing(id: String, kind: NamespaceKind) throws {
        let check = try #require(Check.named(id))
        let node = Self.inHost(kind)
        #expect(check.found(node.changing { $0.tasks[4].isStarting = true }) == [])
        #expect(check.found(node.changing { $0.tasks[4].namespaces[kind] = nil }) == [])
        #expect(check.found(node.changing { $0.host.reference?.namespaces[kind] = nil }) == [])
        #expect(check.found(node.changing { $0.tasks[4].container = nil }) == [])
    }

    /// Without a record its sandbox's tells of what is the whole pod's, and nobody may ask for the mount namespace.
    @Test(arguments: kinds)
    func withoutARecord(id: String, kind: NamespaceKind) throws {
        let check = try #require(Check.named(id))
        let node = Self.inHost(kind).changingContainer { $0.bundle = nil }
        let isOfPod = [.network, .ipc, .uts].contains(kind)
        #expect(check.found(node).map(\.declaration) == (kind == .mount || isOfPod ? [.undeclared] : []))
        let unknown = node.changingSandbox { $0.bundle = nil }
        #expect(check.found(unknown).map(\.declaration) == (kind == .mount ? [.undeclared] : []))
    }

    /// A record that was made for the host's namespace is an exposure, no entry.
    @Test(arguments: kinds.filter { $0.kind != .mount })
    func declared(id: String, kind: NamespaceKind) throws {
        #expect(try #require(Check.named(id)).found(Node.quiet.sharingWithPod(kind)) == [])
    }

    /// A task that has made its children the node's processes has a foot in the door.
    @Test func pidNamespaceForChildren() {
        let node = Node.quiet.changing {
            $0.tasks[4].namespaces[.pidForChildren] = NamespaceSet.host[.pidForChildren]
        }
        #expect(Check.enteredHostPIDNamespace.found(node).map { $0.task?.tid } == [4101])
    }

    /// A path that names a network plugin's namespace does not declare the host's.
    @Test func pluginNamespace() {
        let node = Self.inHost(.network, task: 2)
        #expect(Check.enteredHostNetworkNamespace.found(node).map(\.container) == [1])
    }

    private static let inService = Node.quiet.changing { $0.tasks[4].namespaces[.mount] = Node.serviceMounts }

    /// What was made from the host's mount namespace is the node's as well; nothing is known of one that was not read.
    @Test func mountNamespaceMadeFromTheHosts() {
        let entered = "tid 4101 of pid 4100 (web-worker), child of pid 900 (containerd-shim): ns/mnt 4026532300 is "
        let own = "; the pod's own is 4026532600"
        let check = Check.enteredHostMountNamespace
        #expect(check.found(Self.inService) == [])
        #expect(
            check.found(Self.inService.withService()).map(\.detail) == [
                entered + "that of pid 700 (systemd-logind), a process of the node" + own
            ])
        let copy = Self.inService.withService().changing { $0.tasks.removeLast() }
        #expect(check.found(copy).map(\.detail) == [entered + "made from the host's" + own])
        #expect(check.found(copy).first?.values["namespace"] == .number(4_026_532_300))
        let elsewhere = copy.changing { $0.mountTables[1].mounts[0].root = "/var/lib/machines" }
        #expect(check.found(elsewhere) == [])
    }

    @Test func mainThreadIsShownFirst() {
        let node = Self.inHost(.mount).changingTask { $0.namespaces[.mount] = NamespaceSet.host[.mount] }
        let evidence = Check.enteredHostMountNamespace.found(node)
        #expect(evidence.map { $0.task?.tid } == [4100])
        #expect(evidence.first?.values["tasks"] == .number(2))
    }

    /// A record with a pod's annotations that leaves out a namespace which the pod's sandbox has for itself.
    @Test(arguments: [NamespaceKind.network, .ipc, .uts])
    func recordAgainstTheSandbox(kind: NamespaceKind) throws {
        let node = Self.inHost(kind, task: 3).changingEntry(kind, nil, remove: true)
        let entered = try #require(Self.kinds.first { $0.kind == kind }.flatMap { Check.named($0.check) })
        #expect(entered.found(node).map(\.declaration) == [.undeclared])
        let exposures = [Check.hostNetworkNamespace, .hostIPCNamespace, .hostUTSNamespace]
        #expect(exposures.flatMap { $0.found(node) } == [])
        #expect(Check.firstProcessInHostNamespace.found(node).map(\.container) == [0])
    }

    /// A pod may ask for the host's PID namespace for one of its containers (CRI NamespaceMode NODE).
    @Test func pidNamespaceOfOneContainer() {
        let node = Self.inHost(.pid, task: 3).changingEntry(.pid, nil, remove: true)
        #expect(Check.enteredHostPIDNamespace.found(node) == [])
        #expect(Check.hostPIDNamespace.found(node).map(\.declaration) == [.declaredByRuntime])
    }
}
