import Dispatch
import LinuxSystem
import Testing

@Suite struct BoundedWorkTests {
    @Test func result() {
        #expect(BoundedWork.run(until: Deadline(secondsFromNow: 60)) { 42 } == 42)
    }

    @Test func resultForTwo() {
        let work = BoundedWork { 42 }
        #expect([60, 1].map { work.result(until: Deadline(secondsFromNow: $0)) } == [42, 42])
    }

    @Test func workThatHangsIsLeftBehind() {
        let never = DispatchSemaphore(value: 0)
        let result = BoundedWork.run(until: Deadline(secondsFromNow: 0.01)) { () -> Int in
            never.wait()
            return 42
        }
        #expect(result == nil)
        never.signal()
    }

    @Test func deadlines() {
        #expect(Deadline(secondsFromNow: 0).isPast)
        #expect(Deadline(secondsFromNow: -5).isPast)
        #expect(Deadline(secondsFromNow: -5).remainingMicroseconds == 0)
        let later = Deadline(secondsFromNow: 60)
        #expect(!later.isPast)
        #expect((59_000_000...60_000_000).contains(later.remainingMicroseconds))
    }

    /// An administrator may give any number as a time limit.
    @Test(arguments: [1e30, .infinity, .greatestFiniteMagnitude])
    func farDeadlines(seconds: Double) {
        #expect(!Deadline(secondsFromNow: seconds).isPast)
        #expect(BoundedWork.run(until: Deadline(secondsFromNow: seconds)) { 42 } == 42)
    }

    @Test(arguments: [-1e30, -.infinity, .nan])
    func noDeadlineAtAll(seconds: Double) {
        #expect(Deadline(secondsFromNow: seconds).isPast)
    }

    @Test func clocks() {
        let before = Clock.monotonicMicroseconds()
        #expect(Clock.monotonicMicroseconds() >= before)
        #expect(Clock.wallMilliseconds() > 1_700_000_000_000)
    }
}
