import Checks
import Findings
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import Daemon

/// Tasks that no scan has seen.
@Suite struct EventJudgeUnknownTests {
    private static let pod = JudgeBench.pod

    /// A service of the node may have mounts of its own, that no scan has seen: what it does is nobody's affair, and
    /// no reason for another scan as long as its cgroup tells.
    @Test func serviceWithMountsOfItsOwn() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("proc/7000/cgroup", "0::/system.slice/chronyd.service\n")
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let acts: [KernelEvent.Action] = [
                .fork(creator: 1, thread: 1), .namespaces(NamespaceSet([.mount: 4_026_539_000])),
                .comm(TaskName("chronyd"), isExec: true), .call(.root(.hostRoot)), .signal(15, to: 900),
                .call(.program),
            ]
            bench.judge.take(acts.map { KernelEvent.by(7000, $0) })
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
            // One that has ended may have been a container's.
            bench.judge.take(acts.map { KernelEvent.by(7001, $0) })
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == [] && bench.counts.value.unattributedChanges == 3)
        }
    }

    /// A container that no scan has seen is asked for once it runs its program, and what it does is judged then.
    @Test func newContainerByTracepoint() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 100))
            bench.judge.take([
                .by(7000, .forkOfShim), .by(7000, .namespaces(NamespaceSet.host)),
                .by(900, .cgroup(thread: 7000, .at(QuietIDs.path(QuietIDs.container)))),
                .by(7000, .namespaces(Self.pod.namespaces)),
            ])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
            bench.judge.take([.by(7000, .comm(TaskName("web"), isExec: true))])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.containerChange])
            bench.judge.take([.by(7000, .cgroup(thread: 7000, .at("/"))), .by(7000, .exit)])
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
            "moved by itself", byThread(pod.pid, .cgroup(thread: 9999, .at("/x"))), ["4100/9999 left-pod-cgroup"], 0
        ),
        ("moved by its pod", .by(pod.pid, .cgroup(thread: 9999, .at("/x"))), [], 1),
        ("moved by the node", .by(1, .cgroup(thread: 9999, .at("/x"))), [], 0),
        ("of a process that is not known", byThread(9998, .cgroup(thread: 9999, .at("/x"))), [], 1),
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
            bench.judge.take([.by(8000, .cgroup(thread: Self.pod.pid, .at("/x")))])
            #expect(bench.told.lines == [])
            bench.judge.take([.by(8001, .cgroup(thread: Self.pod.pid, .at("/x")))])
            #expect(bench.told.lines == ["4100 left-pod-cgroup"])
        }
    }
}
