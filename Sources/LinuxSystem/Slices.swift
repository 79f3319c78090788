import Glibc
import Synchronization

/// Parts the work of some threads into slices, and gives the core back between two of one thread.
///
/// The work asks after each of its steps; so a slice is longer than `length` by one step at most. What a thread did
/// before it first asks does not count.
package final class Slices: Sendable {
    /// Microseconds on a core after which a slice ends: half of what anybody is to wait for a core.
    package static let length: Int64 = 10_000

    private let beginnings = Mutex<[pthread_t: Int64]>([:])
    private let clock: @Sendable () -> Int64
    private let rest: @Sendable (Int64) -> Void

    /// - Parameters:
    ///   - clock: microseconds that the calling thread has had a core.
    ///   - rest: what is done between two slices, with the microseconds that the first one had a core.
    package init(
        clock: @escaping @Sendable () -> Int64 = Clock.threadMicroseconds, rest: @escaping @Sendable (Int64) -> Void
    ) {
        self.clock = clock
        self.rest = rest
    }

    /// Rests if the calling thread's slice has been long enough.
    package func endIfLong() {
        let (thread, now) = (pthread_self(), clock())
        let held = beginnings.withLock { beginnings in
            // A thread may have got the number of one that has ended.
            if now < beginnings[thread] ?? .max { beginnings[thread] = now }
            return now - (beginnings[thread] ?? now)
        }
        guard held >= Self.length else { return }
        rest(held)
        let next = clock()
        beginnings.withLock { $0[thread] = next }
    }
}
