import BenchSupport
import Foundation
import Glibc

/// A FIFO by which a process in a container or elsewhere says that it has come to a point.
final class Announcement {
    let path: String
    private let descriptor: Int32

    init() throws {
        path = "/tmp/breakoutd-fifo-\(UUID().uuidString.prefix(8).lowercased())"
        guard mkfifo(path, 0o600) == 0 else { throw Bench.CommandFailed(description: "no FIFO \(path)") }
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The next line; its writer writes it at once.
    func line(seconds: Double = 30) throws -> String {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(seconds * 1000)) == 1 else {
            throw Bench.CommandFailed(description: "nothing was written to \(path) in \(seconds) seconds")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)).prefix { $0 != 10 }, as: UTF8.self)
    }
}
