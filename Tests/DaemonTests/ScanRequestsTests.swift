import LinuxSystem
import Testing

@testable import Daemon

@Suite struct ScanRequestsTests {
    @Test func requestsBecomeOneScan() {
        let requests = ScanRequests()
        requests.request(.lostRecords)
        requests.request(.containerChange)
        requests.request(.lostRecords)
        #expect(requests.wait(until: Deadline(secondsFromNow: 60)) == [.lostRecords, .containerChange])
        #expect(requests.wait(until: Deadline(secondsFromNow: 0)) == [])
    }

    /// What nobody waits for is put off, and comes with what is urgent.
    @Test func rest() {
        let requests = ScanRequests()
        let (now, later) = (Deadline(secondsFromNow: 0), Deadline(secondsFromNow: 60))
        requests.request(.containerChange)
        #expect(requests.wait(until: Deadline(secondsFromNow: 0.02), rest: later) == [.containerChange])
        requests.request(.containerChange)
        #expect(requests.wait(until: later, rest: now) == [.containerChange])
        requests.request(.containerChange)
        requests.request(.unknownContainer)
        #expect(requests.wait(until: later, rest: later) == [.containerChange, .unknownContainer])
    }

    /// The first scan, what is urgent, and the end are waited for; a scan that has begun is so as soon as they come.
    @Test func isAwaited() {
        let requests = ScanRequests()
        let now = Deadline(secondsFromNow: 0)
        #expect(requests.isAwaited)
        _ = requests.wait(until: now)
        #expect(!requests.isAwaited)
        requests.request(.containerChange)
        #expect(!requests.isAwaited)
        requests.request(.unknownContainer)
        #expect(requests.isAwaited)
        #expect(requests.wait(until: now) == [.containerChange, .unknownContainer])
        #expect(requests.isAwaited)
        _ = requests.wait(until: now)
        #expect(!requests.isAwaited)
        requests.end()
        #expect(requests.isAwaited)
    }

    @Test func endsAWait() async {
        let requests = ScanRequests()
        let waiter = Task.detached { requests.wait(until: Deadline(secondsFromNow: 60)) }
        requests.end()
        #expect(await waiter.value == nil)
        #expect(requests.wait(until: Deadline(secondsFromNow: 0)) == nil)
    }

    @Test func requestEndsAWait() async {
        let requests = ScanRequests()
        let waiter = Task.detached { requests.wait(until: Deadline(secondsFromNow: 60)) }
        requests.request(.reload)
        #expect(await waiter.value == [.reload])
    }
}
