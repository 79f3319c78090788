import Checks
import Configuration
import Findings
import LinuxSystem
import NodeModel
import NodeSnapshot
import ProcFS
import ServiceLifecycle
import TestSupport
import Testing

@testable import Daemon

/// Rings that are opened, at the start or anew: who the tasks are is read after that.
@Suite(.timeLimit(.minutes(10))) struct NewEventsTests {
    private static let pod = Node.quiet.tasks[3]

    private static func event(_ action: KernelEvent.Action) -> KernelEvent {
        KernelEvent(time: Clock.monotonicNanoseconds(), cpu: 0, pid: pod.pid, tid: pod.tid, action: action)
    }

    /// The pod's process enters the host's mounts, as the first event of rings that were opened anew.
    private static func enterHostMount(afterNewRings bench: inout JudgeBench) {
        bench.judge.take(JudgeBench.view)
        bench.judge.forgetTasks()
        var inside = pod.namespaces
        inside[.mount] = NamespaceSet.host[.mount]
        bench.judge.take([event(.namespaces(inside))])
    }

    /// A process from before enters the host's mounts as soon as there are events again: what it was in is still known, and the
    /// scan that follows tells whose it is.
    @Test func processFromBefore() throws {
        try TemporaryDirectory.with { directory in
            try directory.file(
                "proc/\(Self.pod.pid)/cgroup", "0::/kubepods.slice/cri-containerd-\(QuietIDs.container).scope\n")
            var bench = try JudgeBench(directory)
            Self.enterHostMount(afterNewRings: &bench)
            #expect(bench.told.findings.isEmpty)
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: Clock.monotonicNanoseconds()))
            #expect(bench.told.findings.map(\.technique.id) == ["entered-host-mount-namespace"])
        }
    }

    /// A number of before may be another task's by now.
    @Test func numberThatIsGivenAnew() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            Self.enterHostMount(afterNewRings: &bench)
            let without = Node.quiet.changing { $0.tasks.removeSubrange(3...) }
            bench.judge.take(NodeView(index: NodeIndex(without), began: Clock.monotonicNanoseconds()))
            #expect(bench.told.findings.isEmpty && bench.counts.value.unattributedChanges == 1)
        }
    }

    /// Counters never go back.
    @Test func unknownTasks() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take([Self.event(.exit)])
            #expect(bench.counts.value.unknownTasks == 1)
            bench.judge.forgetTasks()
            bench.judge.take([Self.event(.exit)])
            #expect(bench.counts.value.unknownTasks == 2)
        }
    }

    /// Whether the kernel has events here or not.
    @Test func aScanIsAskedFor() async throws {
        try await TemporaryDirectory.with { directory in
            let (bench, log, wake) = (try JudgeBench(directory), CollectedLog().logger, try WakeSignal())
            let (reporter, requests, heard) = (bench.judge.reporter, bench.requests, bench.heardWrites)
            let watch = EventWatch(
                root: "/", views: Latest(wake: wake), writes: FileEventBox(wake: wake), started: StartedContainers(),
                wake: wake,
                makeJudge: { [counts = bench.counts, witness = bench.witness, visits = bench.visits] in
                    EventJudge(
                        owner: CgroupOwner(root: directory.path), namespaces: { _ in nil },
                        blockDevices: BlockDevices(root: directory.path), reporter: reporter, requests: requests,
                        counts: counts, witness: witness, visits: visits, heardWrites: heard)
                },
                requests: requests, status: bench.status, counts: bench.counts, beat: {}, logger: log)
            let group = ServiceGroup(configuration: .init(services: [.init(service: watch)], logger: log))
            let running = Task { try await group.run() }
            let limit = Deadline(secondsFromNow: 60)
            let reasons = await Task.detached { requests.wait(until: limit, rest: limit) }.value
            #expect(reasons?.contains(.eventChange) == true)
            await group.triggerGracefulShutdown()
            try await running.value
        }
    }

    /// What comes and goes before is no reason for the first scan.
    @Test(arguments: [(ScanReason.containerChange, 0), (.reload, 0), (.eventChange, 1)] as [(ScanReason, UInt64)])
    func theFirstScan(reason: ScanReason, count: UInt64) async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try JudgeBench(directory)
            let (requests, counts) = (bench.requests, bench.counts)
            let scans = ScanLoop(
                options: SnapshotOptions(proc: "\(directory.path)/proc", root: directory.path), readAPIPods: nil,
                requests: requests, views: Latest(), reporter: bench.judge.reporter, status: bench.status,
                counts: counts, settings: LiveSettings(try DaemonConfiguration()), logger: CollectedLog().logger)
            requests.request(reason)
            if count == 0 { requests.end() }
            let running = Task { try await scans.run() }
            while counts.value.scans < count { await Task.yield() }
            requests.end()
            try await running.value
            // One that can read nothing is followed by others, on a slow machine within the test.
            #expect((counts.value.scans > 0) == (count > 0))
        }
    }
}
