import LinuxSystem
import Testing

@Suite struct StopSignalTests {
    @Test func onceGivenItStays() throws {
        let signal = try StopSignal()
        #expect(!signal.isStopped && !signal.wait(seconds: 0.001) && !signal.wait(seconds: -1))
        signal.stop()
        signal.stop()
        #expect(signal.isStopped && signal.wait(seconds: 3600) && signal.wait(seconds: .infinity))
        signal.wait()
    }

    @Test func itEndsAWaitThatHasBegun() throws {
        let signal = try StopSignal()
        let work = BoundedWork { signal.wait(seconds: 3600) }
        signal.stop()
        #expect(work.result(until: Deadline(secondsFromNow: 20)) == true)
    }
}
