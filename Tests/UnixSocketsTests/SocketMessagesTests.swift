import NodeModel
import Testing

@testable import UnixSockets

@Suite struct SocketMessagesTests {
    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number) { Array($0) }
    }

    /// A message with its header, filled up to a multiple of four.
    private static func message(_ type: UInt16, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        let header =
            bytes(UInt32(length ?? 16 + payload.count)) + bytes(type) + [2, 0] + bytes(UInt32(1)) + bytes(UInt32(7))
        let whole = header + payload
        return whole + Array(repeating: 0, count: (4 - whole.count % 4) % 4)
    }

    private static func attribute(_ type: UInt16, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        let whole = bytes(UInt16(length ?? 4 + payload.count)) + bytes(type) + payload
        return whole + Array(repeating: 0, count: (4 - whole.count % 4) % 4)
    }

    private static func socket(_ inode: UInt32, _ attributes: [UInt8] = []) -> [UInt8] {
        message(20, [1, 1, 1, 0] + bytes(inode) + bytes(UInt64(9)) + attributes)
    }

    private static let end = message(3, bytes(Int32(0)))

    private static func read(_ answer: [UInt8]) -> Result<[SocketMessages.Message], UnixSocketError> {
        answer.withUnsafeBytes { bytes in
            Result { () throws(UnixSocketError) in
                var messages = SocketMessages(bytes)
                var found: [SocketMessages.Message] = []
                while let message = try messages.next() { found.append(message) }
                return found
            }
        }
    }

    static let answers: [(name: String, answer: [UInt8], messages: [SocketMessages.Message])] = [
        ("nothing", [], []),
        ("the end", end, [.end]),
        ("one without attributes", socket(5), [.socket(UnixSocket(inode: 5))]),
        (
            "an accepted one",
            socket(
                7,
                attribute(0, Array("/run/x.sock\0".utf8)) + attribute(1, bytes(UInt32(99)) + bytes(UInt32(0x0FE0_0001)))
                    + attribute(2, bytes(UInt32(8)))),
            [
                .socket(
                    UnixSocket(
                        inode: 7, file: SocketFile(device: DeviceNumber(major: 254, minor: 1), inode: 99), peer: 8))
            ]
        ),
        (
            "an abstract one", socket(7, attribute(0, Array("\0/containerd-shim/x".utf8))),
            [.socket(UnixSocket(inode: 7, abstractName: "/containerd-shim/x"))]
        ),
        ("a name of nothing", socket(7, attribute(0, [])), [.socket(UnixSocket(inode: 7))]),
        ("an attribute of later kernels", socket(7, attribute(77, [1])), [.socket(UnixSocket(inode: 7))]),
        ("a message of another kind", message(1, []) + socket(5), [.socket(UnixSocket(inode: 5))]),
        ("an acknowledgement", message(2, bytes(Int32(0))) + end, [.end]),
        ("several", socket(5) + socket(6) + end, [.socket(UnixSocket(inode: 5)), .socket(UnixSocket(inode: 6)), .end]),
    ]

    @Test(arguments: answers)
    func answer(name: String, answer: [UInt8], messages: [SocketMessages.Message]) throws {
        #expect(try Self.read(answer).get() == messages)
    }

    static let wrong: [(name: String, answer: [UInt8], error: UnixSocketError)] = [
        ("cut in the header", Array(end.prefix(8)), .malformed),
        ("shorter than its header", message(3, [], length: 15), .malformed),
        ("longer than the answer", message(3, [], length: 4000), .malformed),
        ("longer than there are numbers", message(3, [], length: Int(UInt32.max)), .malformed),
        ("a socket without a cookie", message(20, [1, 1, 1, 0] + bytes(UInt32(5))), .malformed),
        ("a socket without an inode", message(20, [1, 1]), .malformed),
        ("an attribute shorter than its header", socket(5, attribute(2, [], length: 3)), .malformed),
        ("an attribute longer than its message", socket(5, attribute(2, [], length: 400)), .malformed),
        ("a cut attribute", message(20, [1, 1, 1, 0] + bytes(UInt32(5)) + bytes(UInt64(9)) + [6, 0]), .malformed),
        ("half a file", socket(5, attribute(1, bytes(UInt32(99)))), .malformed),
        ("half a peer", socket(5, attribute(2, [1, 2])), .malformed),
        ("an error without a number", message(2, [1]), .malformed),
        ("a refusal", message(2, bytes(Int32(-2))), .refused(errorNumber: 2)),
        ("a refusal of no number that there is", message(2, bytes(Int32.min)), .refused(errorNumber: .min)),
    ]

    @Test(arguments: wrong)
    func wrongAnswer(name: String, answer: [UInt8], error: UnixSocketError) {
        #expect(throws: error) { _ = try Self.read(answer).get() }
    }

    /// Whatever the bytes are, and wherever they end, reading comes to an end.
    @Test func anyBytes() {
        var random = SystemRandomNumberGenerator()
        let whole = Self.answers.flatMap(\.answer)
        for length in 0...whole.count { _ = Self.read(Array(whole.prefix(length))) }
        for _ in 0..<2000 {
            var answer = whole
            for _ in 0..<4 {
                answer[Int.random(in: 0..<answer.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = Self.read(answer)
        }
    }
}
