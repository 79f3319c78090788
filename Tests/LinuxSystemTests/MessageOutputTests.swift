import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite struct MessageOutputTests {
    private let pipe = Pipe()

    private func write(_ message: String, to output: MessageOutput) throws(SystemError) {
        try output.write(message) { "\($0) dropped" }
    }

    /// The lines that are in the pipe.
    private func lines() -> [String] {
        pipe.contents().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Those that have no room are dropped, whoever has stopped to read, and counted in the next that has.
    @Test func aReaderThatStops() throws {
        let output = MessageOutput(pipe.fileHandleForWriting.fileDescriptor, patience: 0)
        let long = String(repeating: "x", count: 4000)
        for _ in 0..<1000 { try write(long, to: output) }
        let whole = lines().dropLast()
        #expect((1..<1000).contains(whole.count) && whole.allSatisfy { $0 == long })
        for message in ["a", "b"] { try write(message, to: output) }
        #expect(lines() == ["\(1000 - whole.count) dropped", "a", "b", ""])
    }

    /// One of which a part went out counts as dropped, and the next begins on a line of its own.
    @Test func aMessageThatIsCutOff() throws {
        let output = MessageOutput(pipe.fileHandleForWriting.fileDescriptor, patience: 0)
        try write(String(repeating: "x", count: 1 << 22), to: output)
        let begun = lines()
        #expect(begun.count == 1 && begun[0].count > 0 && begun[0].allSatisfy { $0 == "x" })
        try write("a", to: output)
        #expect(lines() == ["", "1 dropped", "a", ""])
    }

    /// A reader that is slow for once is waited for.
    @Test func aReaderThatGoesOn() throws {
        let output = MessageOutput(pipe.fileHandleForWriting.fileDescriptor, patience: 60)
        let reader = BoundedWork { [pipe] in try? pipe.fileHandleForReading.readToEnd() }
        let long = String(repeating: "x", count: 1 << 20)
        try write(long, to: output)
        try pipe.fileHandleForWriting.close()
        #expect(reader.result(until: Deadline(secondsFromNow: 60)) == Data("\(long)\n".utf8))
    }

    @Test func withoutAReader() throws {
        try pipe.fileHandleForReading.close()
        let output = MessageOutput(pipe.fileHandleForWriting.fileDescriptor)
        #expect(throws: SystemError(errorNumber: EPIPE, call: "write", path: "")) { try write("a", to: output) }
    }
}
