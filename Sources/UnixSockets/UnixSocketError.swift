package import LinuxSystem

/// Why the Unix sockets of a network namespace could not be listed.
package enum UnixSocketError: Error, Sendable, Equatable {
    case system(SystemError)
    /// The kernel answered with an error: ENOENT where it cannot tell of Unix sockets (CONFIG_UNIX_DIAG).
    case refused(errorNumber: Int32)
    /// An answer that is none of the kernel's.
    case malformed
    case tooMany(limit: Int)

    /// The task by which the namespace was to be found has ended.
    package var isGone: Bool {
        if case .system(let error) = self { error.isGone } else { false }
    }

    /// One sentence for people.
    package var reason: String {
        switch self {
        case .system(let error): error.reason
        case .refused(let number): SystemError(errorNumber: number, call: "sock_diag", path: "").reason
        case .malformed: "an answer that is none of the kernel's"
        case .tooMany(let limit): "more than \(limit)"
        }
    }
}
