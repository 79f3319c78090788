import Glibc
import Synchronization

/// Parts the work of some threads into slices, and gives the core back between two of one thread.
///
/// The work asks after each of its steps; so a slice is longer than `length` by one step at most. What a thread did
/// before it first asks does not count.
package final class Slices: Sendable {
    /// Microseconds on a core after which a slice ends: half of what anybody is to wait for a core.
    package static let length: Int64 = 10_000

    /// The slice of a thread; in microseconds.
    private struct Slice {
        /// By the thread's own clock.
        var began: Int64
        /// By the other one: before, it cannot be long enough.
        var mayEndAt: Int64
    }

    private let slices = Mutex<[pthread_t: Slice]>([:])
    private let clock: @Sendable () -> Int64
    private let wallClock: @Sendable () -> Int64
    private let rest: @Sendable (Int64) -> Void

    /// - Parameters:
    ///   - clock: microseconds that the calling thread has had a core.
    ///   - wallClock: microseconds of a clock that costs less to ask, and runs at least as fast as any thread's.
    ///   - rest: what is done between two slices, with the microseconds that the first one had a core.
    package init(
        clock: @escaping @Sendable () -> Int64 = Clock.threadMicroseconds,
        wallClock: @escaping @Sendable () -> Int64 = Clock.monotonicMicroseconds,
        rest: @escaping @Sendable (Int64) -> Void
    ) {
        self.clock = clock
        self.wallClock = wallClock
        self.rest = rest
    }

    /// Rests if the calling thread's slice has been long enough.
    package func endIfLong() {
        let (thread, time) = (pthread_self(), wallClock())
        let mayBeLong = slices.withLock { slices in
            time >= slices[thread]?.mayEndAt ?? .min
        }
        if mayBeLong { end(of: thread, at: time, ifAsLongAs: Self.length) }
    }

    /// Rests before a step that takes about a slice itself, unless the calling thread has just rested.
    package func endBeforeLongStep() { end(of: pthread_self(), at: wallClock(), ifAsLongAs: Self.length / 10) }

    private func end(of thread: pthread_t, at time: Int64, ifAsLongAs length: Int64) {
        let now = clock()
        let held = slices.withLock { slices in
            // A thread may have got the number of one that has ended.
            let began = min(now, slices[thread]?.began ?? now)
            slices[thread] = Slice(began: began, mayEndAt: time + Self.length - (now - began))
            return now - began
        }
        guard held >= length else { return }
        rest(held)
        let (next, end) = (clock(), wallClock())
        slices.withLock { $0[thread] = Slice(began: next, mayEndAt: end + Self.length) }
    }
}
