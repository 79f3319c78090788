import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct HTTPClientTests {
    private func send(_ request: HTTPRequest) throws -> HTTPResponse { try HTTPClient().send(request) }

    private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    static let methods: [(method: HTTPRequest.Method, body: String, sent: [String])] = [
        (.get, "", ["GET /echo?a=%20b HTTP/1.1", "Accept: */*", "Accept-Encoding: gzip", "X-Empty: ", "X-Test: one"]),
        (
            .put, "",
            [
                "PUT /echo?a=%20b HTTP/1.1", "Accept: */*", "Accept-Encoding: gzip", "X-Empty: ", "X-Test: one",
                "Content-Length: 0",
            ]
        ),
        (
            .post, "a\0b",
            [
                "POST /echo?a=%20b HTTP/1.1", "Accept: */*", "Accept-Encoding: gzip", "X-Empty: ", "X-Test: one",
                "Content-Length: 3",
            ]
        ),
    ]

    @Test(arguments: methods)
    func whatIsSent(method: HTTPRequest.Method, body: String, sent: [String]) throws {
        let response = try send(
            HTTPRequest(
                method, WebServer.url("/echo?a=%20b"),
                headers: [HTTPHeader("X-Empty", ""), HTTPHeader("X-Test", "one")], body: Array(body.utf8)))
        let parts = text(response).components(separatedBy: "\n\n")
        #expect(parts[0].split(separator: "\n").filter { !$0.hasPrefix("Host:") }.map(String.init) == sent)
        #expect(parts[1] == body)
        #expect(response.status == 200)
    }

    @Test func dotsOfAPathStay() throws {
        #expect(try text(send(HTTPRequest(.get, WebServer.url("/echo?/a/../b")))).hasPrefix("GET /echo?/a/../b "))
        #expect(try send(HTTPRequest(.get, WebServer.url("/a/../echo"))).status == 404)
    }

    @Test func statusHeadersAndBodyOfAFailure() throws {
        let response = try send(HTTPRequest(.get, WebServer.url("/gone")))
        #expect(response.status == 410 && !response.isSuccess)
        #expect(response.header("retry-AFTER") == "7" && response.header("x-empty") == "")
        #expect(response.header("Missing") == nil)
        #expect(text(response) == "too old")
    }

    @Test func redirectsAreNotFollowed() throws {
        let response = try send(HTTPRequest(.get, WebServer.url("/redirect")))
        #expect(response.status == 302 && response.header("Location") == "/echo" && response.body == [])
    }

    @Test func headersOfAnEarlierResponseAreDropped() throws {
        let response = try send(HTTPRequest(.get, WebServer.url("/early")))
        #expect(response.status == 200 && response.header("X-Late") == "1" && response.header("Link") == nil)
    }

    @Test func connectionsAreKept() throws {
        let client = try HTTPClient()
        let request = HTTPRequest(.get, try WebServer.url("/connection"))
        let first = try client.send(request)
        #expect(try client.send(request).body == first.body)
        #expect(try HTTPClient().send(request).body != first.body)
    }

    static let bounded: [(path: String, limit: Int, fails: Bool)] = [
        ("/bytes?1000", 1000, false), ("/bytes?1001", 1000, true), ("/bytes?0", 0, false), ("/bytes?1", 0, true),
        ("/gzip?100000", 100_000, false), ("/gzip?100001", 100_000, true), ("/lines?2", 14, false),
        ("/lines?2", 13, true), ("/endless", 100_000, true),
    ]

    @Test(arguments: bounded)
    func bodyLimit(path: String, limit: Int, fails: Bool) throws {
        let request = HTTPRequest(.get, try WebServer.url(path), bodyLimit: limit)
        if fails {
            #expect(throws: HTTPError.bodyTooLarge(limit: limit)) { try send(request) }
        } else {
            #expect(try send(request).body.count == limit)
        }
    }

    @Test func headerLimit() throws {
        #expect(try send(HTTPRequest(.get, WebServer.url("/headers?60"))).headers.count == 61)
        #expect(throws: HTTPError.headersTooLarge(limit: 65_536)) {
            try send(HTTPRequest(.get, WebServer.url("/headers?70")))
        }
    }

    @Test func brokenResponses() throws {
        func kind(_ path: String) throws -> String {
            let error = #expect(throws: HTTPError.self) { try send(HTTPRequest(.get, WebServer.url(path))) }
            return String(describing: error ?? .cancelled).split(separator: ":").first.map(String.init) ?? ""
        }
        #expect(try kind("/cut") == "the connection broke")
        #expect(try kind("/nothing") == "the connection broke")
        #expect(try kind("/bad-gzip") == "malformed response")
    }

    @Test func anotherProtocolIsNoResponse() throws {
        // libcurl from 7.66 on refuses it by itself, older ones hand it over as HTTP/0.9.
        let error = #expect(throws: HTTPError.self) { try send(HTTPRequest(.get, WebServer.url("/no-http"))) }
        switch error {
        case .malformedURL, .malformedResponse, .interrupted: break
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test func nobodyListens() throws {
        let error = #expect(throws: HTTPError.self) { try send(HTTPRequest(.get, "http://127.0.0.1:1/")) }
        guard case .connect(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("127.0.0.1"))
    }

    @Test func unknownHost() throws {
        let error = #expect(throws: HTTPError.self) {
            try send(HTTPRequest(.get, "http://nowhere.invalid/?secret", timeouts: HTTPTimeouts(connect: 20)))
        }
        guard case .resolve(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.contains("secret"))
    }

    static let silences: [(path: String, timeouts: HTTPTimeouts, error: HTTPError)] = [
        ("/silent", HTTPTimeouts(total: nil, idle: 0.2), .stalled),
        ("/one-line", HTTPTimeouts(total: nil, idle: 0.2), .stalled),
        ("/silent", HTTPTimeouts(total: 0.2, idle: nil), .timedOut),
        ("/one-line", HTTPTimeouts(total: 0.2, idle: nil), .timedOut),
        ("/endless", HTTPTimeouts(total: 0.2, idle: 0.1), .timedOut),
    ]

    @Test(arguments: silences)
    func silence(path: String, timeouts: HTTPTimeouts, error: HTTPError) throws {
        let request = HTTPRequest(.get, try WebServer.url(path), timeouts: timeouts)
        #expect(throws: error) { try HTTPClient().stream(request) { _ in true } }
    }

    @Test func noProxyUnlessAskedFor() throws {
        let request = HTTPRequest(.get, try WebServer.url("/echo"))
        var proxied = request
        proxied.usesEnvironmentProxy = true
        setenv("http_proxy", "http://127.0.0.1:1", 1)
        defer { unsetenv("http_proxy") }
        #expect(try send(request).status == 200)
        #expect(throws: HTTPError.self) { try send(proxied) }
    }

    @Test func aMissingLibraryIsAnError() {
        for library in ["libmissing.so.4", "libc.so.6"] {
            guard case .failure(.libraryMissing(let reason)) = HTTPClient.load(library) else {
                Issue.record("loaded \(library)")
                continue
            }
            #expect(reason.contains(library == "libc.so.6" ? "curl_global_init" : "libmissing.so.4"))
        }
    }
}
