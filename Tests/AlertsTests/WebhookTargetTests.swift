import Foundation
import TestSupport
import Testing

@testable import Alerts
@testable import HTTPTransport

@Suite struct WebhookTargetTests {
    static let usable = ["https://hooks.example/a?b=c", "http://127.0.0.1:1/x", "http://localhost", "http://[::1]:8/"]
    static let unusable = [
        "", "hooks.example", "http://hooks.example/", "http://127.0.0.1.example/", "http://localhost@example/",
        "ftp://example/", "https://a b", "https://exämple/", "https://x\n",
    ]

    @Test(arguments: usable) func isUsable(url: String) throws { _ = try WebhookTarget(url, .slack) }

    @Test(arguments: unusable) func isRefused(url: String) {
        #expect(throws: AlertFailure("the webhook is no https address")) { try WebhookTarget(url, .slack) }
    }

    static let answers: [(status: Int, headers: [HTTPHeader], failure: AlertFailure?)] = [
        (200, [], nil), (204, [], nil),
        (400, [], AlertFailure("it answered with status 400", isFinal: true)),
        (404, [], AlertFailure("it answered with status 404")),
        (302, [HTTPHeader("Location", "/secret")], AlertFailure("it answered with status 302")),
        (429, [HTTPHeader("Retry-After", "7")], AlertFailure("it answered with status 429", retryAfter: 7)),
        (503, [HTTPHeader("Retry-After", "Fri, 31 Dec")], AlertFailure("it answered with status 503")),
    ]

    @Test(arguments: answers)
    func answer(status: Int, headers: [HTTPHeader], failure: AlertFailure?) {
        #expect(AlertFailure(HTTPResponse(status: status, headers: headers, body: []), of: "it") == failure)
    }

    /// Fails once, then prints what it got.
    private static let receiver = #"""
        import http.server, os, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            failures = 1
            def log_message(self, *arguments):
                pass
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 503 if Handler.failures else 200
                Handler.failures = 0
                if status == 200:
                    with open(sys.argv[1], "wb") as file:
                        file.write((self.path + " " + self.headers["Content-Type"] + "\n").encode() + body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_port, flush=True)
        os.read(0, 1)
        os._exit(0)
        """#

    @Test(.enabled(if: StandIn.isAvailable), arguments: WebhookTarget.Format.allCases)
    func whatIsPosted(format: WebhookTarget.Format) throws {
        try TemporaryDirectory.with { directory in
            let server = try StandIn(Self.receiver, arguments: ["\(directory.path)/got"])
            let target = try WebhookTarget("http://127.0.0.1:\(server.words[0])/hook?key=1", format)
            let alert = try #require(Alert(.sample()))
            #expect(throws: AlertFailure("the webhook answered with status 503")) { try target.deliver(alert) }
            try target.deliver(alert)
            let body = try format == .slack ? AlertMessage.slack(alert) : AlertMessage.json(alert)
            let got = try String(contentsOfFile: "\(directory.path)/got", encoding: .utf8)
            #expect(got == "/hook?key=1 application/json\n\(body)")
        }
    }

    @Test func nobodyListens() throws {
        let alert = try #require(Alert(.sample()))
        let target = try WebhookTarget("http://127.0.0.1:1/secret", .generic)
        let failure = #expect(throws: AlertFailure.self) { try target.deliver(alert) }
        #expect(failure?.description.hasPrefix("the webhook: not connected: ") == true)
        #expect(failure?.isFinal == false && failure?.description.contains("secret") == false)
    }
}
