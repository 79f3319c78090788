import Glibc
import Testing

@testable import LinuxSystem

@Suite struct ReadinessTests {
    /// The ends of a pipe, closed with this value.
    private final class Pipe {
        let reader: Int32
        private let writer: Int32

        init(_ text: String) throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0 && write(ends[1], text, text.utf8.count) == text.utf8.count)
            (reader, writer) = (ends[0], ends[1])
        }

        deinit { for end in [reader, writer] { close(end) } }

        var entry: pollfd { pollfd(fd: reader, events: Int16(POLLIN), revents: 0) }
    }

    @Test func whatIsReady() throws {
        let (empty, full) = (try Pipe(""), try Pipe("x"))
        var entries = [empty.entry, full.entry]
        #expect(Readiness.wait(for: &entries, milliseconds: 60_000) == 1)
        #expect(entries.map(\.revents) == [0, Int16(POLLIN)])
        entries.removeLast()
        #expect(Readiness.wait(for: &entries, milliseconds: 0) == 0)
    }

    /// More descriptors than the process may have: the first is waited for.
    @Test func moreThanThereMayBe() throws {
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        try #require((1..<(1 << 24)).contains(limit))
        let (full, other) = (try Pipe("x"), try Pipe("x"))
        var entries = [pollfd](repeating: pollfd(fd: -1, events: 0, revents: 0), count: limit + 1)
        (entries[0], entries[1]) = (full.entry, other.entry)
        try #require(poll(&entries, nfds_t(entries.count), 0) == -1 && errno == EINVAL)
        #expect(Readiness.wait(for: &entries, milliseconds: 60_000) == 1)
        #expect(entries.prefix(3).map(\.revents) == [Int16(POLLIN), 0, 0])
    }
}
