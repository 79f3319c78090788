import Glibc
import LinuxSystem

/// Looks up the process of a thread, one at a time and without remembering any.
package struct ThreadProcess: Sendable {
    private let root: String

    /// - Parameter root: the `/proc` that shows the threads.
    package init(root: String = "/proc") { self.root = root }

    /// `nil` where the thread is gone or cannot be read.
    package func callAsFunction(_ tid: Int32) -> Int32? {
        guard let proc = try? Descriptor.open("\(root)/\(tid)", LinuxFlags.path | O_DIRECTORY),
            // Some fifteen hundred bytes; who is in thousands of groups is not looked up.
            let bytes = try? BoundedFile.read("status", in: proc, limit: 65_536)
        else { return nil }
        return bytes.withUnsafeBytes { try? TaskStatus.parse($0).process }
    }
}
