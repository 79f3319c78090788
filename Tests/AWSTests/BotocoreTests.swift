import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import AWS

/// Compares with AWS's own client library, and asks moto's stand-ins of the services.
@Suite(
    .enabled(
        if: StandIn.isAvailable && BenchPython.hasBotocore, "needs packaging/bench/setup, for botocore and moto"))
struct BotocoreTests {
    /// A request as JSON for Python.
    struct Example: Encodable {
        var method = "GET"
        var path = "/"
        var query: [[String]] = []
        var headers: [[String]] = []
        var body = ""
    }

    static let examples = [
        Example(),
        Example(path: "/a/./b/../c//d/", query: [["b", "2"], ["a", ""], ["a", "1 +/~"]]),
        Example(path: "/a%20b/%E1%88%B4/c:d+e*"),
        Example(headers: [["X-Spaces", "  a   b  "], ["x-lower", "1"], ["Z", "ü"]]),
        Example(headers: [["X-Two", "b"], ["x-two", "a"]]),
        Example(query: [["ሴ", "ü"], ["A-", "1"], ["A", "2"], ["a", "3"]]),
        Example(method: "POST", headers: [["Content-Type", "application/json"]], body: "{\"ü\": 1}"),
        Example(method: "PUT", path: "/x", body: " \n"),
    ]

    private static let prelude = """
        import base64, datetime, json, sys, urllib.parse
        import botocore.auth, botocore.awsrequest, botocore.credentials
        key = botocore.credentials.Credentials(*json.loads(sys.argv[1]))
        botocore.auth.get_current_datetime = lambda *_, **__: datetime.datetime.fromtimestamp(
            int(sys.argv[2]), datetime.timezone.utc)

        """

    private func python(_ script: String, _ arguments: [String]) throws -> [String] {
        try StandIn(Self.prelude + script, arguments: arguments, interpreter: BenchPython.interpreter).words
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static let key = [
        AWSCredentials.temporaryExample.accessKeyID, AWSCredentials.temporaryExample.secretAccessKey, "TOKENEXAMPLE",
    ]

    @Test func signsHeadersAlike() throws {
        let script = """
            results = []
            for example in json.loads(sys.argv[3]):
                query = "&".join("=".join(urllib.parse.quote(part, safe="-_.~") for part in pair)
                                 for pair in example["query"])
                request = botocore.awsrequest.AWSRequest(
                    example["method"], "https://host.example" + example["path"] + ("?" + query if query else ""),
                    data=example["body"].encode())
                for name, value in example["headers"]:
                    request.headers.add_header(name, value)
                botocore.auth.SigV4Auth(key, "service", "eu-central-1").add_auth(request)
                results.append(request.headers["Authorization"].replace(" ", "|"))
            print("ready", *results)
            """
        let expected = try python(
            script, [Self.json(Self.key), String(exampleTime), Self.json(Self.examples)])
        let signer = SignatureV4(credentials: .temporaryExample, region: "eu-central-1", service: "service")
        let own = Self.examples.map { example in
            let request = SignatureV4.Request(
                method: example.method, host: "host.example", path: example.path,
                query: example.query.map { ($0[0], $0[1]) }, headers: example.headers.map { ($0[0], $0[1]) },
                body: Array(example.body.utf8))
            let added = signer.headers(for: request, at: exampleTime)
            return (added.last?.value ?? "").replacingOccurrences(of: " ", with: "|")
        }
        #expect(own == expected)
    }

    @Test func servicesDomains() throws {
        let script = """
            import botocore.session
            loader = botocore.session.get_session().get_component("data_loader")
            print("ready", *(f"{region}={partition['outputs']['dnsSuffix']}"
                             for partition in loader.load_data("partitions")["partitions"]
                             for region in partition["regions"] if not region.endswith("-global")))
            """
        let words = try python(script, [Self.json(Self.key), "0"])
        #expect(words.count > 30)
        for word in words {
            let region = word.prefix { $0 != "=" }
            #expect(word == "\(region)=\(Region.servicesDomain(of: String(region)))")
        }
    }

    @Test(arguments: [exampleTime, 1_800_000_000])
    func signsTheClusterTokenAlike(time: Int64) throws {
        let token = ClusterToken(
            cluster: "demo-cluster", region: "cn-north-1", credentials: .temporaryExample, at: time)
        // Takes the token apart as a server does, and signs what it asks for with botocore.
        let script = """
            prefix, text = sys.argv[3].split(".")
            assert prefix == "k8s-aws-v1" and "=" not in text
            url = urllib.parse.urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
            query = urllib.parse.parse_qs(url.query, strict_parsing=True)
            assert all(len(values) == 1 for values in query.values())
            query = {name: values[0] for name, values in query.items()}
            assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
            request = botocore.awsrequest.AWSRequest(
                "GET", f"{url.scheme}://{url.netloc}{url.path}", headers={"x-k8s-aws-id": "demo-cluster"},
                params={name: query[name] for name in ("Action", "Version")})
            signer = botocore.auth.SigV4QueryAuth(key, "sts", "cn-north-1", expires=int(query["X-Amz-Expires"]))
            signer.add_auth(request)
            signed = urllib.parse.parse_qs(urllib.parse.urlsplit(request.prepare().url).query)
            assert {name: values[0] for name, values in signed.items()} == query, (signed, query)
            print("ready", url.netloc, query["X-Amz-Expires"], query["X-Amz-Signature"])
            """
        let words = try python(script, [Self.json(Self.key), String(time), token.text])
        #expect(words.prefix(2) == ["sts.cn-north-1.amazonaws.com.cn", "60"])
        #expect(Decoded.url(token.text).hasSuffix("&X-Amz-Signature=\(words[2])"))
    }

    @Test func takesTheStandInForInstanceMetadata() throws {
        let end = 4_000_000_000
        let server = try MetadataServer("ends:\(end)")
        let script = """
            import botocore.utils
            found = botocore.utils.InstanceMetadataFetcher(base_url=sys.argv[3]).retrieve_iam_role_credentials()
            print("ready", found["access_key"], found["secret_key"], found["token"], found["expiry_time"])
            """
        let words = try python(script, [Self.json(Self.key), String(exampleTime), server.endpoint])
        #expect(words == ["ASIA1", "secret", "session", "2096-10-02T07:06:40Z"])
        let own = try server.metadata().credentials(at: exampleTime)
        #expect(own.accessKeyID == "ASIA2" && own.expiration == Int64(end))
    }

    // MARK: moto

    private static let moto = Result {
        try StandIn(
            """
            import logging, os, threading
            from moto.moto_server.werkzeug_app import create_backend_app
            from werkzeug.serving import make_server
            logging.getLogger("werkzeug").setLevel(logging.ERROR)
            servers = [make_server("127.0.0.1", 0, create_backend_app(name), threaded=True)
                       for name in ("instance_metadata", "sts")]
            for server in servers:
                threading.Thread(target=server.serve_forever, daemon=True).start()
            print("ready", *(server.server_port for server in servers), flush=True)
            os.read(0, 1)
            os._exit(0)
            """, interpreter: BenchPython.interpreter)
    }

    private func motoMetadata() throws -> InstanceMetadata {
        let environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(try Self.moto.get().words[0])"]
        return InstanceMetadata(client: try HTTPClient(), environment: environment) { _ in }
    }

    @Test func metadataOfMoto() throws {
        let metadata = try motoMetadata()
        let now = Int64(Date().timeIntervalSince1970)
        #expect(try metadata.value(of: .instanceID, at: now) == "i-fake")
        #expect(try metadata.value(of: .region, at: now) == "us-east-1")
        #expect(try metadata.value(of: .localHostname, at: now) == "moto-instance.ec2.internal")
        let credentials = try metadata.credentials(at: now)
        #expect(credentials.accessKeyID == "test-key" && credentials.sessionToken == "test-session-token")
        let expiration = try #require(credentials.expiration)
        // A day from when moto was asked, which was after `now`.
        #expect((now + 86_000...Int64(Date().timeIntervalSince1970) + 86_400).contains(expiration))
    }

    @Test func callerIdentityOfMoto() throws {
        let now = Int64(Date().timeIntervalSince1970)
        let credentials = try motoMetadata().credentials(at: now)
        let base = "http://127.0.0.1:\(try Self.moto.get().words[1])"
        let body = Array("Action=GetCallerIdentity&Version=2011-06-15".utf8)
        let type = (name: "Content-Type", value: "application/x-www-form-urlencoded")
        let request = SignatureV4.Request(
            method: "POST", host: String(base.dropFirst("http://".count)), headers: [type], body: body)
        let added = SignatureV4(credentials: credentials, region: "us-east-1", service: "sts")
            .headers(for: request, at: now)
        let signed = HTTPRequest(
            .post, "\(base)/", headers: ([type] + added).map { HTTPHeader($0.name, $0.value) }, body: body)

        let token = ClusterToken(
            cluster: "demo-cluster", region: "us-east-1", credentials: credentials, at: now)
        let url = Decoded.url(token.text)
        let host = "sts.us-east-1.amazonaws.com"
        let presigned = HTTPRequest(
            .get, base + url.dropFirst("https://\(host)".count),
            headers: [HTTPHeader("Host", host), HTTPHeader("x-k8s-aws-id", "demo-cluster")])

        for request in [signed, presigned] {
            let response = try HTTPClient().send(request)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(response.status == 200 && text.contains("<GetCallerIdentityResult>"), "\(request) \(text)")
        }
    }
}
