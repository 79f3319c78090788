import Glibc
import Synchronization

/// Ends the waits of other threads; once given it stays.
package final class StopSignal: Sendable {
    private let counter: EventCounter
    private let flag = Atomic<Bool>(false)

    package init() throws(SystemError) { counter = try EventCounter() }

    /// Ends every wait, those that begin later included.
    package func stop() {
        flag.store(true, ordering: .releasing)
        counter.increment()
    }

    /// Known without poll(2), which a process that may have no descriptor is refused.
    package var isStopped: Bool { flag.load(ordering: .acquiring) }

    /// Waits for the signal.
    package func wait() { while !wait(seconds: 86_400) {} }

    /// Waits for the signal at most some seconds, and tells whether it was given.
    package func wait(seconds: Double) -> Bool {
        let end = Deadline(secondsFromNow: seconds)
        var entries = [pollfd(fd: counter.number, events: Int16(POLLIN), revents: 0)]
        while !isStopped, !end.isPast {
            _ = Readiness.wait(for: &entries, milliseconds: end.remainingMilliseconds)
        }
        return isStopped
    }

    /// For poll(2): readable once stopped.
    package var descriptor: Int32 { counter.number }
}
