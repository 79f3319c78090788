import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import Daemon

/// Events as the kernel gives them, on a node that a scan has seen, or the next one will.
@Suite struct EventJudgeTests {
    private static let pod = JudgeBench.pod

    @Test func childOfAContainerThatIsGoneAlready() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take(.escape())
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
                .by(7000, .fork(creator: getpid(), thread: getpid())),
                .by(7000, .namespaces(NamespaceSet.host)), .by(7000, .call(.memory(of: 7000))),
                .by(7000, .namespaces(inside)), .by(7000, .exit),
            ])
            let sight = bench.witness.sight(probed: true, until: .init(secondsFromNow: 0))
            guard case .whole = sight else {
                Issue.record("\(sight)")
                return
            }
            #expect(bench.told.lines.isEmpty)
        }
    }

    /// Rings that were opened anew know nobody, until a scan tells.
    @Test func afterRingsWereOpenedAnew() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.forgetTasks()
            bench.judge.take(.escape())
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
        }
    }

    /// Of CPUs that were not listened to for a while, something is missing: a scan looks for it.
    @Test func afterProcessorsCameBack() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.takeLoss(of: [3, 1])
            #expect(bench.counts.value.lostRecords == 2)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.lostRecords])
        }
    }

    /// Whatever comes before the first scan is judged by it.
    @Test func beforeTheFirstScan() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(.escape())
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
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 100))
            bench.judge.take(.escape(of: 900, Self.pod.namespaces))
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.containerChange, .unknownContainer])
            // A scan that began before the change has not seen the container's record yet.
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 500))
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
            bench.judge.take([.by(Self.pod.pid, .comm(TaskName("sleep"), isExec: true))])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == Set(expected))
        }
    }

    /// What not even the next scan can tell of is counted.
    @Test func neverKnown() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take(.escape(of: 1, NamespaceSet([.mount: 4_026_539_000])))
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
                .by(7000, .forkOfShim), .by(7000, .namespaces(NamespaceSet.host)),
                .by(7000, .comm(TaskName("runc"), isExec: true)),
                .by(7000, .namespaces(NamespaceSet([.mount: 4_026_539_000, .pid: 4_026_539_001]))),
                .by(7000, .comm(TaskName("sleep"), isExec: true)),
            ])
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }

    @Test func lostRecords() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take([.by(0, .lost(17)), .by(0, .lost(3))])
            #expect(bench.counts.value.lostRecords == 20)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.lostRecords])
        }
    }

    /// A full table is answered by one scan, however many tasks go before that.
    @Test func fullOfRunningTasks() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.lineage = Lineage(capacity: Node.quiet.tasks.count)
            bench.judge.take(JudgeBench.view)
            bench.judge.take([.by(7000, .forkOfShim), .by(7001, .forkOfShim)])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.lostRecords])
            bench.judge.take([.by(7002, .forkOfShim)])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
            #expect(bench.counts.value.evictedTasks == 3 && bench.counts.value.lostRecords == 0)
        }
    }

    /// After a loss the number may be another task's: what still runs is looked at, what does not is not guessed.
    @Test func uncertainAfterALoss() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let acts = [KernelEvent].escape()
            bench.judge.take(Array(acts[..<3]) + [.by(0, .lost(1))] + Array(acts[3...]))
            #expect(bench.told.lines == [])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == [] && bench.counts.value.unattributedChanges == 1)

            try directory.file("proc/7001/cgroup", "0::/kubepods.slice/cri-containerd-\(QuietIDs.container).scope\n")
            bench.judge.take([.by(0, .lost(1))] + .escape(pid: 7001))
            #expect(bench.told.lines == ["7001 entered-host-mount-namespace"])
        }
    }
}
