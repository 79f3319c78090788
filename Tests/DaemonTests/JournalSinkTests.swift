import Delivery
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Daemon

@Suite struct JournalSinkTests {
    /// A socket in the place of journald's, which reads nothing until it is asked to.
    private final class Journal {
        private let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let path: String

        init(in directory: TemporaryDirectory) throws {
            path = "\(directory.path)/socket"
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout.size(ofValue: address))
            let result = withUnsafePointer(to: address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) }
            }
            try #require(result == 0)
            var patience = timeval(tv_sec: 60, tv_usec: 0)
            setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(number) }

        /// The next entry; empty where none comes.
        func receive() -> String {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(number, &buffer, buffer.count, 0)
            return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    private func start(_ journal: Journal, _ directory: TemporaryDirectory) -> QueuedSink {
        let settings = SinkSettings(
            statement: { loss, _ in JournalSink.text([("LOST", "\(loss.total)")]) ?? "" }, onChange: { _ in })
        return JournalSink.start(
            socket: journal.path, reserve: "\(directory.path)/reserve", logger: CollectedLog().logger, settings)
    }

    private func offer(_ text: String?, to sink: QueuedSink) { sink.offer(Record(time: 0, text: text ?? "")) }

    private func wait(_ what: Comment, until isReached: () -> Bool) throws {
        let deadline = Deadline(secondsFromNow: 60)
        while !isReached(), !deadline.isPast { usleep(1000) }
        try #require(isReached(), what)
    }

    /// More than any system puts into the queue of a socket: the rest is on disk soon, and with journald afterwards.
    @Test func aJournaldThatHangs() throws {
        try TemporaryDirectory.with { directory in
            let journal = try Journal(in: directory)
            let first = start(journal, directory)
            for number in 0..<1000 { offer(JournalSink.text([("N", "\(number)")]), to: first) }
            try wait("the disk") { first.state.failure != nil && first.state.queued == 0 }
            #expect(first.state.failure == "journald takes no entries")
            #expect(first.state.spoolBytes > 0 && first.state.delivered < 1000)
            #expect(first.close(until: Deadline(secondsFromNow: 60)) == 0)
            let second = start(journal, directory)
            for number in 0..<1000 { try #require(journal.receive() == "N=\(number)\n") }
            #expect(second.close(until: Deadline(secondsFromNow: 60)) == 0)
            #expect(first.state.delivered + second.state.delivered == 1000)
            #expect(first.state.lost == 0 && second.state.lost == 0)
        }
    }

    /// What is no entry, or too long for a socket, is in nobody's way.
    @Test func whatCannotBeSentIsCounted() throws {
        try TemporaryDirectory.with { directory in
            let journal = try Journal(in: directory)
            let sink = start(journal, directory)
            let long = JournalSink.text([("N", String(repeating: "x", count: 1 << 20))])
            for text in ["[]", "?", long, JournalSink.text([("N", "1")])] { offer(text, to: sink) }
            // Statements of the loss come before or after it.
            while true {
                let entry = journal.receive()
                try #require(entry == "N=1\n" || entry.hasPrefix("LOST="))
                if entry == "N=1\n" { break }
            }
            #expect(sink.close(until: Deadline(secondsFromNow: 60)) == 0)
            #expect(sink.state.lost == 3)
        }
    }

    @Test func withoutJournaldItIsKept() throws {
        try TemporaryDirectory.with { directory in
            let journal = try Journal(in: directory)
            unlink(journal.path)
            let sink = start(journal, directory)
            offer(JournalSink.text([("N", "1")]), to: sink)
            try wait("the failure") { sink.state.failure != nil }
            #expect(sink.state.failure == "no journald listens" && sink.state.spoolBytes > 0)
            #expect(sink.close(until: Deadline(secondsFromNow: 60)) == 0)
        }
    }
}
