import NodeModel
import TestSupport
import Testing

@Suite struct NodeIndexTests {
    @Test func lookUps() throws {
        let index = NodeIndex(.quiet)
        #expect(index.tasks(of: 0).map(\.tid) == [4100, 4101])
        #expect(index.process(4100)?.comm == "web" && index.process(4101) == nil)
        #expect(index.initTask(of: 0)?.pid == 4100)
        #expect(index.sandbox(of: 0) == 1 && index.sandbox(of: 1) == 1)
        #expect(index.pods.map(\.identity) == [QuietIDs.pod])
        #expect(index.pods.map(\.sandbox) == [1] && index.pods.map(\.containers) == [[0]])
        #expect(index.mountTable(NamespaceID(rawValue: 4_026_532_600))?.pid == 4100)
        #expect(index.mountTable(NamespaceID(rawValue: 1)) == nil)
        let task = try #require(index.process(4100))
        #expect(index.ancestors(of: task).map(\.pid) == [900, 1])
        #expect(index.isInHostUserNamespace(task) == true)
    }

    @Test func owners() {
        let index = NodeIndex(.quiet)
        #expect(index.owner(of: .mount, NamespaceID(rawValue: 4_026_532_600)) == 0)
        #expect(index.owner(of: .pid, NamespaceID(rawValue: 4_026_532_601)) == 0)
        #expect(index.owner(of: .network, NamespaceID(rawValue: 4_026_532_400)) == 1)
        for kind in NamespaceKind.allCases {
            if let host = index.hostNamespace(kind) { #expect(index.owner(of: kind, host) == nil, "\(kind)") }
        }
    }

    /// A namespace that the runtime was told to put the container into is another's.
    @Test func namespaceOfAnotherByItsRecord() {
        func owner(_ path: String?) -> Int? {
            let node = Node.quiet.changingBundle { bundle in
                bundle.namespaces.removeAll { $0.kind == .pid }
                bundle.namespaces.append(BundleNamespace(kind: .pid, path: path))
            }
            return NodeIndex(node).owner(of: .pid, NamespaceID(rawValue: 4_026_532_601))
        }
        #expect(owner("/proc/6100/ns/pid") == nil)
        #expect(owner(nil) == 0 && owner("/var/run/pidns/x") == 0 && owner("/proc/4000/ns/pid") == 0)
    }

    /// Of two first processes in one namespace, the one that could not have entered it is at home.
    @Test(arguments: [0, 2])
    func firstProcessThatEnteredAnothers(entered: Int) {
        let node = Node.quiet.changing { node in
            let shared = NamespaceID(rawValue: 4_026_532_900)
            node.tasks[3].namespaces[.cgroup] = shared
            var task = node.tasks[3]
            (task.pid, task.tid, task.container) = (6000, 6000, 2)
            node.tasks.append(task)
            node.containers.append(node.containers[0])
            (node.containers[2].id, node.containers[2].initPID, node.containers[2].rootDevice) = ("f6", 6000, nil)
            node.containers[entered].bundle?.capabilities.formUnion(CapabilitySet.named(["SYS_ADMIN"]).set)
        }
        #expect(NodeIndex(node).owner(of: .cgroup, NamespaceID(rawValue: 4_026_532_900)) == 2 - entered)
    }

    @Test func namespacesMadeFromTheHosts() {
        let index = NodeIndex(Node.quiet.withService().changingTask { $0.namespaces[.mount] = Node.serviceMounts })
        #expect(index.isHost(.mount, Node.serviceMounts) && index.owner(of: .mount, Node.serviceMounts) == nil)
        #expect(index.isHost(.mount, NamespaceSet.host[.mount]) && !index.isHost(.mount, nil))
        #expect(!index.isHost(.mount, NamespaceID(rawValue: 4_026_532_600)))
        #expect(!index.isHost(.pid, Node.serviceMounts))
        #expect(!NodeIndex(Node.quiet).isHost(.mount, Node.serviceMounts))
    }

    /// A first process that changed its root to the mounted `/` shows the node's tree, in its own namespace.
    @Test func changedRoot() {
        let own = NamespaceID(rawValue: 4_026_532_600)
        let node = Node.quiet.changing { $0.mountTables[0].mounts = Array($0.host.mounts.prefix(1)) }
        #expect(NodeIndex(node).isHost(.mount, own))
        let mounting = node.changingBundle {
            $0.mounts.append(BundleMount(destination: "/host", type: "bind", source: "/", options: ["rbind"]))
        }
        #expect(!NodeIndex(mounting).isHost(.mount, own) && NodeIndex(mounting).owner(of: .mount, own) == 0)
        // What is below is no mount of the container's: the record tells of those.
        #expect(NodeIndex(mounting).hostPaths(of: 0).map(\.declaration) == [.declaredByRuntime])
        // A process of the node is in it: it is a service's, which the first process has entered.
        #expect(NodeIndex(mounting.changing { $0.tasks[1].namespaces[.mount] = own }).isHost(.mount, own))
    }

    /// Without a reference a container in the host's network cannot be told from one in its own: nobody owns either.
    @Test func noOwnersWithoutAReference() {
        let node = Node.quiet.changing {
            $0.host.reference = nil
            $0.tasks[2].namespaces[.network] = NamespaceSet.host[.network]
        }
        let index = NodeIndex(node)
        #expect(index.owner(of: .network, NamespaceID(rawValue: 4_026_531_840)) == nil)
    }

    /// A process id that was reused outside the container says nothing about the container.
    @Test func initProcessThatIsNotTheContainers() {
        let index = NodeIndex(.quiet.changingTask { $0.container = nil })
        #expect(index.initTask(of: 0) == nil)
        #expect(index.owner(of: .pid, NamespaceID(rawValue: 4_026_532_601)) == nil)
    }

    @Test func loopOfParents() throws {
        let node = Node.quiet.changing {
            $0.tasks[1].parent = 4100; $0.tasks[3].parent = 900
        }
        let index = NodeIndex(node)
        #expect(index.ancestors(of: try #require(index.process(4100))).count == 64)
    }

    static let declarations: [(name: String, node: Node, answer: Bool?)] = [
        ("own namespace", .quiet, false),
        ("no record", .quiet.changingContainer { $0.bundle = nil }, nil),
        ("no entry", .quiet.changingBundle { $0.namespaces.removeAll { $0.kind == .pid } }, true),
        ("PID 1's", path("/proc/1/ns/pid"), true),
        ("a host process's", path("/proc/900/ns/pid"), true),
        ("the sandbox's own", path("/proc/4000/ns/pid"), false),
        (
            "the sandbox's, which is the host's",
            path("/proc/4000/ns/pid").changingSandbox { $0.bundle?.namespaces.removeAll { $0.kind == .pid } }, true
        ),
        ("the sandbox's without a record", path("/proc/4000/ns/pid").changingSandbox { $0.bundle = nil }, nil),
        ("a process that is gone", path("/proc/7/ns/pid"), nil),
        ("a pinned namespace", path("/var/run/pidns/x"), false),
        ("another kind's link", path("/proc/1/ns/net"), false),
        ("no number", path("/proc/self/ns/pid"), false),
        ("a way around", path("/proc/1/../1/ns/pid"), false),
        ("no reference", path("/proc/900/ns/pid").changing { $0.host.reference = nil }, nil),
    ]

    private static func path(_ path: String) -> Node {
        .quiet.changingBundle { bundle in
            bundle.namespaces.removeAll { $0.kind == .pid }
            bundle.namespaces.append(BundleNamespace(kind: .pid, path: path))
        }
    }

    @Test(arguments: declarations)
    func declaresHost(name: String, node: Node, answer: Bool?) {
        #expect(NodeIndex(node).declaresHost(.pid, 0) == answer)
    }

    static let sandboxes: [(name: String, node: Node, own: Int, second: [Int])] = [
        ("named by the pod's container", Node.quiet.addingSandbox(), 1, [2]),
        (
            "the later one is named",
            Node.quiet.addingSandbox { $0.containers[0].sandboxID = QuietIDs.secondSandbox }, 2, [1]
        ),
        ("none is named", Node.quiet.addingSandbox { $0.containers[0].sandboxID = nil }, 1, [2]),
        (
            "both are named",
            Node.quiet.addingSandbox { node in
                node.containers.append(node.containers[0])
                (node.containers[3].id, node.containers[3].sandboxID) = ("f6", QuietIDs.secondSandbox)
            }, 1, [2]
        ),
        ("the named one has ended", Node.quiet.addingSandbox { $0.tasks.remove(at: 2) }, 2, []),
        ("young", Node.quiet.addingSandbox { $0.host.ticksSinceBoot = 6100 }, 1, []),
        (
            "the named one is young, the other is not",
            Node.quiet.addingSandbox { node in
                node.containers[0].sandboxID = QuietIDs.secondSandbox
                node.host.ticksSinceBoot = 5000 + 6500
            }, 2, []
        ),
    ]

    @Test(arguments: sandboxes)
    func secondSandbox(name: String, node: Node, own: Int, second: [Int]) {
        let index = NodeIndex(node)
        #expect(index.pods.map(\.sandbox) == [own] && index.pods.map(\.secondSandboxes) == [second])
    }

    /// A container that only its cgroup shows is in its pod by the pod's uid.
    @Test func podOfAContainerWithoutARecord() {
        let node = Node.quiet.changing {
            $0.containers.append(
                Container(id: String(repeating: "c3", count: 32), pod: PodIdentity(uid: QuietIDs.podUID)))
            $0.containers.append(Container(id: "d4"))
        }
        let index = NodeIndex(node)
        #expect(index.podOfContainer == [0, 0, 0, nil])
        #expect(index.pods.map(\.identity) == [QuietIDs.pod])
        #expect(index.sandbox(of: 2) == 1 && index.sandbox(of: 3) == nil)
    }
}

@Suite struct CapabilitySetTests {
    @Test func names() {
        let (set, unknown) = CapabilitySet.named(["CAP_CHOWN", "sys_admin", "cap_bpf", "NEWER", "", "CAP_"])
        #expect(set.names == ["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_BPF"])
        #expect(unknown == ["NEWER", "", "CAP_"])
        #expect(CapabilitySet(rawValue: 1 << 63 | 1 << 40).names == ["CAP_CHECKPOINT_RESTORE", "CAP_63"])
        #expect(CapabilitySet.runtimeDefault.count == 14)
    }
}

@Suite struct GapTests {
    @Test func oneGapForManySubjects() {
        var gaps: [Gap] = []
        for number in 0..<100_000 { gaps.add(.process, "Permission denied", "pid \(number)") }
        gaps.add(.process, "another")
        gaps.add(.bundle, "another", "x")
        #expect(
            gaps == [
                Gap(
                    kind: .process, reason: "Permission denied", count: 100_000,
                    examples: ["pid 0", "pid 1", "pid 2", "pid 3", "pid 4"]),
                Gap(kind: .process, reason: "another"),
                Gap(kind: .bundle, reason: "another", examples: ["x"]),
            ])
    }
}

@Suite struct NamespaceSetTests {
    @Test func kindsAreApart() {
        var set = NamespaceSet()
        #expect(set.isEmpty)
        for (number, kind) in NamespaceKind.allCases.enumerated() {
            set[kind] = NamespaceID(rawValue: UInt32(number + 1))
        }
        for (number, kind) in NamespaceKind.allCases.enumerated() { #expect(set[kind]?.rawValue == UInt32(number + 1)) }
        set[.pid] = nil
        #expect(set[.pid] == nil && !set.isEmpty && set != NamespaceSet())
    }
}
