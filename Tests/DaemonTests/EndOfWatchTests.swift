import Checks
import Delivery
import Findings
import LinuxSystem
import NodeModel
import Reports
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// What is known when the daemon is told to end is told, or counted.
@Suite(.timeLimit(.minutes(10))) struct EndOfWatchTests {
    private static let pod = Node.quiet.tasks[3]

    /// A child of the quiet pod's main process enters other namespaces.
    private static func entry(_ kind: NamespaceKind, _ namespace: NamespaceID?) -> [KernelEvent] {
        var inside = pod.namespaces
        inside[kind] = namespace
        let actions: [KernelEvent.Action] = [
            .fork(creator: pod.pid, thread: pod.pid), .namespaces(pod.namespaces), .namespaces(inside), .exit,
        ]
        return actions.map { KernelEvent(time: 1000, cpu: 0, pid: 7000, tid: 7000, action: $0) }
    }

    private static let hostMount = NamespaceSet.host[.mount]

    /// The names of its container were for the next scan to find.
    @Test func containerWithoutNames() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            let nameless = Node.quiet.changingContainer { ($0.name, $0.pod) = (nil, nil) }
            bench.judge.take(NodeView(index: NodeIndex(nameless), began: 100))
            bench.judge.take(Self.entry(.mount, Self.hostMount))
            #expect(bench.told.findings.isEmpty)
            #expect(bench.judge.endWaiting() == 0)
            #expect(bench.told.findings.map(\.technique.id) == ["entered-host-mount-namespace"])
            #expect(bench.judge.endWaiting() == 0 && bench.told.findings.count == 1)
        }
    }

    /// What no scan has told of is given up, and counted.
    @Test(arguments: [false, true])
    func nobodyKnown(isScanned: Bool) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            if isScanned {
                let nothing = Node.quiet.changing { node in
                    node.tasks.removeSubrange(2...)
                    (node.containers, node.mountTables) = ([], [])
                }
                bench.judge.take(JudgeBench.view)
                bench.judge.take(NodeView(index: NodeIndex(nothing), began: 200))
            }
            bench.judge.take(Self.entry(.mount, Self.hostMount))
            #expect(bench.counts.value.unattributedChanges == 0)
            #expect(bench.judge.endWaiting() == 1)
            #expect(bench.told.findings.isEmpty && bench.counts.value.unattributedChanges == 1)
        }
    }

    /// Its number may have been given anew since: the pod is not to be accused of having entered somebody's namespace.
    @Test func namespaceOfOneWhoHasEnded() throws {
        try TemporaryDirectory.with { directory in
            let theirs = NamespaceID(rawValue: 4_026_532_711)
            let node = Node.quiet.changing { node in
                var container = node.containers[0]
                (container.id, container.sandboxID, container.initPID) = (QuietIDs.secondSandbox, nil, 5100)
                (container.pod, container.rootDevice) = (PodIdentity(namespace: "shop", name: "db-0", uid: "7c1e"), nil)
                var task = Self.pod
                (task.pid, task.tid, task.container) = (5100, 5100, 2)
                task.namespaces[.mount] = theirs
                node.containers.append(container)
                node.tasks.append(task)
            }
            var bench = try JudgeBench(directory)
            bench.judge.take(NodeView(index: NodeIndex(node), began: 100))
            bench.judge.take(Self.entry(.mount, theirs))
            #expect(bench.judge.endWaiting() == 1 && bench.told.findings.isEmpty)
        }
    }

    /// A sink that keeps what it is given.
    private final class Keeper: Sink {
        let name = "keeper"
        let texts = Mutex<[String]>([])

        func offer(_ record: Record) { texts.withLock { $0.append(record.text) } }

        var state: SinkState { SinkState() }

        func prepareToClose(until deadline: Deadline) {}
        func close(until deadline: Deadline) -> Int { 0 }
    }

    /// What was counted since the last beat goes out, and is no sign of life.
    @Test func theLastBeat() async throws {
        let (keeper, counts, log) = (Keeper(), CountsBox(), CollectedLog().logger)
        let outlet = Outlet(sink: keeper, minSeverity: .info, format: .line(.emf, RecordOrigin()))
        let beats = Heartbeat(
            node: "ip-10-0-3-17", counts: counts, raised: RaisedFindings(), sinks: SinkSet([outlet], logger: log),
            status: DaemonStatus(manager: ServiceManager(), counts: counts), apiAge: { nil },
            noteLife: { _ in Issue.record("a sign of life") })
        let running = Task {
            counts.update { ($0.lostRecords, $0.findingsHeldBack, $0.unattributedChanges) = (3, 4, 5) }
            try await beats.run()
        }
        running.cancel()
        try await running.value
        let texts = keeper.texts.withLock { $0 }
        let text = try #require(texts.last)
        for member in [#""Heartbeat":0"#, #""EventsLost":3"#, #""FindingsHeldBack":4"#, #""NotJudged":5"#] {
            #expect(text.contains(member), "\(text)")
        }
        #expect(texts.count == 1)
    }
}
