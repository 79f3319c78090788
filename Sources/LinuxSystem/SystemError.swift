import Glibc

/// A system call that failed, with what it was called on.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    package let errorNumber: Int32
    package let call: String
    package let path: String

    package init(errorNumber: Int32, call: String, path: String) {
        self.errorNumber = errorNumber
        self.call = call
        self.path = path
    }

    /// The process, thread or file is not there (any more): for entries of `/proc`, it ended.
    package var isGone: Bool { errorNumber == ENOENT || errorNumber == ESRCH }

    /// What the system says of the error number, such as `Permission denied`.
    package var reason: String {
        var buffer = [CChar](repeating: 0, count: 128)
        // The XSI form of strerror_r, the only one that Swift's Glibc shows.
        guard strerror_r(errorNumber, &buffer, buffer.count) == 0 else { return "error \(errorNumber)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var description: String { path.isEmpty ? "\(call): \(reason)" : "\(path): \(call): \(reason)" }
}
