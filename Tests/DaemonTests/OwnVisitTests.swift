import Checks
import Findings
import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing
import UnixSockets

@testable import Daemon

/// The daemon as a pod of the node: its scans look into networks of others, and nothing else that it does is its own affair.
@Suite struct OwnVisitTests {
    private static let pod = Node.quiet.tasks[3]
    private static let thread: Int32 = 7001

    /// The quiet pod's main process is this one.
    private static let view: NodeView = {
        let node = Node.quiet.changing { node in
            node.tasks.remove(at: 4)
            (node.tasks[3].pid, node.tasks[3].tid) = (getpid(), getpid())
            node.containers[0].initPID = getpid()
        }
        return NodeView(index: NodeIndex(node), began: 100)
    }()

    /// A thread of a process starts and enters namespaces of the host.
    private static func entry(of pid: Int32, into kinds: [NamespaceKind] = [.network]) -> [KernelEvent] {
        let now = Clock.monotonicNanoseconds()
        var inside = pod.namespaces
        for kind in kinds { inside[kind] = NamespaceSet.host[kind] }
        let actions: [KernelEvent.Action] = [
            .fork(creator: pid, thread: pid), .namespaces(pod.namespaces), .namespaces(inside),
        ]
        return actions.map { KernelEvent(time: now, cpu: 0, pid: pid, tid: thread, action: $0) }
    }

    private static let told = ["entered-host-network-namespace"]

    @Test func aVisit() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(Self.view)
            bench.visits.begin(Self.thread)
            bench.judge.take(Self.entry(of: getpid()))
            #expect(bench.told.techniques == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
            // Nobody has announced another one.
            bench.judge.take([KernelEvent(time: 0, cpu: 0, pid: getpid(), tid: Self.thread, action: .exit)])
            bench.judge.take(Self.entry(of: getpid()))
            #expect(bench.told.techniques == Self.told)
        }
    }

    @Test func anotherThread() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(Self.view)
            bench.visits.begin(Self.thread + 1)
            bench.judge.take(Self.entry(of: getpid()))
            #expect(bench.told.techniques == Self.told)
        }
    }

    /// What came before it was announced is not what was announced.
    @Test func anEarlierEntry() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(Self.view)
            let events = Self.entry(of: getpid())
            bench.visits.begin(Self.thread)
            bench.judge.take(events)
            #expect(bench.told.techniques == Self.told)
        }
    }

    @Test func moreThanTheNetwork() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(Self.view)
            bench.visits.begin(Self.thread)
            bench.judge.take(Self.entry(of: getpid(), into: [.mount, .network]))
            #expect(bench.told.techniques.sorted() == ["entered-host-mount-namespace"] + Self.told)
        }
    }

    @Test func anotherProcess() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.visits.begin(Self.thread)
            bench.judge.take(Self.entry(of: Self.pod.pid))
            #expect(bench.told.techniques == Self.told)
        }
    }
}

extension JudgeBench.Told {
    fileprivate var techniques: [String] { findings.map(\.technique.id) }
}
