import CLinux
import Glibc

/// Ends one wait of another thread, the next one if there is none now.
package final class WakeSignal: Sendable {
    private let event: Descriptor

    package init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if number < 0 { throw SystemError(errorNumber: errno, call: "eventfd", path: "") }
        event = Descriptor(adopting: number)
    }

    package func wake() { _ = eventfd_write(event.number, 1) }

    /// Takes back what was given so far, and tells whether anything was; called by whoever waits, before it looks at what it
    /// was woken for.
    @discardableResult
    package func reset() -> Bool {
        var count = eventfd_t()
        return eventfd_read(event.number, &count) == 0
    }

    /// Whether the next wait ends at once.
    package var isGiven: Bool {
        var entries = [pollfd(fd: event.number, events: Int16(POLLIN), revents: 0)]
        return Readiness.wait(for: &entries, milliseconds: 0) > 0
    }

    /// For poll(2): readable until it is reset.
    package var descriptor: Int32 { event.number }
}
