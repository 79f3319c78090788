import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import Daemon

/// What tracepoints and probes tell, with nothing of `/proc` to be looked at.
@Suite struct EventJudgeActsTests {
    private static let pod = JudgeBench.pod
    private static let own = QuietIDs.path(QuietIDs.container)

    static let acts: [(name: String, events: [KernelEvent], lines: [String])] = [
        (
            "out and back in a child that is gone",
            [
                .by(7000, .forkOfPod), .by(7000, .namespaces(pod.namespaces)),
                .by(7000, .cgroup(thread: 7000, .at("/"))), .by(7000, .cgroup(thread: 7000, .at(own))),
                .by(7000, .exit),
            ],
            ["7000 left-pod-cgroup"]
        ),
        (
            "moved by another of its pod",
            [
                .by(7000, .forkOfPod), .by(7001, .forkOfPod), .by(7001, .cgroup(thread: 7000, .at("/user.slice"))),
                .by(7001, .exit), .by(7000, .exit),
            ],
            ["7000 left-pod-cgroup"]
        ),
        // Whatever group it hides in, the acts that follow are its own pod's.
        (
            "to the sandbox's group, and on",
            [
                .by(7000, .forkOfPod), .by(7000, .namespaces(pod.namespaces)),
                .by(7000, .cgroup(thread: 7000, .at(QuietIDs.path(QuietIDs.sandbox)))),
                .by(7000, .module("x")),
            ],
            ["7000 left-pod-cgroup", "7000 kernel-module-loaded"]
        ),
        ("moved by the node", [.by(1, .cgroup(thread: pod.pid, .at("/user.slice")))], []),
        ("within its own", [.by(pod.pid, .cgroup(thread: pod.pid, .at(own + "/init.scope")))], []),
        ("the node's own, by the node", [.by(1, .cgroup(thread: 900, .at("/system.slice/x")))], []),
        ("the node's own, by a pod", [.by(pod.pid, .cgroup(thread: 900, .at("/x")))], []),
        (
            "start of a container, and its escape",
            [
                .by(7000, .forkOfShim), .by(7000, .namespaces(NamespaceSet.host)),
                .by(900, .cgroup(thread: 7000, .at(own))),
                // The runtime joins the pod, and makes its next stage.
                .by(7000, .namespaces(pod.namespaces)),
                .by(7001, .fork(creator: 7000, thread: 7000)), .by(7001, .namespaces(pod.namespaces)),
                .by(7001, .comm(TaskName("sleep"), isExec: true)),
                .by(7001, .cgroup(thread: 7001, .at("/"))),
            ],
            ["7001 left-pod-cgroup"]
        ),
        (
            "a container whose first program enters the node",
            [
                .by(7000, .forkOfShim), .by(7000, .namespaces(NamespaceSet.host)),
                .by(900, .cgroup(thread: 7000, .at(own))),
                .by(7000, .namespaces(NamespaceSet([.mount: 4_026_539_000]))),
                .by(7000, .comm(TaskName("nsenter"), isExec: true)), .by(7000, .namespaces(NamespaceSet.host)),
                .by(7000, .exit),
            ],
            ["7000 entered-host-mount-namespace"]
        ),
        ("a module by a pod", [.by(pod.pid, .module("overlay"))], ["4100 kernel-module-loaded"]),
        ("a module by the node", [.by(1, .module("overlay"))], []),
        ("a signal to the runtime", [.by(pod.pid, .signal(9, to: 900))], ["4100 node-process-signalled"]),
        ("a signal within the pod", [.by(pod.pid, .signal(15, to: 4000))], []),
        ("a signal by the node", [.by(900, .signal(9, to: pod.pid))], []),
        (
            "a signal to one of the node that is gone since",
            [.by(7000, .forkOfShim), .by(pod.pid, .signal(9, to: 7000)), .by(7000, .exit)],
            ["4100 node-process-signalled"]
        ),
        ("a signal to nobody known", [.by(pod.pid, .signal(9, to: 9999))], []),
        ("the node's disk by a pod", [.by(pod.pid, .call(.fileSystem(.disk)))], ["4100 node-disk-mounted"]),
        ("the node's disk by the node", [.by(1, .call(.fileSystem(.disk)))], []),
        (
            "mounts and root of a container that starts",
            [
                .by(7000, .forkOfShim), .by(7000, .namespaces(NamespaceSet.host)),
                .by(900, .cgroup(thread: 7000, .at(own))), .by(7000, .call(.root(.hostRoot))),
                .by(7000, .call(.mount(on: FilePlace(device: .disk, path: "/etc")))), .by(7000, .call(.program)),
            ],
            []
        ),
        ("the node's root", [.by(pod.pid, .call(.root(.hostRoot)))], ["4100 root-moved-to-host"]),
        (
            "a tracer in the node's PID namespace",
            [
                .by(7000, .forkOfPod), .by(7000, .namespaces(inHostPID)), .by(7000, .call(.trace(900))),
                .by(7000, .call(.memory(of: 900))),
            ],
            ["7000 entered-host-pid-namespace", "7000 foreign-process-traced", "7000 foreign-memory-written"]
        ),
        ("a tracer of its own", [.by(pod.pid, .call(.trace(900)))], []),
        (
            "a helper on account of a pod", [.by(pod.pid, .call(.helper(path: "/tmp/x", arguments: ["", ""])))],
            ["4100 kernel-helper-run"]
        ),
        (
            "a helper on account of the node", [.by(1, .call(.helper(path: "/tmp/x", arguments: ["", ""])))],
            ["1 kernel-helper-run"]
        ),
        (
            "a usual helper",
            [.by(pod.pid, .call(.helper(path: "/sbin/modprobe", arguments: ["/sbi", "-q", "--", "fs-e"])))], []
        ),
        (
            "a setting by a pod, which two functions tell of",
            [.by(pod.pid, .call(.setting("core_pattern"))), .by(pod.pid, .call(.setting("core_pattern")))],
            ["4100 kernel-setting-written"]
        ),
        ("a setting by the node", [.by(1, .call(.setting("core_pattern")))], []),
        ("a setting of no concern", [.by(pod.pid, .call(.setting("hostname")))], []),
        ("a BPF program", [.by(pod.pid, .call(.program))], ["4100 bpf-program-loaded"]),
        ("a BPF program of the node", [.by(1, .call(.program))], []),
    ]

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
            let node = Node.quiet.changing { $0.host.disks = [.disk] }
            bench.judge.take(NodeView(index: NodeIndex(node), began: 100))
            bench.judge.take([.by(Self.pod.pid, .call(.fileSystem(DeviceNumber(major: 7, minor: 0))))])
            #expect(bench.told.lines == lines)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }
}
