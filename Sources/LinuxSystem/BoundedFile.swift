import Glibc

/// Reads whole files from directories that others may write to: never through a link, never anything but a regular
/// file, never more than a bound, and never waiting for a writer.
package enum BoundedFile {
    /// Why a file was not read.
    package enum Failure: Error, Sendable, Equatable {
        case system(SystemError)
        case notRegular(FileStatus.Kind)
        /// The file is larger than the bound; its size in bytes where the file system says it.
        case tooLarge(Int64)

        /// The file is not there (any more).
        package var isGone: Bool {
            if case .system(let error) = self { return error.isGone }
            return false
        }

        /// One sentence without the file's name.
        package var reason: String {
            switch self {
            case .system(let error): error.reason
            case .notRegular(let kind): "not a regular file but \(kind.rawValue)"
            case .tooLarge: "longer than the limit"
            }
        }
    }

    /// The bytes of one entry of a directory, at most `limit`.
    ///
    /// The entry is looked at before it is opened, so that no FIFO or device is opened; O_NONBLOCK and a second look
    /// cover an entry that is swapped in between.
    package static func read(_ name: String, in directory: borrowing Descriptor, limit: Int) throws(Failure) -> [UInt8]
    {
        do {
            let before = try directory.status(of: name)
            guard before.kind == .regular else { throw Failure.notRegular(before.kind) }
            let file = try directory.openEntry(name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            let status = try file.status()
            guard status.kind == .regular else { throw Failure.notRegular(status.kind) }
            guard status.size <= limit else { throw Failure.tooLarge(status.size) }
            return try contents(of: file, limit: limit, name: name)
        } catch {
            throw failure(error, name)
        }
    }

    /// The bytes of a file that an administrator named, such as `--from FILE`; `-` is standard input.
    package static func read(path: String, limit: Int) throws(Failure) -> [UInt8] {
        do {
            let file = try Descriptor.open(path == "-" ? "/dev/stdin" : path, O_RDONLY | O_NOCTTY)
            return try contents(of: file, limit: limit, name: path)
        } catch {
            throw failure(error, path)
        }
    }

    /// The bytes of a regular file that an administrator named, through links if it is one; nothing else is opened.
    ///
    /// - Parameter takesPipe: a FIFO, such as a shell's `<(…)`, is read to its end, too, however long its writer takes.
    package static func read(regular path: String, limit: Int, takesPipe: Bool = false) throws(Failure) -> [UInt8] {
        do {
            let before = try FileStatus(following: path)
            if takesPipe, before.kind == .fifo { return try read(path: path, limit: limit) }
            guard before.kind == .regular else { throw Failure.notRegular(before.kind) }
            let file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            let status = try file.status()
            guard status.kind == .regular else { throw Failure.notRegular(status.kind) }
            guard status.size <= limit else { throw Failure.tooLarge(status.size) }
            return try contents(of: file, limit: limit, name: path)
        } catch {
            throw failure(error, path)
        }
    }

    private static func failure(_ error: any Error, _ name: String) -> Failure {
        if let error = error as? SystemError { return .system(error) }
        return error as? Failure ?? .system(SystemError(errorNumber: EIO, call: "read", path: name))
    }

    private static func contents(of file: borrowing Descriptor, limit: Int, name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 65_536))
        while true {
            let count = retrying { Glibc.read(file.number, &chunk, chunk.count) }
            if count < 0 { throw SystemError(errorNumber: errno, call: "read", path: name) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk.prefix(Int(count)))
            if bytes.count > limit { throw Failure.tooLarge(Int64(bytes.count)) }
        }
    }
}
