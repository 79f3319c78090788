import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import Daemon

/// Processes of the node that look into a container and come back: nvidia-container-cli, perf, py-spy.
@Suite struct EventJudgeVisitTests {
    /// Of the records those kinds alone that change.
    private static let pod = mounts(of: JudgeBench.pod.namespaces)
    private static let host = mounts(of: .host)

    private static func mounts(of namespaces: NamespaceSet) -> NamespaceSet {
        var mounts = NamespaceSet()
        mounts[.mount] = namespaces[.mount]
        return mounts
    }

    private static let inside: [KernelEvent] = [.by(7000, .namespaces(pod))]
    /// The kernel moves the root (set_fs_root) before it tells of the namespaces.
    private static let back: [KernelEvent] = [
        .by(7000, .call(.root(.hostRoot))), .by(7000, .namespaces(host)), .by(7000, .exit),
    ]
    private static let start: [KernelEvent] = [
        .by(7000, .forkOfShim), .by(7000, .namespaces(host)),
        .by(7000, .comm(TaskName("perf"), isExec: true)),
    ]
    private static let escaped = ["7000 root-moved-to-host", "7000 entered-host-mount-namespace"]

    static let visits: [(name: String, events: [[KernelEvent]], lines: [String])] = [
        ("there and back", [start, inside, back], []),
        ("twice", [start, inside, back.dropLast(), inside, back], []),
        ("a child from inside", [parent, child, inside, back], []),
        ("with a program in between", [start, inside, shell, back], escaped),
        ("a child of that program", [parent, parentsProgram, child, inside, back], escaped),
        ("with a program of a child in between", [start, inside, childsProgram, back], []),
        ("into a container's group in between", [start, inside, move, shell, back], escaped),
        ("a container's own", [[.by(7000, .forkOfPod)], inside, back], escaped),
        ("what it does there", [start, inside, [.by(7000, .module("overlay")), .by(7000, .signal(9, to: 900))]], []),
    ]

    private static let parent: [KernelEvent] = [.by(6999, .forkOfShim), .by(6999, .namespaces(pod))]
    private static let parentsProgram: [KernelEvent] = [.by(6999, .comm(TaskName("sh"), isExec: true))]
    private static let child: [KernelEvent] = [.by(7000, .fork(creator: 6999, thread: 6999))]
    private static let shell: [KernelEvent] = [.by(7000, .comm(TaskName("sh"), isExec: true))]
    private static let move: [KernelEvent] = [
        .by(900, .cgroup(thread: 7000, .at(QuietIDs.path(QuietIDs.container))))
    ]
    private static let childsProgram: [KernelEvent] = [
        .by(7001, .fork(creator: 7000, thread: 7000)), .by(7001, .namespaces(pod)),
        .by(7001, .comm(TaskName("ldconfig"), isExec: true)), .by(7001, .exit),
    ]

    @Test(arguments: visits) func visit(name: String, events: [[KernelEvent]], lines: [String]) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            for events in events { bench.judge.take(events) }
            #expect(bench.told.lines == lines)
            #expect(bench.counts.value.unattributedChanges == 0)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }

    /// A container that no scan has seen yet is known by the next one, and the visit is still the node's.
    @Test(arguments: [false, true]) func containerThatIsNew(runsProgram: Bool) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 100))
            bench.judge.take(Self.start + Self.inside + (runsProgram ? Self.shell : []) + Self.back)
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            #expect(bench.told.lines == (runsProgram ? Self.escaped : []))
            #expect(bench.counts.value.unattributedChanges == 0)
        }
    }

    /// By a thread, while its process stays; and from a runtime's own mounts, as a service has them.
    @Test func threadOfAService() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(NodeView(index: NodeIndex(Node.quiet.withService()), began: 100))
            var home = NamespaceSet()
            home[.mount] = Node.serviceMounts
            let actions: [KernelEvent.Action] = [
                .fork(creator: 700, thread: 700), .namespaces(home), .namespaces(Self.pod), .call(.root(.hostRoot)),
                .namespaces(home),
            ]
            bench.judge.take(actions.map { KernelEvent(time: 1000, cpu: 0, pid: 700, tid: 701, action: $0) })
            #expect(bench.told.lines == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [])
        }
    }

    /// Who was inside when a scan first saw it may have been there since it began.
    @Test func foundInside() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            let node = Node.quiet.changing { $0.tasks[1].namespaces = Self.pod }
            bench.judge.take(NodeView(index: NodeIndex(node), began: 100))
            bench.judge.take([.by(900, .namespaces(Self.host))])
            #expect(bench.told.lines == ["900 entered-host-mount-namespace"])
        }
    }

    /// A scan that looks while a process is inside counts it to the container.
    @Test func scanInBetween() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take(Self.start + Self.inside)
            let node = Node.quiet.changing { node in
                var visitor = node.tasks[3]
                (visitor.pid, visitor.tid, visitor.startTime, visitor.cgroup) = (7000, 7000, 0, 0)
                visitor.attribution = .mountNamespace
                node.tasks.append(visitor)
            }
            bench.judge.take(NodeView(index: NodeIndex(node), began: 2000))
            bench.judge.take(Self.back)
            #expect(bench.told.lines == [])
        }
    }

    /// A log of its own, say.
    @Test(arguments: [false, true]) func fileOfTheNode(runsProgram: Bool) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take(Self.start + Self.inside + (runsProgram ? Self.shell : []))
            let event = FileEvent(time: 1000, tid: 7000, path: "/etc/cron.d/x", change: [.modified, .closed])
            bench.judge.take([HeardChange(event: event, owner: .host)])
            #expect(bench.told.lines == (runsProgram ? ["7000 node-file-written-cron"] : []))
        }
    }

    /// A child of a container that a scan knows nothing of any more: in a group of the node, in mounts of its own, and
    /// without its parents.
    @Test func childThatAScanCountsToNobody() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            var own = JudgeBench.pod.namespaces
            own[.mount] = NamespaceID(rawValue: 4_026_539_000)
            bench.judge.take([.by(7000, .forkOfPod), .by(7000, .namespaces(own))])
            let node = Node.quiet.changing { node in
                var child = node.tasks[1]
                (child.pid, child.tid, child.startTime, child.namespaces) = (7000, 7000, 0, own)
                node.tasks.append(child)
            }
            bench.judge.take(NodeView(index: NodeIndex(node), began: 2000))
            bench.judge.take([.by(7001, .fork(creator: 7000, thread: 7000)), .by(7001, .module("x"))])
            #expect(bench.told.lines == ["7001 kernel-module-loaded"])
        }
    }
}
