import Foundation
import Glibc
package import NodeModel

/// A directory for one test, with everything that may stand in place of an ordinary file.
package struct TemporaryDirectory: Sendable {
    package let path: String

    /// Runs a test in a new directory and removes it afterwards, whatever happens.
    package static func with<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
        let url = try make()
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(TemporaryDirectory(path: url.path))
    }

    package static func with<Result>(
        _ body: (TemporaryDirectory) async throws -> sending Result
    ) async throws -> sending Result {
        let url = try make()
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(TemporaryDirectory(path: url.path))
    }

    private static func make() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("breakoutd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    /// Makes a directory and those above it.
    package func directory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }

    /// Makes a regular file and the directories above it.
    package func file(_ name: String, _ bytes: [UInt8]) throws {
        try parent(name)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// Makes a regular file of text.
    package func file(_ name: String, _ text: String = "") throws { try file(name, Array(text.utf8)) }

    /// Makes a program of a script, and returns its path.
    ///
    /// Copied by another program: a file that this one had open for writing may be so still in a child that another test
    /// starts just then, and is not run meanwhile (execve(2), ETXTBSY).
    package func program(_ name: String, _ script: String) throws -> String {
        try file("\(name).text", script)
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/cp")
        copy.arguments = ["\(path)/\(name).text", "\(path)/\(name)"]
        try copy.run()
        copy.waitUntilExit()
        try check(copy.terminationStatus)
        try check(chmod("\(path)/\(name)", 0o755))
        return "\(path)/\(name)"
    }

    /// Makes a regular file without content that says it is long.
    package func sparseFile(_ name: String, size: Int) throws {
        try file(name)
        try check(truncate("\(path)/\(name)", size))
    }

    /// Makes a symbolic link to a text that need not name anything.
    package func link(_ name: String, to target: String) throws {
        try parent(name)
        try check(symlink(target, "\(path)/\(name)"))
    }

    /// Makes a second name of a regular file.
    package func hardLink(_ name: String, to existing: String) throws {
        try check(Glibc.link("\(path)/\(existing)", "\(path)/\(name)"))
    }

    package func fifo(_ name: String) throws {
        try parent(name)
        try check(mkfifo("\(path)/\(name)", 0o600))
    }

    /// Makes a socket's name; nobody listens behind it.
    package func socket(_ name: String) throws {
        try parent(name)
        try check(mknod("\(path)/\(name)", S_IFSOCK | 0o600, 0))
    }

    /// Makes the device node of `/dev/null`; needs root.
    package func nullDevice(_ name: String) throws {
        try parent(name)
        try check(mknod("\(path)/\(name)", S_IFCHR | 0o600, dev_t(1 << 8 | 3)))
    }

    /// Makes the device node of a disk; needs root.
    package func blockDevice(_ name: String, _ number: DeviceNumber) throws {
        try parent(name)
        try check(mknod("\(path)/\(name)", S_IFBLK | 0o600, dev_t(number.major << 8 | number.minor)))
    }

    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    package func setOwner(_ name: String, _ uid: UInt32) throws { try check(lchown("\(path)/\(name)", uid, uid)) }

    /// Makes an empty file whose name is any bytes.
    package func file(named bytes: [UInt8], in directory: String) throws {
        let full = (Array("\(path)/\(directory)/".utf8) + bytes + [0]).map { CChar(bitPattern: $0) }
        let descriptor = open(full, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        try check(descriptor)
        close(descriptor)
    }

    private func parent(_ name: String) throws {
        guard let slash = name.lastIndex(of: "/") else { return }
        let above = String(name[..<slash])
        if access("\(path)/\(above)", F_OK) != 0 { try directory(above) }
    }

    private func check(_ result: Int32) throws {
        if result < 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}

/// Whether the tests run as root: some need to make device nodes and files of others.
package let isRoot = geteuid() == 0
