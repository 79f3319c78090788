import CLinux
import Glibc

/// Ends the waits of other threads; once given it stays.
package final class StopSignal: Sendable {
    private let event: Descriptor

    package init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if number < 0 { throw SystemError(errorNumber: errno, call: "eventfd", path: "") }
        event = Descriptor(adopting: number)
    }

    /// Ends every wait, those that begin later included.
    package func stop() { _ = eventfd_write(event.number, 1) }

    package var isStopped: Bool { wait(seconds: 0) }

    /// Waits for the signal.
    package func wait() { while !wait(seconds: 86_400) {} }

    /// Waits for the signal at most some seconds, and tells whether it was given.
    package func wait(seconds: Double) -> Bool {
        let end = Deadline(secondsFromNow: seconds)
        var entries = [pollfd(fd: event.number, events: Int16(POLLIN), revents: 0)]
        repeat {
            if Readiness.wait(for: &entries, milliseconds: end.remainingMilliseconds) > 0 { return true }
        } while !end.isPast
        return false
    }

    /// For poll(2): readable once stopped.
    package var descriptor: Int32 { event.number }
}
