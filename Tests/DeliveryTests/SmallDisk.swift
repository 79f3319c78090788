import Glibc
import TestSupport
import Testing

/// A file system without much room, `disk` in a temporary directory.
enum SmallDisk {
    static let canMount = (try? with { _ in }) != nil
    static let reason: Comment = "needs the right to mount"

    private struct NotMounted: Error {}

    static func with(size: String = "64k", _ body: (TemporaryDirectory) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("disk")
            guard mount("tmpfs", "\(directory.path)/disk", "tmpfs", 0, "size=\(size)") == 0 else { throw NotMounted() }
            defer { umount2("\(directory.path)/disk", Int32(MNT_DETACH)) }
            try body(directory)
        }
    }

    /// Writes a file until the file system has no room left.
    static func fill(_ path: String) {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let page = [UInt8](repeating: 0, count: 4096)
        while write(file, page, page.count) > 0 {}
        #expect(file >= 0 && errno == ENOSPC)
    }
}
