import Delivery
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Daemon

@Suite struct JournalSinkTests {
    private func start(_ journal: DatagramReceiver, _ directory: TemporaryDirectory) -> QueuedSink {
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
            let journal = try DatagramReceiver(in: directory)
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
            let journal = try DatagramReceiver(in: directory)
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
            let journal = try DatagramReceiver(in: directory)
            unlink(journal.path)
            let sink = start(journal, directory)
            offer(JournalSink.text([("N", "1")]), to: sink)
            try wait("the failure") { sink.state.failure != nil }
            #expect(sink.state.failure == "no journald listens" && sink.state.spoolBytes > 0)
            #expect(sink.close(until: Deadline(secondsFromNow: 60)) == 0)
        }
    }
}
