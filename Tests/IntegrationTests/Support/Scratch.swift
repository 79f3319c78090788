import Foundation
import Glibc

/// A directory with a short path that goes when the value is released.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/bo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ProgramFailure(description: "no temporary directory") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// A FIFO through which a process in a container or elsewhere says that it has come to a point.
final class Announcement {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        guard mkfifo(path, 0o666) == 0 else { throw ProgramFailure(description: "no FIFO \(path)") }
        chmod(path, 0o666)
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw ProgramFailure(description: "cannot open \(path)") }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The next line, without its end; the writer writes it at once.
    func line(seconds: Double = 30) throws -> String {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(seconds * 1000)) == 1 else {
            throw ProgramFailure(description: "nothing was written to \(path) in \(seconds) s")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
