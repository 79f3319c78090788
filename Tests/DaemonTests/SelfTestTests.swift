import LinuxSystem
import Logging
import Testing

@testable import Daemon

@Suite struct SelfTestTests {
    private let requests = ScanRequests()
    private let counts = CountsBox()
    private let status: DaemonStatus
    private let test: SelfTest

    init() {
        status = DaemonStatus(manager: ServiceManager(), counts: counts)
        test = SelfTest(
            witness: SelfTestWitness(), requests: requests, status: status, counts: counts,
            logger: Logger(label: "test"))
    }

    private var reasons: Set<ScanReason>? { requests.wait(until: .init(secondsFromNow: 0)) }

    /// Nothing is known before the first, and what is unseen is a gap until it is seen again.
    @Test func unseenAndSeen() {
        #expect(status.isOwnActSeen == nil && status.gaps == 0)
        #expect(!test.note(nil))
        #expect(status.isOwnActSeen == false && status.gaps == 1 && reasons == [.lostRecords])
        #expect(counts.value.selfTestFailures == 1 && counts.value.selfTestLatency == nil)
        #expect(test.note(2.5))
        #expect(status.isOwnActSeen == true && status.gaps == 0 && reasons == [])
        #expect(counts.value.selfTestFailures == 1 && counts.value.selfTestLatency == 2.5)
    }

    /// What could not be done says nothing of events: those of the latest act count.
    @Test(arguments: [nil, true, false] as [Bool?])
    func notDone(before: Bool?) {
        if let before { _ = test.note(before ? 2.5 : nil) }
        _ = reasons
        #expect(!test.fail("the child may not"))
        #expect(status.isOwnActSeen == before && status.gaps == 1 && reasons == [])
        #expect(counts.value.selfTestLatency == nil)
    }
}
