import Checks
import Configuration
import Findings
import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Events as the kernel gives them, on a node that a scan has seen.
@Suite struct EventJudgeTests {
    private static func event(_ pid: Int32, _ action: KernelEvent.Action, at time: UInt64 = 1000) -> KernelEvent {
        KernelEvent(time: time, cpu: 0, pid: pid, tid: pid, action: action)
    }

    /// A child of a process enters the host's mounts and ends.
    private static func escape(of parent: Int32, _ namespaces: NamespaceSet, pid: Int32 = 7000) -> [KernelEvent] {
        var inside = namespaces
        inside[.mount] = NamespaceSet.host[.mount]
        return [
            event(pid, .fork(creator: parent, thread: parent)), event(pid, .namespaces(namespaces)),
            event(pid, .comm(TaskName("nsenter"), isExec: true)), event(pid, .namespaces(inside)), event(pid, .exit),
        ]
    }

    private static let pod = Node.quiet.tasks[3]

    @Test func childOfAContainerThatIsGoneAlready() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take(Self.escape(of: Self.pod.pid, Self.pod.namespaces))
            #expect(bench.told.lines == ["7000 entered-host-mount-namespace"])
            #expect(bench.counts.value.events == 5 && bench.counts.value.unattributedChanges == 0)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }

    /// The self-test hears of the call and of the change of the daemon's own child, and nobody else does.
    @Test func ownAct() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.witness.expect()
            var inside = NamespaceSet.host
            inside[.uts] = NamespaceID(rawValue: 4_026_539_001)
            bench.judge.take([
                Self.event(7000, .fork(creator: getpid(), thread: getpid())),
                Self.event(7000, .namespaces(NamespaceSet.host)), Self.event(7000, .call(.memory(of: 7000))),
                Self.event(7000, .namespaces(inside)), Self.event(7000, .exit),
            ])
            let sight = bench.witness.sight(probed: true, until: .init(secondsFromNow: 0))
            guard case .whole = sight else {
                Issue.record("\(sight)")
                return
            }
            #expect(bench.told.lines.isEmpty)
        }
    }

    private static let theirs = NamespaceID(rawValue: 4_026_532_711)

    /// The quiet node with a container of another pod, whose first process is 5100, in that mount namespace.
    private static func withAnotherPod(startedAt start: UInt64 = pod.startTime) -> Node {
        .quiet.changing { node in
            var container = node.containers[0]
            (container.id, container.sandboxID, container.initPID) = (QuietIDs.secondSandbox, nil, 5100)
            (container.pod, container.rootDevice) = (PodIdentity(namespace: "shop", name: "db-0", uid: "7c1e"), nil)
            var task = node.tasks[3]
            (task.pid, task.tid, task.startTime, task.container) = (5100, 5100, start, 2)
            task.namespaces[.mount] = theirs
            node.containers.append(container)
            node.tasks.append(task)
        }
    }

    /// The number of a namespace is given anew when nothing holds it any more: whose it is, the next scan tells.
    ///
    /// A process that ends has left its namespaces before the record of its end.
    @Test(arguments: [false, true])
    func namespaceThatItsOwnerHasLeft(hasEnded: Bool) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory, running: hasEnded ? .quiet : Self.withAnotherPod())
            bench.judge.take(NodeView(index: NodeIndex(Self.withAnotherPod()), began: 100))
            var inside = Self.pod.namespaces
            inside[.mount] = Self.theirs
            bench.judge.take([
                Self.event(7000, .fork(creator: Self.pod.pid, thread: Self.pod.pid)),
                Self.event(7000, .namespaces(Self.pod.namespaces)), Self.event(7000, .namespaces(inside)),
            ])
            #expect(bench.told.lines == (hasEnded ? [] : ["7000 entered-foreign-namespace"]))
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == (hasEnded ? [.unknownContainer] : []))
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines.count == (hasEnded ? 0 : 1) && bench.counts.value.unattributedChanges == 0)
        }
    }

    /// Nor does a container that was started only after the change own what was entered.
    @Test(arguments: [(50, false), (5100, true)] as [(UInt64, Bool)])
    func namespaceWhoseOwnerCameLater(start: UInt64, isLater: Bool) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            var inside = Self.pod.namespaces
            inside[.mount] = Self.theirs
            let second: UInt64 = 1_000_000_000
            bench.judge.take([
                Self.event(7000, .namespaces(Self.pod.namespaces), at: second),
                Self.event(7000, .namespaces(inside), at: second),
            ])
            bench.judge.take(NodeView(index: NodeIndex(Self.withAnotherPod(startedAt: start)), began: 2 * second))
            #expect(bench.told.lines == (isLater ? [] : ["7000 entered-foreign-namespace"]))
        }
    }

    /// Which namespaces are the node's, no scan could tell: whoever entered some is not told of, and counted.
    @Test func withoutTheNodesNamespaces() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            let blind = Node.quiet.changing { $0.host.reference = nil }
            bench.judge.take(NodeView(index: NodeIndex(blind), began: 100))
            bench.judge.take(Self.escape(of: Self.pod.pid, Self.pod.namespaces))
            #expect(bench.told.lines == [])
            #expect(bench.counts.value.unattributedChanges == 1)
        }
    }

    /// One scan that could not tell, after one that could: the next one will.
    @Test func untilTheNextScanTells() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let blind = NodeIndex(Node.quiet.changing { $0.host.reference = nil })
            bench.judge.take(NodeView(index: blind, began: 100))
            bench.judge.take(Self.escape(of: Self.pod.pid, Self.pod.namespaces))
            #expect(bench.told.lines == [] && bench.counts.value.unattributedChanges == 0)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == ["7000 entered-host-mount-namespace"])
            bench.judge.take(NodeView(index: blind, began: 2500))
            bench.judge.take(Self.escape(of: Self.pod.pid, Self.pod.namespaces, pid: 7001))
            bench.judge.take(NodeView(index: blind, began: 3000))
            #expect(bench.counts.value.unattributedChanges == 1)
        }
    }

    /// Rings that were opened anew know nobody, until a scan tells.
    @Test func afterRingsWereOpenedAnew() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.forgetTasks()
            bench.judge.take(Self.escape(of: Self.pod.pid, Self.pod.namespaces))
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
        }
    }

    /// Whatever comes before the first scan is judged by it.
    @Test func beforeTheFirstScan() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(Self.escape(of: Self.pod.pid, Self.pod.namespaces))
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == ["7000 entered-host-mount-namespace"])
        }
    }

    /// The first process of a container that is new: its cgroup tells, once it runs its program.
    @Test func newContainer() throws {
        try TemporaryDirectory.with { directory in
            let path = "0::/kubepods.slice/cri-containerd-\(QuietIDs.container).scope\n"
            try directory.file("proc/7000/cgroup", path)
            var bench = try JudgeBench(directory)
            let nothing = Node.quiet.changing { node in
                node.tasks.removeSubrange(2...)
                node.containers = []
                node.mountTables = []
            }
            bench.judge.take(NodeView(index: NodeIndex(nothing), began: 100))
            bench.judge.take(Self.escape(of: 900, Self.pod.namespaces))
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.containerChange, .unknownContainer])
            // A scan that began before the change has not seen the container's record yet.
            bench.judge.take(NodeView(index: NodeIndex(nothing), began: 500))
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == ["7000 entered-host-mount-namespace"])
        }
    }

    /// A scan saw the container before the runtime had started it: it is looked at again when it runs its program.
    @Test(arguments: [(true, [ScanReason.containerChange]), (false, [])])
    func containerThatWasOnlyCreated(isCreated: Bool, expected: [ScanReason]) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            let node = Node.quiet.changingContainer { $0.isCreated = isCreated }
            bench.judge.take(NodeView(index: NodeIndex(node), began: 100))
            bench.judge.take([Self.event(Self.pod.pid, .comm(TaskName("sleep"), isExec: true))])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == Set(expected))
        }
    }

    /// What not even the next scan can tell of is counted.
    @Test func neverKnown() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take(Self.escape(of: 1, NamespaceSet([.mount: 4_026_539_000])))
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == [])
            #expect(bench.counts.value.unattributedChanges == 1)
        }
    }

    /// A runtime starts a container: from the node's namespaces to new ones.
    @Test func startOfAContainer() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take([
                Self.event(7000, .fork(creator: 900, thread: 900)), Self.event(7000, .namespaces(NamespaceSet.host)),
                Self.event(7000, .comm(TaskName("runc"), isExec: true)),
                Self.event(7000, .namespaces(NamespaceSet([.mount: 4_026_539_000, .pid: 4_026_539_001]))),
                Self.event(7000, .comm(TaskName("sleep"), isExec: true)),
            ])
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }

    @Test func lostRecords() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.event(0, .lost(17)), Self.event(0, .lost(3))])
            #expect(bench.counts.value.lostRecords == 20)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.lostRecords])
        }
    }

    /// After a loss the number may be another task's: what still runs is looked at, what does not is not guessed.
    @Test func uncertainAfterALoss() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let acts = Self.escape(of: Self.pod.pid, Self.pod.namespaces)
            bench.judge.take(Array(acts[..<3]) + [Self.event(0, .lost(1))] + Array(acts[3...]))
            #expect(bench.told.lines == [])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == [] && bench.counts.value.unattributedChanges == 1)

            try directory.file("proc/7001/cgroup", "0::/kubepods.slice/cri-containerd-\(QuietIDs.container).scope\n")
            bench.judge.take([Self.event(0, .lost(1))] + Self.escape(of: Self.pod.pid, Self.pod.namespaces, pid: 7001))
            #expect(bench.told.lines == ["7001 entered-host-mount-namespace"])
        }
    }

    // MARK: - Tracepoints

    private static func group(_ path: String) -> CgroupMembership {
        CgroupMembership(hierarchy: 0, controllers: [], path: path)
    }

    private static let own = QuietIDs.path(QuietIDs.container)
    private static let shim = KernelEvent.Action.fork(creator: 900, thread: 900)
    private static let inPod = KernelEvent.Action.fork(creator: pod.pid, thread: pod.pid)

    static let acts: [(name: String, events: [KernelEvent], lines: [String])] = [
        (
            "out and back in a child that is gone",
            [
                event(7000, inPod), event(7000, .namespaces(pod.namespaces)),
                event(7000, .cgroup(thread: 7000, group("/"))), event(7000, .cgroup(thread: 7000, group(own))),
                event(7000, .exit),
            ],
            ["7000 left-pod-cgroup"]
        ),
        (
            "moved by another of its pod",
            [
                event(7000, inPod), event(7001, inPod), event(7001, .cgroup(thread: 7000, group("/user.slice"))),
                event(7001, .exit), event(7000, .exit),
            ],
            ["7000 left-pod-cgroup"]
        ),
        // Whatever group it hides in, the acts that follow are its own pod's.
        (
            "to the sandbox's group, and on",
            [
                event(7000, inPod), event(7000, .namespaces(pod.namespaces)),
                event(7000, .cgroup(thread: 7000, group(QuietIDs.path(QuietIDs.sandbox)))),
                event(7000, .module("x")),
            ],
            ["7000 left-pod-cgroup", "7000 kernel-module-loaded"]
        ),
        ("moved by the node", [event(1, .cgroup(thread: pod.pid, group("/user.slice")))], []),
        ("within its own", [event(pod.pid, .cgroup(thread: pod.pid, group(own + "/init.scope")))], []),
        ("the node's own, by the node", [event(1, .cgroup(thread: 900, group("/system.slice/x")))], []),
        ("the node's own, by a pod", [event(pod.pid, .cgroup(thread: 900, group("/x")))], []),
        (
            "start of a container, and its escape",
            [
                event(7000, shim), event(7000, .namespaces(NamespaceSet.host)),
                event(900, .cgroup(thread: 7000, group(own))),
                // The runtime joins the pod, and makes its next stage.
                event(7000, .namespaces(pod.namespaces)),
                event(7001, .fork(creator: 7000, thread: 7000)), event(7001, .namespaces(pod.namespaces)),
                event(7001, .comm(TaskName("sleep"), isExec: true)),
                event(7001, .cgroup(thread: 7001, group("/"))),
            ],
            ["7001 left-pod-cgroup"]
        ),
        (
            "a container whose first program enters the node",
            [
                event(7000, shim), event(7000, .namespaces(NamespaceSet.host)),
                event(900, .cgroup(thread: 7000, group(own))),
                event(7000, .namespaces(NamespaceSet([.mount: 4_026_539_000]))),
                event(7000, .comm(TaskName("nsenter"), isExec: true)), event(7000, .namespaces(NamespaceSet.host)),
                event(7000, .exit),
            ],
            ["7000 entered-host-mount-namespace"]
        ),
        ("a module by a pod", [event(pod.pid, .module("overlay"))], ["4100 kernel-module-loaded"]),
        ("a module by the node", [event(1, .module("overlay"))], []),
        ("a signal to the runtime", [event(pod.pid, .signal(9, to: 900))], ["4100 node-process-signalled"]),
        ("a signal within the pod", [event(pod.pid, .signal(15, to: 4000))], []),
        ("a signal by the node", [event(900, .signal(9, to: pod.pid))], []),
        (
            "a signal to one of the node that is gone since",
            [event(7000, shim), event(pod.pid, .signal(9, to: 7000)), event(7000, .exit)],
            ["4100 node-process-signalled"]
        ),
        ("a signal to nobody known", [event(pod.pid, .signal(9, to: 9999))], []),
        ("the node's disk by a pod", [event(pod.pid, .call(.fileSystem(disk)))], ["4100 node-disk-mounted"]),
        ("the node's disk by the node", [event(1, .call(.fileSystem(disk)))], []),
        (
            "mounts and root of a container that starts",
            [
                event(7000, shim), event(7000, .namespaces(NamespaceSet.host)),
                event(900, .cgroup(thread: 7000, group(own))), event(7000, .call(.root(hostRoot))),
                event(7000, .call(.mount(on: FilePlace(device: disk, path: "/etc")))), event(7000, .call(.program)),
            ],
            []
        ),
        ("the node's root", [event(pod.pid, .call(.root(hostRoot)))], ["4100 root-moved-to-host"]),
        (
            "a tracer in the node's PID namespace",
            [
                event(7000, inPod), event(7000, .namespaces(inHostPID)), event(7000, .call(.trace(900))),
                event(7000, .call(.memory(of: 900))),
            ],
            ["7000 entered-host-pid-namespace", "7000 foreign-process-traced", "7000 foreign-memory-written"]
        ),
        ("a tracer of its own", [event(pod.pid, .call(.trace(900)))], []),
        (
            "a helper on account of a pod", [event(pod.pid, .call(.helper(path: "/tmp/x")))],
            ["4100 kernel-helper-run"]
        ),
        ("a helper on account of the node", [event(1, .call(.helper(path: "/tmp/x")))], ["1 kernel-helper-run"]),
        ("a usual helper", [event(pod.pid, .call(.helper(path: "/sbin/modprobe")))], []),
        ("a BPF program", [event(pod.pid, .call(.program))], ["4100 bpf-program-loaded"]),
        ("a BPF program of the node", [event(1, .call(.program))], []),
    ]

    private static let disk = DeviceNumber(major: 259, minor: 1)
    private static let hostRoot = FilePlace(device: disk, path: "/")
    private static let inHostPID: NamespaceSet = {
        var namespaces = pod.namespaces
        namespaces[.pid] = NamespaceSet.host[.pid]
        return namespaces
    }()

    /// Nothing of `/proc` is there to be looked at: the events alone tell.
    @Test(arguments: acts)
    func tracepoints(name: String, events: [KernelEvent], lines: [String]) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take(events)
            #expect(bench.told.lines == lines)
            #expect(bench.counts.value.unattributedChanges == 0)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }

    /// A loop device that was set up over the node's disk since the scan, or over what else.
    @Test(arguments: [
        ("/dev/nvme0n1p1\n", ["4100 node-disk-mounted"]), ("/dev/nvme1n1\n", []), ("/data/image\n", []), ("\n", []),
    ])
    func mountedLoopDevice(backing: String, lines: [String]) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("sys/dev/block/7:0/loop/backing_file", backing)
            try directory.file("sys/class/block/nvme0n1p1/dev", "259:1\n")
            try directory.file("sys/class/block/nvme1n1/dev", "259:5\n")
            var bench = try JudgeBench(directory)
            let node = Node.quiet.changing { $0.host.disks = [Self.disk] }
            bench.judge.take(NodeView(index: NodeIndex(node), began: 100))
            bench.judge.take([Self.event(Self.pod.pid, .call(.fileSystem(DeviceNumber(major: 7, minor: 0))))])
            #expect(bench.told.lines == lines)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }

    /// A service of the node may have mounts of its own, that no scan has seen: what it does is nobody's affair, and
    /// no reason for another scan as long as its cgroup tells.
    @Test func serviceWithMountsOfItsOwn() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("proc/7000/cgroup", "0::/system.slice/chronyd.service\n")
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let acts: [KernelEvent.Action] = [
                .fork(creator: 1, thread: 1), .namespaces(NamespaceSet([.mount: 4_026_539_000])),
                .call(.root(Self.hostRoot)), .signal(15, to: 900), .call(.program),
            ]
            bench.judge.take(acts.map { Self.event(7000, $0) })
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
            // One that has ended may have been a container's.
            bench.judge.take(acts.map { Self.event(7001, $0) })
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == [] && bench.counts.value.unattributedChanges == 3)
        }
    }

    /// A container that no scan has seen is asked for once it runs its program, and what it does is judged then.
    @Test func newContainerByTracepoint() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            let nothing = Node.quiet.changing { node in
                node.tasks.removeSubrange(2...)
                node.containers = []
                node.mountTables = []
            }
            bench.judge.take(NodeView(index: NodeIndex(nothing), began: 100))
            bench.judge.take([
                Self.event(7000, Self.shim), Self.event(7000, .namespaces(NamespaceSet.host)),
                Self.event(900, .cgroup(thread: 7000, Self.group(Self.own))),
                Self.event(7000, .namespaces(Self.pod.namespaces)),
            ])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
            bench.judge.take([Self.event(7000, .comm(TaskName("web"), isExec: true))])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.containerChange])
            bench.judge.take([Self.event(7000, .cgroup(thread: 7000, Self.group("/"))), Self.event(7000, .exit)])
            #expect(bench.told.lines == [])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == ["7000 left-pod-cgroup"])
        }
    }

    private static func byThread(_ pid: Int32, _ action: KernelEvent.Action) -> KernelEvent {
        KernelEvent(time: 1000, cpu: 0, pid: pid, tid: 9999, action: action)
    }

    static let unknownThreads: [(name: String, event: KernelEvent, lines: [String], unattributed: UInt64)] = [
        (
            "moved by itself", byThread(pod.pid, .cgroup(thread: 9999, group("/x"))), ["4100/9999 left-pod-cgroup"], 0
        ),
        ("moved by its pod", event(pod.pid, .cgroup(thread: 9999, group("/x"))), [], 1),
        ("moved by the node", event(1, .cgroup(thread: 9999, group("/x"))), [], 0),
        ("of a process that is not known", byThread(9998, .cgroup(thread: 9999, group("/x"))), [], 1),
        ("that acts", byThread(pod.pid, .signal(9, to: 900)), ["4100/9999 node-process-signalled"], 0),
    ]

    /// A thread that neither a scan nor an event told of is like its process; where that is not known it is counted.
    @Test(arguments: unknownThreads)
    func unknownThread(name: String, event: KernelEvent, lines: [String], unattributed: UInt64) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("proc/9998/cgroup", "0::/x\n")
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take([event])
            let told = bench.told.findings.map { "\($0.task?.pid ?? 0)/\($0.task?.tid ?? 0) \($0.technique.id)" }
            #expect(told == lines && bench.counts.value.unattributedChanges == unattributed)
        }
    }

    /// A mover that is not known is looked up; one that is gone is not taken for the node's.
    @Test func unknownMover() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("proc/8000/cgroup", "0::/system.slice/kubelet.service\n")
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.event(8000, .cgroup(thread: Self.pod.pid, Self.group("/x")))])
            #expect(bench.told.lines == [])
            bench.judge.take([Self.event(8001, .cgroup(thread: Self.pod.pid, Self.group("/x")))])
            #expect(bench.told.lines == ["4100 left-pod-cgroup"])
        }
    }
}

extension JudgeBench.Told {
    /// `pid technique` of each.
    fileprivate var lines: [String] { findings.map { "\($0.task?.pid ?? 0) \($0.technique.id)" } }
}
