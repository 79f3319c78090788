import Foundation
import HTTPTransport
import TestSupport

@testable import AWS

/// Stands in for instance metadata and for a container's credential service; botocore takes it for the former too.
struct MetadataServer {
    /// Starts once, for all tests.
    private static let started = Result { try StandIn(script) }

    /// Its address, with the behaviour in the path and a name that no other test has.
    let endpoint: String
    private let log: String

    /// `behaviour` is `plain`, or says how the server differs from that.
    init(_ behaviour: String = "plain") throws {
        let name = UUID().uuidString
        let base = "http://127.0.0.1:\(try Self.started.get().words[0])"
        endpoint = "\(base)/\(behaviour)/\(name)"
        log = "\(base)/log/\(name)"
    }

    /// What it was asked: method and path of each request.
    func requests() throws -> [String] {
        let body = try HTTPClient().send(HTTPRequest(.get, log)).body
        return String(decoding: body, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// A client of this server that notes how long it would have waited.
    func metadata(pauses: Pauses = Pauses(), _ environment: [String: String] = [:]) throws -> InstanceMetadata {
        let environment = environment.merging(["AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint]) { $1 }
        return InstanceMetadata(client: try HTTPClient(), environment: environment, pause: pauses.add)
    }

    /// The times that a client would have waited, in seconds.
    final class Pauses {
        private(set) var seconds: [Double] = []
        func add(_ seconds: Double) { self.seconds.append(seconds) }
    }

    private static let script = #"""
        import collections, http.server, json, os, sys, threading, time

        class State:
            def __init__(self):
                self.log, self.requests, self.tokens, self.keys, self.valid = [], 0, 0, 0, set()

        states = collections.defaultdict(State)
        facts = {
            "instance-id": "i-0123456789abcdef0", "placement/region": "eu-central-1",
            "local-hostname": "ip-10-0-0-1.eu-central-1.compute.internal", "services/domain": "amazonaws.com",
        }

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def answer(self, status, text=""):
                self.send_response_only(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def serve(self):
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                _, behaviour, name, *rest = self.path.split("/", 3)
                state = states[name]
                if behaviour == "log":
                    return self.answer(200, "\n".join(state.log))
                path = rest[0] if rest else ""
                state.log.append(f"{self.command} {path}")
                state.requests += 1
                if behaviour == "down" or behaviour == "flaky" and state.requests <= 3:
                    return self.answer(429 if behaviour == "flaky" and state.requests == 2 else 503)
                if path == "latest/api/token":
                    return self.token(behaviour, state)
                if path == "container":
                    return self.container(behaviour, state)
                if self.headers.get("X-aws-ec2-metadata-token") not in state.valid or behaviour == "never-valid":
                    return self.answer(401)
                if behaviour == "short-lived" and path.startswith("latest/meta-data/placement"):
                    state.valid.clear()
                self.metadata(behaviour, state, path.removeprefix("latest/meta-data/"))

            def token(self, behaviour, state):
                lifetime = int(self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "0"))
                if self.command != "PUT" or not 1 <= lifetime <= 21600:
                    return self.answer(400)
                if behaviour.startswith("token-"):
                    return self.answer(int(behaviour.split("-")[1]), "")
                state.tokens += 1
                token = f"token{state.tokens}=="
                state.valid.add(token)
                self.answer(200, token)

            def metadata(self, behaviour, state, path):
                if behaviour == "forbidden":
                    self.answer(403)
                elif behaviour == "bad-names":
                    self.answer(200, "../evil.example/?" if path.startswith("iam/") else "eu central\n1")
                elif path in facts and behaviour != "no-facts":
                    self.answer(200, facts[path])
                elif path == "iam/security-credentials/" and behaviour != "no-role":
                    self.answer(200, "node-role+1@x")
                elif path == "iam/security-credentials/node-role+1@x":
                    self.credentials(behaviour, state)
                else:
                    self.answer(404, "<html>not found</html>")

            def container(self, behaviour, state):
                state.log.append("Authorization " + self.headers.get("Authorization", "none"))
                self.credentials(behaviour, state)

            def credentials(self, behaviour, state):
                state.keys += 1
                if behaviour == "one-key" and state.keys > 1:
                    return self.answer(404)
                kind, _, argument = behaviour.partition(":")
                end = float(argument) if kind == "ends" else 1440938160 + 21600
                document = {
                    "Code": "Success", "LastUpdated": "2015-08-30T12:00:00Z", "Type": "AWS-HMAC",
                    "AccessKeyId": f"ASIA{state.keys}", "SecretAccessKey": "secret", "Token": "session",
                    "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)),
                }
                if kind == "without":
                    del document[argument]
                if kind == "empty":
                    document[argument] = ""
                if kind == "code":
                    document = {"Code": argument, "Message": "no"}
                text = json.dumps(document)
                if kind == "text":
                    text = argument
                self.answer(int(argument) if kind == "status" else 200, text)

            do_GET = do_PUT = serve

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        os.read(0, 1)
        os._exit(0)
        """#
}
