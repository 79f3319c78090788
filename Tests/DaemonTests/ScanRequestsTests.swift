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

    @Test func endsAWait() async {
        let requests = ScanRequests()
        let waiter = Task.detached { requests.wait(until: Deadline(secondsFromNow: 60)) }
        requests.end()
        #expect(await waiter.value == nil)
        #expect(requests.isEnded)
    }

    @Test func requestEndsAWait() async {
        let requests = ScanRequests()
        let waiter = Task.detached { requests.wait(until: Deadline(secondsFromNow: 60)) }
        requests.request(.reload)
        #expect(await waiter.value == [.reload])
    }
}
