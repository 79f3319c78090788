import LinuxSystem
import Synchronization

/// Ends requests from another thread, for good.
package final class HTTPCancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    /// A request that was given this value ends within about a second.
    package func cancel() { flag.store(true, ordering: .releasing) }

    package var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Waits some seconds, or until it is cancelled, which is noticed within a quarter of a second.
    package func wait(seconds: Double) {
        let end = Deadline(secondsFromNow: seconds)
        while !isCancelled, !end.isPast {
            Clock.sleep(seconds: min(Double(end.remainingMicroseconds) / 1e6, 0.25))
        }
    }
}
