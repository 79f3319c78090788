import Glibc

/// Ends the waits of other threads; once given it stays.
package final class StopSignal: Sendable {
    private let counter: EventCounter

    package init() throws(SystemError) { counter = try EventCounter() }

    /// Ends every wait, those that begin later included.
    package func stop() { counter.increment() }

    package var isStopped: Bool { wait(seconds: 0) }

    /// Waits for the signal.
    package func wait() { while !wait(seconds: 86_400) {} }

    /// Waits for the signal at most some seconds, and tells whether it was given.
    package func wait(seconds: Double) -> Bool {
        let end = Deadline(secondsFromNow: seconds)
        var entries = [pollfd(fd: counter.number, events: Int16(POLLIN), revents: 0)]
        repeat {
            if Readiness.wait(for: &entries, milliseconds: end.remainingMilliseconds) > 0 { return true }
        } while !end.isPast
        return false
    }

    /// For poll(2): readable once stopped.
    package var descriptor: Int32 { counter.number }
}
