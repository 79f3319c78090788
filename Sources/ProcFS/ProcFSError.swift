package import LinuxSystem

/// Why something of `/proc` was not read.
package enum ProcFSError: Error, Sendable, Equatable, CustomStringConvertible {
    case system(SystemError)
    /// The file's text is none that the kernel writes.
    case malformed(file: String, line: Int)
    /// The file is longer than its bound.
    case tooLong(file: String, limit: Int)

    /// The process or thread ended: expected, no failure.
    package var isGone: Bool {
        if case .system(let error) = self { return error.isGone }
        return false
    }

    /// One sentence without the subject, such as `Permission denied`.
    package var reason: String {
        switch self {
        case .system(let error): error.reason
        case .malformed(let file, let line): "\(file) line \(line) is malformed"
        case .tooLong(let file, let limit): "\(file) is longer than \(limit) bytes"
        }
    }

    package var description: String { reason }
}
