import Checks
import Delivery
import Findings
import LinuxSystem
import NodeModel
import Reports
import TestSupport
import Testing

@testable import Configuration
@testable import Daemon

/// Sinks of AWS on a node that starts before its network does.
@Suite(.enabled(if: StandIn.isAvailable, "needs python3"))
struct OutletsTests {
    /// Instance metadata and both services, all of which fail until they are told to work.
    private static let instance = #"""
        import http.server, json, sys, threading
        works, taken = threading.Event(), []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, body):
                self.send_response(200 if works.is_set() else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def do_PUT(self):
                self.answer("token")

            def do_GET(self):
                if self.path == "/work":
                    works.set()
                    self.answer("")
                elif self.path == "/taken":
                    self.answer("\n".join(taken))
                else:
                    self.answer({"region": "eu-central-1", "instance-id": "i-0a1b"}[self.path.split("/")[-1]])

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                scope = self.headers["Authorization"].split("/")[2]
                if works.is_set():
                    taken.extend(scope + ":" + f["Id"] for f in body.get("Findings", []))
                    taken.extend(scope + ":" + e["message"][:1] for e in body.get("logEvents", []))
                self.answer('{"FailedCount": 0}')

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_port, flush=True)
        sys.stdin.read()
        """#

    private static let records: [FindingRecord] = {
        var ledger = FindingLedger()
        let finding = Finding(
            id: "f-1", technique: Check.all[0].technique, severity: .critical, declared: .undeclared, detail: "seen")
        return [ledger.update(with: finding, at: 0)].compactMap { $0 }
    }()

    private static func settings(_ region: String?) -> DaemonConfiguration.Sinks {
        var settings = DaemonConfiguration.Sinks()
        settings.journal = nil
        settings.cloudWatchLogs = .init(region: region)
        settings.securityHub = .init(account: "123456789012", region: region)
        return settings
    }

    static let cases: [(region: String?, failures: [String])] = [
        (nil, Array(repeating: "the region is not known: instance metadata: status 503", count: 2)),
        (
            "eu-central-1",
            ["CloudWatch Logs is not available: status 503", "Security Hub is not available: status 503"]
        ),
    ]

    /// The region as well as the instance's id, by which a finding is known there, also where the region is configured.
    @Test(arguments: cases)
    func whatIsNotKnownIsAskedAgain(region: String?, failures: [String]) throws {
        try TemporaryDirectory.with { directory in
            let instance = try StandIn(Self.instance)
            let endpoint = "http://127.0.0.1:\(instance.words[0])"
            let log = CollectedLog()
            let outlets = Outlets(
                origin: RecordOrigin(node: "n"), directory: directory.path,
                environment: [
                    "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": endpoint,
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint,
                ], logger: log.logger)
            let sinks = SinkSet(outlets.all(Self.settings(region)), logger: log.logger)
            #expect(sinks.states.map(\.name) == ["cloudwatch", "security-hub"])
            sinks.deliver(Self.records, at: Clock.wallMilliseconds())

            try Self.wait { sinks.states.allSatisfy { $0.state.failure != nil } }
            #expect(sinks.states.map(\.state.failure) == failures)
            // It is on disk, and so told.
            #expect(sinks.states.allSatisfy { $0.state.spoolBytes > 0 && $0.state.queued == 0 })
            _ = try Self.fetch("\(endpoint)/work")
            try Self.wait { sinks.states.allSatisfy { $0.state.delivered == 1 && $0.state.failure == nil } }
            #expect(sinks.states.allSatisfy { $0.state.lost == 0 })
            #expect(
                Set(try Self.fetch("\(endpoint)/taken")) == ["eu-central-1:{", "eu-central-1:breakoutd/i-0a1b/f-1"])
        }
    }

    /// The words of what a server says.
    private static func fetch(_ address: String) throws -> [String] {
        let script = """
            import sys, urllib.request
            print("ready", *urllib.request.urlopen(sys.argv[1]).read().decode().split())
            """
        return try StandIn(script, arguments: [address]).words
    }

    private static func wait(until isReached: () -> Bool) throws {
        let deadline = Deadline(secondsFromNow: 60)
        while !isReached(), !deadline.isPast { Clock.sleep(seconds: 0.01) }
        try #require(isReached())
    }
}
