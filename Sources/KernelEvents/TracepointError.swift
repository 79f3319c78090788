/// Why a tracepoint tells nothing: a gap.
package enum TracepointError: Error, Sendable, Equatable {
    /// Neither of the usual places has tracefs.
    case notMounted([String])
    /// The kernel has no such tracepoint.
    case absent
    /// Its description in tracefs cannot be read.
    case unreadable(String)
    /// Its description is not as this program knows it.
    case malformed
    /// The kernel does not let it be listened to.
    case refused(KernelEventsError)
}

extension TracepointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notMounted(let places):
            """
            tracefs is not mounted at \(places.joined(separator: " or ")); systemd does so by its \
            sys-kernel-tracing.mount or sys-kernel-debug.mount: start one of them, and breakoutd again
            """
        case .absent: "the kernel has no such tracepoint"
        case .unreadable(let reason): "its description in tracefs cannot be read: \(reason)"
        case .malformed: "its description in tracefs is not as expected"
        case .refused(let error): "\(error)"
        }
    }
}
