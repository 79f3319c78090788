import Glibc
import LinuxSystem
import Logging
import NodeModel
import Testing

@testable import Daemon

@Suite struct SelfTestTests {
    private let requests = ScanRequests()
    private let counts = CountsBox()
    private let status: DaemonStatus
    private let witness = SelfTestWitness()
    private let test: SelfTest

    init() {
        status = DaemonStatus(manager: ServiceManager(), counts: counts)
        test = SelfTest(
            witness: witness, requests: requests, status: status, counts: counts,
            logger: Logger(label: "test"))
    }

    private var reasons: Set<ScanReason>? { requests.wait(until: .init(secondsFromNow: 0)) }

    /// Nothing is known before the first, and what is unseen is a gap until it is seen again.
    @Test func unseenAndSeen() {
        #expect(status.isOwnActSeen == nil && status.gaps == 0)
        #expect(!test.note(.nothing))
        #expect(status.isOwnActSeen == false && status.gaps == 1 && reasons == [.lostRecords])
        #expect(counts.value.selfTestFailures == 1 && counts.value.selfTestLatency == nil)
        #expect(test.note(.whole(2.5)))
        #expect(status.isOwnActSeen == true && status.gaps == 0 && reasons == [])
        #expect(counts.value.selfTestFailures == 1 && counts.value.selfTestLatency == 2.5)
    }

    /// What could not be done says nothing of events: those of the latest act count.
    @Test(arguments: [nil, true, false] as [Bool?])
    func notDone(before: Bool?) {
        if let before { _ = test.note(before ? .whole(2.5) : .unprobed) }
        _ = reasons
        #expect(!test.fail("the child may not"))
        #expect(status.isOwnActSeen == before && status.gaps == 1 && reasons == [])
        #expect(counts.value.selfTestLatency == nil)
    }

    /// Without events there is nothing to see, and what was seen of them does not hold any more.
    @Test func withoutEvents() {
        _ = test.note(.whole(2.5))
        status.set(events: .failed("perf_event_open: Permission denied"))
        #expect(!test.look())
        #expect(counts.value.selfTestLatency == nil && counts.value.selfTestFailures == 0 && reasons == [])
    }

    /// The kernel's probes say nothing, whatever else it tells.
    @Test func unprobed() {
        #expect(!test.note(.unprobed))
        #expect(status.isOwnActSeen == false && status.gaps == 1 && reasons == [.lostRecords])
        #expect(counts.value.selfTestFailures == 1 && counts.value.selfTestLatency == nil)
    }

    // MARK: what is seen

    private static let child = LineageTask(
        pid: 4711, tid: 4711, parent: getpid(), namespaces: NamespaceSet([.uts: 2]))
    private static let stranger = LineageTask(pid: 4712, tid: 4712, parent: 1, namespaces: child.namespaces)

    private func change(of task: LineageTask) {
        let before = NamespaceSet([.uts: 1])
        witness.note(NamespaceChange(time: .max, task: task, before: before))
    }

    private func call(of task: LineageTask, _ deed: TaskAct.Deed = .wroteMemory(of: child)) {
        witness.note(TaskAct(time: 0, task: task, deed: deed))
    }

    private static let sights: [(name: String, see: @Sendable (Self) -> Void, probed: Sight, others: Sight)] = [
        ("nothing", { _ in }, .nothing, .nothing),
        ("the change", { $0.change(of: child) }, .unprobed, .whole(0)),
        ("the call", { $0.call(of: child) }, .nothing, .nothing),
        (
            "both",
            {
                $0.call(of: child)
                $0.change(of: child)
            }, .whole(0), .whole(0)
        ),
        (
            "another call",
            {
                $0.call(of: child, .traced(stranger))
                $0.change(of: child)
            }, .unprobed, .whole(0)
        ),
        (
            "the call of somebody else",
            {
                $0.call(of: stranger)
                $0.change(of: child)
            }, .unprobed, .whole(0)
        ),
        (
            "the change of somebody else",
            {
                $0.call(of: child)
                $0.change(of: stranger)
            }, .nothing, .nothing
        ),
    ]
    private typealias Sight = SelfTestWitness.Sight

    /// Where there are probes, one of them has to tell of the call; what was seen of an earlier act does not count.
    @Test(arguments: sights.indices)
    func seeing(index: Int) {
        let (name, see, probed, others) = Self.sights[index]
        for (isProbed, expected) in [(true, probed), (false, others)] {
            see(self)
            witness.expect()
            #expect(witness.sight(probed: isProbed, until: .init(secondsFromNow: 0)) == .nothing, "\(name)")
            witness.expect()
            see(self)
            #expect(witness.sight(probed: isProbed, until: .init(secondsFromNow: 0)) == expected, "\(name)")
        }
    }
}
