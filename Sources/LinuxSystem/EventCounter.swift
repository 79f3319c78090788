import CLinux
import Glibc

/// A counter of the kernel, readable for poll(2) while it is not 0 (eventfd(2)).
struct EventCounter: ~Copyable, Sendable {
    private let descriptor: Descriptor

    init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if number < 0 { throw SystemError(errorNumber: errno, call: "eventfd", path: "") }
        descriptor = Descriptor(adopting: number)
    }

    func increment() { _ = eventfd_write(number, 1) }

    /// Sets it to 0, and tells whether it was not.
    func reset() -> Bool {
        var count = eventfd_t()
        return eventfd_read(number, &count) == 0
    }

    /// For poll(2).
    var number: Int32 { descriptor.number }
}
