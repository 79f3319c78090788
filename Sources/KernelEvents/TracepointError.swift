package import LinuxSystem

/// Why a tracepoint or a probe tells nothing: a gap.
package enum TracepointError: Error, Sendable, Equatable {
    /// Neither of the usual places has tracefs.
    case notMounted([String])
    /// The kernel has no such tracepoint.
    case absent
    /// The kernel cannot be probed.
    case noProbes
    /// The kernel has none of these functions, or does not let them be probed by their names.
    case noFunction([String])
    /// The kernel does not take the probe.
    case probeRefused(SystemError)
    /// Its description in tracefs cannot be read.
    case unreadable(String)
    /// Its description is not as this program knows it.
    case malformed
    /// The kernel does not let it be listened to.
    case refused(KernelEventsError)
}

extension TracepointError {
    /// The kernel is made so, and nobody can do anything about it.
    package var isOfKernel: Bool {
        switch self {
        case .absent, .noProbes, .noFunction: true
        case .notMounted, .probeRefused, .unreadable, .malformed, .refused: false
        }
    }
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
        case .noProbes: "the kernel does not let its functions be probed"
        case .noFunction(let symbols): "the kernel has no function \(symbols.joined(separator: " or "))"
        case .probeRefused(let error): "the kernel does not take the probe: \(error)"
        case .unreadable(let reason): "its description in tracefs cannot be read: \(reason)"
        case .malformed: "its description in tracefs is not as expected"
        case .refused(let error): "\(error)"
        }
    }
}
