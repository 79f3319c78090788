import Checks
import Configuration
import Findings
import LinuxSystem
import NodeModel
import ProcFS
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Changes of the node's files, and whose tasks made them.
@Suite struct EventJudgeFilesTests {
    private static let pod = JudgeBench.pod
    private static let podName = Node.quiet.containers[0].pod?.name ?? ""

    /// The cgroup of the pod's container, and that of somebody who has ended: none.
    private static let container = CgroupPlacement.Owner.container(ContainerPlace(containerID: QuietIDs.container))

    private static func write(
        _ tid: Int32?, _ path: String = "/etc/cron.d/x", owner: CgroupPlacement.Owner? = nil
    ) -> HeardChange {
        let event = FileEvent(time: 1000, tid: tid, path: path, change: [.modified, .closed])
        return HeardChange(event: event, owner: owner)
    }

    /// What a process did before the files changed.
    private static func event(_ pid: Int32, _ action: KernelEvent.Action) -> KernelEvent { .by(pid, action, at: 900) }

    private static func with(_ body: (inout JudgeBench) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            try body(&bench)
        }
    }

    /// The writer has ended; the table still knows it.
    @Test func childOfAContainer() throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.event(7000, .forkOfPod), Self.event(7000, .exit)])
            bench.judge.take([Self.write(7000)])
            #expect(bench.told.linesWithPods == ["7000 node-file-written-cron \(Self.podName)"])
            #expect(bench.unattributed == 0 && !bench.isScanAskedFor)
            #expect(bench.counts.value.fileEvents == 1)
            // Further changes of the same file by the same task are no news; another file has an id of its own.
            bench.judge.take([Self.write(7000), Self.write(7000, "/etc/cron.d/y")])
            #expect(Set(bench.told.ids).count == 2 && bench.told.ids.count == 2)
        }
    }

    @Test(arguments: ["/etc/hosts", "/tmp/x"])
    func otherFile(path: String) throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.write(Self.pod.pid, path)])
            #expect(bench.told.linesWithPods == [] && bench.unattributed == 0)
        }
    }

    /// PID 1, and what it starts: a package manager, cron, the kubelet.
    @Test func processOfTheNode() throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.event(7000, .fork(creator: 1, thread: 1)), Self.event(7000, .exit)])
            bench.judge.take([Self.write(1, owner: .host), Self.write(7000)])
            #expect(bench.told.linesWithPods == [] && bench.unattributed == 0 && !bench.isScanAskedFor)
        }
    }

    /// The table has the runtime's cgroup for a process that was moved since; `/proc` tells while it runs.
    @Test func movedToAContainer() throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.event(7000, .fork(creator: 1, thread: 1))])
            bench.judge.take([Self.write(7000, owner: Self.container)])
            #expect(bench.told.linesWithPods == ["7000 node-file-written-cron \(Self.podName)"])
        }
    }

    /// A task that left its container's cgroup stays its container's.
    @Test func movedOutOfAContainer() throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.write(Self.pod.pid, owner: .host)])
            #expect(bench.told.linesWithPods == ["\(Self.pod.pid) node-file-written-cron \(Self.podName)"])
        }
    }

    /// Nobody in the table, and nobody in `/proc`: a scan may tell, and what it does not tell is counted.
    @Test func unknown() throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.write(9999)])
            #expect(bench.isScanAskedFor && bench.unattributed == 0)
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 500))
            #expect(bench.isScanAskedFor && bench.unattributed == 0)
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.linesWithPods == [] && bench.unattributed == 1 && !bench.isScanAskedFor)
        }
    }

    @Test func withoutAWriter() throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.write(nil)])
            #expect(bench.told.linesWithPods == [] && bench.unattributed == 1 && !bench.isScanAskedFor)
        }
    }

    /// A container that no scan has seen yet: the writer is gone by the time that one has.
    @Test func newContainer() throws {
        try Self.with { bench in
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 100))
            bench.judge.take([Self.write(7000, owner: Self.container)])
            #expect(bench.told.linesWithPods == [] && bench.isScanAskedFor)
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.linesWithPods == ["7000 node-file-written-cron \(Self.podName)"])
        }
    }

    /// What the runtime starts in a container whose mount namespace no scan has seen yet, and that has ended.
    @Test func endedInANewContainer() throws {
        try Self.with { bench in
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 100))
            bench.judge.take([
                Self.event(7000, .forkOfShim), Self.event(7000, .namespaces(NamespaceSet.host)),
                Self.event(7000, .namespaces(Self.pod.namespaces)), Self.event(7000, .exit),
            ])
            bench.judge.take([Self.write(7000)])
            #expect(bench.told.linesWithPods == [] && bench.isScanAskedFor)
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.linesWithPods == ["7000 node-file-written-cron \(Self.podName)"])
            #expect(bench.unattributed == 0)
        }
    }

    @Test func beforeTheFirstScan() throws {
        try Self.with { bench in
            bench.judge.take([Self.write(7000, owner: Self.container)])
            #expect(bench.told.linesWithPods == [])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.linesWithPods == ["7000 node-file-written-cron \(Self.podName)"])
        }
    }

    /// After a loss of events a number may be another task's.
    @Test func afterALoss() throws {
        try Self.with { bench in
            bench.judge.take(JudgeBench.view)
            bench.judge.take([Self.event(0, .lost(1))])
            bench.judge.take([Self.write(Self.pod.pid)])
            #expect(bench.told.linesWithPods == [])
        }
    }
}

extension JudgeBench {
    fileprivate var unattributed: UInt64 { counts.value.unattributedWrites }
    fileprivate var isScanAskedFor: Bool { requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer] }
}

extension JudgeBench.Told {
    /// `pid technique pod` of each.
    fileprivate var linesWithPods: [String] {
        findings.map { "\($0.task?.pid ?? 0) \($0.technique.id) \($0.pod?.name ?? "-")" }
    }

    fileprivate var ids: [String] { findings.map(\.id) }
}
