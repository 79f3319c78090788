import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import Delivery

@Suite struct StandardOutputSinkTests {
    private static let texts = ["a", String(repeating: "b", count: 100_000), "c"]

    private static func deliver(
        _ records: inout [Record], to stream: LineStream
    ) throws(DeliveryFailure) {
        var loss = Loss()
        try stream.deliver(&records, loss: &loss)
        #expect(loss.isEmpty)
    }

    /// A line that the pipe has no room for goes on as the reader goes on.
    @Test func lines() throws {
        let pipe = Pipe()
        let written = pipe.fileHandleForWriting
        let reader = BoundedWork { try? pipe.fileHandleForReading.readToEnd() }
        var records = Self.texts.map { Record(time: 0, text: $0) }
        try Self.deliver(&records, to: LineStream(written.fileDescriptor, patience: 60, limit: 60))
        try written.close()
        #expect(records.isEmpty)
        let text = Self.texts.joined(separator: "\n") + "\n"
        #expect(reader.result(until: Deadline(secondsFromNow: 60)) == Data(text.utf8))
    }

    /// The rest waits, and the line that was begun is told again on a line of its own.
    @Test func aReaderThatDoesNotRead() throws {
        let pipe = Pipe()
        let stream = LineStream(pipe.fileHandleForWriting.fileDescriptor, patience: 0)
        var records = Self.texts.map { Record(time: 0, text: $0) }
        let failure = #expect(throws: DeliveryFailure.self) { try Self.deliver(&records, to: stream) }
        #expect(
            failure == DeliveryFailure("standard output does not take records: poll: Connection timed out", .retry))
        #expect(records.map(\.text.count) == [100_000, 1])

        let begun = pipe.contents()
        #expect(begun == "a\n" + String(repeating: "b", count: begun.count - 2))
        for text in ["d", "e"] {
            records = [Record(time: 0, text: text)]
            try Self.deliver(&records, to: stream)
        }
        #expect(pipe.contents() == "\nd\ne\n")
    }

    /// The rest waits when the time for a delivery is over, however little is missing.
    @Test func aReaderThatIsSlow() throws {
        let pipe = Pipe()
        let stream = LineStream(pipe.fileHandleForWriting.fileDescriptor, limit: 0)
        var records = ["a", "b"].map { Record(time: 0, text: $0) }
        let failure = #expect(throws: DeliveryFailure.self) { try Self.deliver(&records, to: stream) }
        #expect(failure == DeliveryFailure("standard output takes records too slowly", .retry))
        #expect(records.map(\.text) == ["b"])
        try Self.deliver(&records, to: stream)
        #expect(records.isEmpty)
        #expect(pipe.contents() == "a\nb\n")
    }

    static let refusals: [(path: String?, reason: String)] = [
        (nil, "write: Broken pipe"), ("/dev/full", "write: No space left on device"),
        ("", "write: Bad file descriptor"),
    ]

    /// Without an end of the program.
    @Test(arguments: refusals)
    func refused(path: String?, reason: String) throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let output = path == nil ? pipe.fileHandleForWriting : FileHandle(forWritingAtPath: path ?? "")
        let stream = LineStream(output?.fileDescriptor ?? 1 << 20)
        var records = [Record(time: 0, text: "a")]
        let failure = #expect(throws: DeliveryFailure.self) { try Self.deliver(&records, to: stream) }
        #expect(failure == DeliveryFailure("standard output does not take records: \(reason)", .retry))
        #expect(records.map(\.text) == ["a"])
    }
}
