import CLinux
import Glibc
package import LinuxSystem

/// Ends an `EventStream`'s wait from another thread; once given it stays.
package final class StopSignal: Sendable {
    private let event: Descriptor

    package init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if number < 0 { throw SystemError(errorNumber: errno, call: "eventfd", path: "") }
        event = Descriptor(adopting: number)
    }

    /// Stops the stream.
    package func stop() { _ = eventfd_write(event.number, 1) }

    /// For poll(2): readable once stopped.
    var descriptor: Int32 { event.number }
}
