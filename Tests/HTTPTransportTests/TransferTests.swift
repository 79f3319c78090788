import Testing

@testable import HTTPTransport

@Suite struct TransferTests {
    private func receive(_ lines: [String]) -> Transfer {
        let transfer = Transfer(HTTPRequest(.get, "http://example/"), cancellation: nil, sink: nil)
        for line in lines {
            guard Array(line.utf8).withUnsafeBytes({ transfer.receive(headerLine: $0) }) else { break }
        }
        return transfer
    }

    static let heads: [(lines: [String], status: Int?, headers: [HTTPHeader])] = [
        (["HTTP/1.1 200 OK\r\n", "A: b\r\n", "\r\n"], 200, [HTTPHeader("A", "b")]),
        (["HTTP/1.1 204\r\n", "A:b\n"], 204, [HTTPHeader("A", "b")]),
        (["HTTP/1.1 200 OK\r\n", "A:  b c \t\r\n"], 200, [HTTPHeader("A", "b c")]),
        (["HTTP/1.1 200 OK\r\n", "A:\r\n"], 200, [HTTPHeader("A", "")]),
        (["HTTP/1.1 200 OK\r\n", "A: b\r\n", " c\r\n"], 200, [HTTPHeader("A", "b c")]),
        (["HTTP/1.1 200 OK\r\n", "A: b:c\r\n"], 200, [HTTPHeader("A", "b:c")]),
        (["HTTP/1.1 100 Continue\r\n", "A: b\r\n", "HTTP/1.1 503 Busy\r\n"], 503, []),
    ]

    @Test(arguments: heads)
    func readsHead(lines: [String], status: Int?, headers: [HTTPHeader]) {
        let transfer = receive(lines)
        #expect(transfer.failure == nil && transfer.status == status && transfer.headers == headers)
    }

    static let malformed: [(lines: [String], reason: String)] = [
        (["HTTP/1.1\r\n"], "not a status line"), (["HTTP/1.1 20 OK\r\n"], "not a status line"),
        (["HTTP/1.1 2000 OK\r\n"], "not a status line"), (["HTTP/1.1 abc\r\n"], "not a status line"),
        (["HTTP/1.1 -12\r\n"], "not a status line"), (["HTTP/1.1 999\r\n"], "not a status line"),
        (["HTTP/1.1 200 OK\r\n", "no colon\r\n"], "a header line without a colon"),
    ]

    @Test(arguments: malformed)
    func refusesHead(lines: [String], reason: String) {
        #expect(receive(lines).failure == .malformedResponse(reason: reason))
    }

    @Test func anInvalidByteIsKept() {
        let transfer = receive(["HTTP/1.1 200 OK\r\n"])
        _ = [UInt8(ascii: "A"), UInt8(ascii: ":"), 0xFF].withUnsafeBytes { transfer.receive(headerLine: $0) }
        #expect(transfer.headers == [HTTPHeader("A", "\\xff")])
    }

    @Test func interimResponsesWithoutEndAreBounded() {
        let lines = Array(repeating: "HTTP/1.1 103 Early Hints\r\n", count: 10_000)
        #expect(receive(lines).failure == .headersTooLarge(limit: 65_536))
    }
}
