import Dispatch
import Testing

@testable import LinuxSystem

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

    /// What hangs costs its place no more than two threads, and other places nothing.
    @Test func noMoreIsStartedWhereWorksHang() {
        let leftBehind = WorksLeftBehind()
        let release = DispatchSemaphore(value: 0)
        func start() -> BoundedWork<Int> {
            BoundedWork(among: leftBehind) {
                release.wait()
                return 42
            }
        }
        let works = (0..<5).map { _ in
            let work = start()
            // Asked for twice, it is left behind once.
            for _ in 0..<2 { #expect(work.result(until: Deadline(secondsFromNow: 0)) == nil) }
            return work
        }
        #expect(works.map(\.isStarted) == [true, true, false, false, false])
        let later = Deadline(secondsFromNow: 60)
        #expect(BoundedWork.run(until: later, among: leftBehind) { 7 } == 7)
        for _ in 0..<2 { release.signal() }
        #expect(works.map { $0.result(until: later) } == [42, 42, nil, nil, nil])
        // Both have ended.
        release.signal()
        #expect(start().result(until: later) == 42)
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
