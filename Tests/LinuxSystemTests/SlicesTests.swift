import Synchronization
import Testing

@testable import LinuxSystem

@Suite struct SlicesTests {
    /// How long a thread had a core, as a test says, and the slices that were ended.
    private final class Work: Sendable {
        let time = Mutex<Int64>(0)
        let ended = Mutex<[Int64]>([])
        let wallTime = Mutex<Int64>(0)

        func slices() -> Slices {
            // So fast that a slice may always have been long enough.
            let wallClock = { @Sendable in
                self.wallTime.withLock { time in
                    time += Slices.length
                    return time
                }
            }
            return Slices(clock: { self.time.withLock { $0 } }, wallClock: wallClock) { held in
                self.ended.withLock { $0.append(held) }
                // Others have the core meanwhile: what the thread does to rest is no part of a slice.
                self.time.withLock { $0 += 300 }
            }
        }
    }

    /// Microseconds of each step, and the slices that they make.
    static let cases: [(steps: [Int64], slices: [Int64])] = [
        ([], []),
        ([9_999], []),
        ([10_000], [10_000]),
        ([5_000, 4_999, 1], [10_000]),
        ([9_999, 9_999, 9_999], [19_998]),
        ([4_000, 4_000, 4_000, 4_000, 4_000, 4_000], [12_000, 12_000]),
        ([50_000, 1, 10_000], [50_000, 10_001]),
        // A thread with the number of one that has ended.
        ([8_000, -20_000, 9_999, 1], [10_000]),
    ]

    @Test(arguments: cases)
    func slices(steps: [Int64], slices: [Int64]) {
        let work = Work()
        work.time.withLock { $0 = 77_000 }
        let parted = work.slices()
        // What was before does not count.
        parted.endIfLong()
        for step in steps {
            work.time.withLock { $0 += step }
            parted.endIfLong()
        }
        #expect(work.ended.withLock { $0 } == slices)
    }

    /// What comes next would make of two short slices one that is too long.
    @Test(arguments: [(999, []), (1_000, [1_000]), (9_999, [9_999])] as [(Int64, [Int64])])
    func beforeALongStep(step: Int64, slices: [Int64]) {
        let work = Work()
        let parted = work.slices()
        parted.endIfLong()
        work.time.withLock { $0 += step }
        parted.endBeforeLongStep()
        #expect(work.ended.withLock { $0 } == slices)
        work.time.withLock { $0 += 12_000 }
        parted.endIfLong()
        #expect(work.ended.withLock { $0 } == slices + [slices.isEmpty ? step + 12_000 : 12_000])
    }

    /// Where less than a slice has passed for everybody nobody has to be asked how much of it a thread had.
    @Test func looks() {
        let looks = Mutex<[Int64]>([])
        let time = Mutex<Int64>(0)
        let read = { @Sendable in time.withLock { $0 } }
        let slices = Slices(
            clock: {
                let half = read() / 2
                looks.withLock { $0.append(half) }
                return half
            }, wallClock: read, rest: { _ in })
        for step in stride(from: 0, through: 18_000, by: 1_000) {
            time.withLock { $0 = Int64(step) }
            slices.endIfLong()
        }
        #expect(looks.withLock { $0 } == [0, 5_000, 7_500, 9_000])
    }

    @Test func eachThreadHasItsOwn() {
        let work = Work()
        let parted = work.slices()
        parted.endIfLong()
        work.time.withLock { $0 = 10_000 }
        let isDone = BoundedWork.run(until: Deadline(secondsFromNow: 30)) {
            parted.endIfLong()
            return true
        }
        #expect(isDone == true && work.ended.withLock { $0 } == [])
        parted.endIfLong()
        #expect(work.ended.withLock { $0 } == [10_000])
    }

    @Test func clockOfTheThread() {
        let before = Clock.threadMicroseconds()
        while Clock.threadMicroseconds() == before {}
        #expect(Clock.threadMicroseconds() > before)
    }
}
