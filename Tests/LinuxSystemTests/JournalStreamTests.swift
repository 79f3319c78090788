import Glibc
import Testing

@testable import LinuxSystem

@Suite struct JournalStreamTests {
    /// Connects a socket to one of that name below a directory.
    private func isJournal(_ name: String) throws -> Bool {
        try withScratch { directory in
            let path = "\(directory)/\(name)"
            try makeDirectory(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            let listener = try StreamListener(path: path)
            defer { withExtendedLifetime(listener) {} }
            let client = Descriptor(adopting: Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
            let connected = try #require(StreamAddress(unix: path)).bytes.withUnsafeBytes { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) {
                    connect(client.number, $0.baseAddress, socklen_t(bytes.count))
                }
            }
            try #require(connected == 0)
            return JournalStream.isOtherEnd(of: client.number, below: directory)
        }
    }

    static let sockets: [(name: String, isJournal: Bool)] = [
        ("journal/stdout", true), ("journal.shop/stdout", true), ("journal/socket", false), ("journald/stdout", false),
        ("journal/deep/stdout", false), ("stdout", false), ("journal.socket", false),
    ]

    @Test(arguments: sockets)
    func connectedTo(name: String, isJournal: Bool) throws { #expect(try self.isJournal(name) == isJournal) }

    /// Nor is it the other end of a pair of sockets, of a file, or of what is not open.
    @Test func noPath() throws {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let (one, other) = (pair[0], pair[1])
        defer { for end in [one, other] { close(end) } }
        let null = try Descriptor.open("/dev/null", O_RDWR)
        for number in [one, other, null.number, -1] { #expect(!JournalStream.isOtherEnd(of: number, below: "")) }
    }
}
