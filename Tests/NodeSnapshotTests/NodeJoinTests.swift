import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct NodeJoinTests {
    static let stray = String(repeating: "c3", count: 32)

    private func joined(_ node: Node, unreadableRecords: Set<String> = []) -> Node {
        var node = node
        NodeJoin.join(&node, unreadableRecords: unreadableRecords)
        return node
    }

    /// The quiet node as the readers leave it: nothing joined, rootfs mounts in the host's table.
    static let unjoined = Node.quiet.changing { node in
        for index in node.tasks.indices {
            node.tasks[index].container = nil
            node.tasks[index].attribution = nil
        }
        for index in node.containers.indices {
            let container = node.containers[index]
            guard let device = container.rootDevice else { continue }
            node.containers[index].rootDevice = nil
            node.host.mounts.append(
                Mount(
                    id: UInt32(900 + index), parentID: 24, device: device, root: "/",
                    mountPoint: "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(container.id)/rootfs",
                    fileSystemType: "overlay", source: "overlay"))
        }
    }

    /// The unjoined node with a task of the host's cgroup and namespaces added, after one change to it.
    private func withTask(_ change: (inout NodeTask) -> Void) -> Node {
        Self.unjoined.changing { node in
            var task = node.tasks[1]
            task.pid = 5000
            task.tid = 5000
            change(&task)
            node.tasks.append(task)
        }
    }

    private func owner(_ node: Node) throws -> (id: String?, attribution: NodeTask.Attribution?) {
        let joined = joined(node)
        let task = try #require(joined.tasks.last)
        return (task.container.map { joined.containers[$0].id }, task.attribution)
    }

    @Test func quietNode() {
        #expect(joined(Self.unjoined).tasks == Node.quiet.tasks)
        #expect(joined(Self.unjoined).containers == Node.quiet.containers)
        #expect(joined(Self.unjoined).gaps == [])
    }

    /// What is mounted outside of the roots of all tasks matters where these are a container's, and is told once.
    @Test func partialMountTables() {
        let partial = Self.unjoined.changing { node in
            node.mountTables[0].isPartial = true
            node.mountTables.append(MountTable(namespace: Node.serviceMounts, pid: 700, mounts: [], isPartial: true))
        }
        let reason = "no task of the mount namespace has its root: mounts outside of theirs are not seen"
        let gap = Gap(kind: .mounts, reason: reason, examples: ["pid 4100"])
        #expect(joined(partial).gaps == [gap])
        #expect(joined(joined(partial)).gaps == [gap])
        let whole = joined(partial).changing { $0.mountTables[0].isPartial = nil }
        #expect(joined(whole).gaps == [])
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
        unjoined.changing { node in
            node.tasks.removeSubrange(1...)
            node.tasks[0].comm = comm
            node.containers = []
        }
    }

    /// A `/proc` of another PID namespace hides every container of the node.
    @Test(arguments: foreignProcs)
    func foreignProc(name: String, hidden: [String]?, change: @Sendable (inout Node) -> Void) {
        let node = joined(Self.unjoined.changing(change))
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
        #expect(joined(node).gaps == node.gaps)
    }

    @Test func twiceIsOnce() {
        let once = joined(withTask { $0.parent = 4100 })
        #expect(joined(once) == once)
    }

    @Test func hostTaskIsNobodys() throws {
        let owner = try owner(withTask { _ in })
        #expect(owner.id == nil && owner.attribution == nil)
    }

    @Test func byCgroup() throws {
        let owner = try owner(withTask { $0.cgroup = 2 })
        #expect(owner.id == QuietIDs.container && owner.attribution == .cgroup)
    }

    @Test func byMinorityOfCgroups() throws {
        let node = withTask { $0.cgroup = 3 }.changing {
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [],
                    owner: .container(ContainerPlace(containerID: QuietIDs.container, naming: 1, elsewhere: 2))))
        }
        let owner = try owner(node)
        #expect(owner.id == QuietIDs.container && owner.attribution == .cgroupMinority)
    }

    @Test func byMountNamespaceOfTheInitTask() throws {
        let node = withTask { $0.namespaces[.mount] = NamespaceID(rawValue: 4_026_532_600) }.changing {
            $0.mountTables = []
            $0.host.mounts = []
        }
        let owner = try owner(node)
        #expect(owner.id == QuietIDs.container && owner.attribution == .mountNamespace)
    }

    @Test func byMountNamespaceOfTheRootFileSystem() throws {
        let node = withTask { $0.namespaces[.mount] = NamespaceID(rawValue: 4_026_532_600) }.changing { node in
            // The init process is gone; what was moved out of its cgroup is still in its mounts.
            node.tasks.removeAll { $0.pid == 4100 }
        }
        let owner = try owner(node)
        #expect(owner.id == QuietIDs.container && owner.attribution == .mountNamespace)
    }

    /// A container that mounts another one's device somewhere below does not get its namespace.
    @Test func mountElsewhereIsNoRoot() throws {
        let node = withTask { $0.namespaces[.mount] = NamespaceID(rawValue: 77) }.changing { node in
            let mounts = node.mountTables[0].mounts.map { mount in
                var mount = mount
                if mount.mountPoint == "/" { mount.mountPoint = "/elsewhere" }
                return mount
            }
            node.mountTables.append(MountTable(namespace: NamespaceID(rawValue: 77), pid: 5000, mounts: mounts))
        }
        #expect(try owner(node).id == nil)
    }

    @Test func hostMountNamespaceIsNobodys() throws {
        let node = withTask { _ in }.changing { node in
            // An init task that joined the host's mounts does not make the host's tasks its container's.
            node.tasks[3].namespaces[.mount] = NamespaceSet.host[.mount]
        }
        #expect(try owner(node).id == nil)
    }

    /// Another pod, its first process 6000 and a child of that, as it was made.
    private static let otherPod = unjoined.changing { node in
        let namespaces = NamespaceSet([.mount: 4_026_532_700, .pid: 4_026_532_701, .network: 4_026_532_702])
        node.cgroups.append(
            CgroupPlacement(memberships: [], owner: .container(ContainerPlace(containerID: stray))))
        node.containers.append(
            Container(
                id: stray, runtime: .containerd, kind: .container, sandboxID: String(repeating: "d4", count: 32),
                pod: PodIdentity(namespace: "shop", name: "db-0", uid: "7c1e2c0a"), initPID: 6000))
        // Its root file system tells whose the mount namespace is.
        let root = Mount(
            id: 990, parentID: 24, device: DeviceNumber(major: 0, minor: 511), root: "/",
            mountPoint: "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(stray)/rootfs",
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
        let node = joined(
            Self.otherPod.changing { node in
                for index in node.tasks.indices where node.tasks[index].pid == pid { change(&node.tasks[index]) }
            })
        let task = try #require(node.tasks.first { $0.pid == pid })
        #expect(task.container.map { node.containers[$0].id } == (isMoved ? Self.stray : QuietIDs.container))
        #expect(task.attribution == (isMoved ? .mountNamespace : .cgroup))
    }

    /// A process of one container in the cgroup of another of its pod.
    @Test(arguments: [4_026_532_601, 4_026_532_801, nil] as [UInt32?])
    func movedToASiblingsCgroup(pid: UInt32?) throws {
        let sibling = Self.stray
        let node = withTask { task in
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
        let owner = try owner(node)
        // Where nothing tells, the cgroup is the likelier to have been changed.
        let isMoved = pid != 4_026_532_801
        #expect(owner.id == (isMoved ? QuietIDs.container : sibling))
        #expect(owner.attribution == (isMoved ? .mountNamespace : .cgroup))
    }

    @Test func byAncestry() throws {
        let child = try owner(withTask { $0.parent = 4100 })
        #expect(child.id == QuietIDs.container && child.attribution == .ancestry)
        let grandchild = withTask { $0.parent = 5001 }.changing { node in
            var parent = node.tasks[1]
            parent.pid = 5001
            parent.tid = 5001
            parent.parent = 4100
            node.tasks.insert(parent, at: 2)
        }
        #expect(try owner(grandchild).id == QuietIDs.container)
    }

    @Test func kernelThreadsDescendFromNobody() throws {
        let node = withTask {
            $0.parent = 4100
            $0.isKernelThread = true
        }
        #expect(try owner(node).id == nil)
    }

    @Test func threadOfAContainersProcess() throws {
        let node = withTask {
            $0.pid = 4100
            $0.cgroup = nil
        }
        let owner = try owner(node)
        #expect(owner.id == QuietIDs.container && owner.attribution == .ancestry)
    }

    @Test(arguments: [5000, 900, -7, 0] as [Int32])
    func loopsAndOddParents(parent: Int32) throws {
        let node = withTask { $0.parent = parent }.changing { $0.tasks[1].parent = 5000 }
        #expect(try owner(node).id == nil)
    }

    @Test func containerKnownOnlyByItsCgroup() throws {
        let path = QuietIDs.path(Self.stray)
        let node = withTask { $0.cgroup = 3 }.changing {
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: path)],
                    owner: .container(
                        ContainerPlace(
                            containerID: Self.stray, podUID: QuietIDs.podUID, outerContainerIDs: ["outer"]))))
        }
        let joined = joined(node)
        #expect(joined.containers.map(\.id) == [QuietIDs.container, QuietIDs.sandbox, Self.stray])
        #expect(
            joined.containers[2]
                == Container(
                    id: Self.stray, runtime: .containerd, pod: QuietIDs.pod, outerContainerIDs: ["outer"]))
        #expect(joined.tasks.last?.container == 2)
        #expect(
            joined.gaps == [Gap(kind: .container, reason: "no record of it by its runtime", examples: [Self.stray])])
        #expect(NodeIndex(joined).sandbox(of: 2) == 1)
    }

    static let runtimes: [(path: String, runtime: Container.Runtime)] = [
        ("/kubepods/podx/cri-containerd-\(stray).scope", .containerd), ("/kubepods/podx/crio-\(stray)", .crio),
        ("/x.slice:crio:\(stray)", .crio), ("/docker/\(stray)", .docker), ("/x/docker-\(stray).scope", .docker),
        ("/kubepods/podx/\(stray)", .unknown),
    ]

    @Test(arguments: runtimes)
    func runtimeByPath(path: String, runtime: Container.Runtime) {
        let node = Self.unjoined.changing {
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: path)],
                    owner: .container(ContainerPlace(containerID: Self.stray))))
        }
        #expect(joined(node).containers.last?.runtime == runtime)
        // No task is in it: an old cgroup is no missing record.
        #expect(joined(node).gaps == [])
    }

    /// A record that could not be read is one gap, not two.
    @Test func unreadableRecordIsOneGap() {
        let gap = Gap(kind: .bundle, reason: "config.json: not JSON", examples: [QuietIDs.container])
        let node = Self.unjoined.changing {
            $0.containers[0].bundle = nil
            $0.gaps = [gap]
        }
        #expect(joined(node, unreadableRecords: [QuietIDs.container]).gaps == [gap])
    }

    @Test func missingRecord() {
        let node = Self.unjoined.changing { $0.containers[0].bundle = nil }
        #expect(
            joined(node).gaps
                == [Gap(kind: .container, reason: "no record of it by its runtime", examples: [QuietIDs.container])])
        #expect(joined(node.changing { $0.parts.remove(.bundles) }).gaps == [])
    }

    @Test func podOfContainerd14ByItsSandbox() {
        let node = Self.unjoined.changingContainer { $0.pod = nil }
        #expect(joined(node).containers[0].pod == QuietIDs.pod)
    }

    @Test func podNamesByTheLogTree() {
        let node = Self.unjoined.changing {
            $0.containers[0].pod = nil
            $0.containers[1].pod = PodIdentity(uid: QuietIDs.podUID)
        }
        #expect(joined(node).containers.map(\.pod) == [QuietIDs.pod, QuietIDs.pod])
        let unknown = joined(node.changing { $0.podLogs = [] })
        #expect(
            unknown.containers.map(\.pod) == [PodIdentity(uid: QuietIDs.podUID), PodIdentity(uid: QuietIDs.podUID)])
    }

    @Test func podByItsCgroupAlone() {
        let node = Self.unjoined.changing { node in
            for index in 0..<2 { node.containers[index].pod = nil }
            node.podLogs = []
        }
        #expect(joined(node).containers.map(\.pod?.uid) == [QuietIDs.podUID, QuietIDs.podUID])
    }

    static let namedCgroups: [(path: String, isClaimed: Bool)] = [
        ("/default/web-1", true), ("/system.slice/nerdctl-web-1.scope", true), ("/default/web-1/inner", true),
        ("/default/web-10", false), ("/default/xweb-1", false), ("/web-1.service", false), ("/", false),
    ]

    /// Containers made by hand have ids that no path shows to be one.
    @Test(arguments: namedCgroups)
    func idsMadeByHand(path: String, isClaimed: Bool) throws {
        let node = withTask { $0.cgroup = 3 }.changing {
            $0.containers.append(Container(id: "web-1", runtime: .containerd, kind: .plain, bundle: Bundle()))
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: path)], owner: .host))
        }
        let owner = try owner(node)
        #expect(owner.id == (isClaimed ? "web-1" : nil))
        #expect(owner.attribution == (isClaimed ? .cgroup : nil))
    }

    @Test func pathsThatDoNotTell() {
        let node = withTask { $0.cgroup = 3 }.changing {
            $0.cgroups.append(CgroupPlacement(memberships: [], owner: .unknown))
        }
        let gap = Gap(
            kind: .cgroup, reason: "the path is relative to a place that is not known", examples: ["pid 5000"])
        #expect(joined(node).gaps == [gap])
        #expect(joined(joined(node)).gaps == [gap])
    }

    /// A container's files, and no record, cgroup or file of a pod tells whose.
    @Test(arguments: [6000, 5999] as [UInt64]) func filesOfAnUnknownContainer(age: UInt64) {
        let node = withTask { task in
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
        #expect(joined(node).gaps == (age < 6000 ? [] : [gap]))
        #expect(joined(joined(node)).gaps == joined(node).gaps)
    }

    @Test func emptyNode() { #expect(joined(Node()) == Node()) }
}

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

    /// A container that is called as a session of systemd has none of its processes.
    @Test(arguments: ["session-3.scope", "init.scope", "ssh.service", "system.slice"])
    func namesOfSystemd(group: String) {
        for id in ["3", "init", "ssh", "system", group] {
            var node = Node.quiet.changing { node in
                node.containers.append(Container(id: id, kind: .plain))
                node.cgroups[0].memberships[0].path = "/\(group)"
            }
            NodeJoin.join(&node)
            #expect(node.tasks[0].container == nil, "\(id) in \(group)")
        }
    }
}
