import Dispatch
import TestSupport
import Testing

@testable import HTTPTransport

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct HTTPStreamTests {
    @Test func partsComeInOrder() throws {
        var bytes: [UInt8] = []
        // A limit counts for collected bodies only.
        let request = HTTPRequest(.get, try WebServer.url("/lines?1000"), bodyLimit: 0)
        let response = try HTTPClient().stream(request) { part in
            bytes += part
            return true
        }
        #expect(response.status == 200 && response.body == [])
        #expect(String(decoding: bytes, as: UTF8.self) == (0..<1000).map { "line \($0)\n" }.joined())
    }

    /// The first part is empty: a response has begun, and what it brings may be long in coming.
    @Test func beginning() throws {
        var sizes: [Int] = []
        _ = try HTTPClient().stream(HTTPRequest(.get, WebServer.url("/bytes?7"))) { part in
            sizes.append(part.count)
            return true
        }
        #expect(sizes == [0, 7])
        sizes = []
        let response = try HTTPClient().stream(HTTPRequest(.get, WebServer.url("/bytes?7"))) { part in
            sizes.append(part.count)
            return false
        }
        #expect(sizes == [0] && response.status == 200)
    }

    @Test func falseStops() throws {
        let client = try HTTPClient()
        var calls = 0
        let response = try client.stream(HTTPRequest(.get, WebServer.url("/endless"))) { part in
            calls += 1
            return calls < 3
        }
        #expect(calls == 3 && response.status == 200)
        #expect(try client.send(HTTPRequest(.get, WebServer.url("/bytes?1"))).body.count == 1)
    }

    @Test func failuresAreCollected() throws {
        var calls = 0
        let response = try HTTPClient().stream(HTTPRequest(.get, WebServer.url("/gone"))) { _ in
            calls += 1
            return true
        }
        #expect(calls == 0 && response.status == 410 && response.body == Array("too old".utf8))
    }

    @Test func cancelledByAnotherThread() throws {
        let cancellation = HTTPCancellation()
        let request = HTTPRequest(
            .get, try WebServer.url("/one-line"), timeouts: HTTPTimeouts(total: 60, idle: 60))
        #expect(throws: HTTPError.cancelled) {
            try HTTPClient().stream(request, cancellation: cancellation) { _ in
                DispatchQueue.global().async { cancellation.cancel() }
                return true
            }
        }
        #expect(throws: HTTPError.cancelled) { try HTTPClient().send(request, cancellation: cancellation) }
    }
}
