import LinuxSystem
import Synchronization

/// Which threads of this process are about to enter a network namespace, to list its sockets.
///
/// Whoever hears of it knows by this that it is the program itself: a daemon that runs as a pod would take its own threads for
/// one that breaks out.
package final class NetworkVisits: Sendable {
    struct Visit {
        let thread: Int32
        /// Nanoseconds of CLOCK_MONOTONIC.
        let began: UInt64
    }

    let visits = Mutex<[Visit]>([])

    /// As many as one scan makes at most, by far; older ones nobody asks about, as where there are no events.
    static let limit = 1024

    package init() {}

    /// Notes that a thread of this process is about to enter one.
    package func begin(_ thread: Int32) {
        let visit = Visit(thread: thread, began: Clock.monotonicNanoseconds())
        visits.withLock { visits in
            if visits.count == Self.limit { visits.removeFirst() }
            visits.append(visit)
        }
    }

    /// Notes that it was refused.
    func cancel(_ thread: Int32) { visits.withLock { $0.removeAll { $0.thread == thread } } }

    /// Whether a thread of this process made a change of its network namespace for a visit; each counts once.
    ///
    /// - Parameter time: when it did, in nanoseconds of CLOCK_MONOTONIC.
    package func claim(_ thread: Int32, at time: UInt64) -> Bool {
        visits.withLock { visits in
            guard let index = visits.firstIndex(where: { $0.thread == thread && $0.began <= time }) else {
                return false
            }
            visits.remove(at: index)
            return true
        }
    }
}
