import HTTPTransport
import TestSupport
import Testing

@testable import AWS

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct InstanceMetadataTests {
    static let put = "PUT latest/api/token"
    static let roles = "GET latest/meta-data/iam/security-credentials/"

    static let facts: [(fact: InstanceMetadata.Fact, value: String)] = [
        (.instanceID, "i-0123456789abcdef0"), (.region, "eu-central-1"),
        (.localHostname, "ip-10-0-0-1.eu-central-1.compute.internal"), (.servicesDomain, "amazonaws.com"),
    ]

    @Test(arguments: facts)
    func value(fact: InstanceMetadata.Fact, value: String) throws {
        let server = try MetadataServer()
        #expect(try server.metadata().value(of: fact, at: exampleTime) == value)
        #expect(try server.requests() == [Self.put, "GET latest/meta-data/\(fact.rawValue)"])
    }

    @Test func credentials() throws {
        let server = try MetadataServer()
        let credentials = try server.metadata().credentials(at: exampleTime)
        #expect(
            credentials
                == AWSCredentials(
                    accessKeyID: "ASIA1", secretAccessKey: "secret", sessionToken: "session",
                    expiration: exampleTime + 21_600))
        #expect(try server.requests() == [Self.put, Self.roles, Self.roles + "node-role+1@x"])
    }

    @Test func oneTokenForItsLifetime() throws {
        let server = try MetadataServer()
        let metadata = try server.metadata()
        for time in [0, 21_539, 21_540, 21_541] {
            _ = try metadata.value(of: .region, at: exampleTime + Int64(time))
        }
        let get = "GET latest/meta-data/placement/region"
        #expect(try server.requests() == [Self.put, get, get, Self.put, get, get])
    }

    @Test func aRefusedTokenIsReplacedOnce() throws {
        let server = try MetadataServer("short-lived")
        let metadata = try server.metadata()
        for _ in 0..<2 { #expect(try metadata.value(of: .region, at: exampleTime) == "eu-central-1") }
        let get = "GET latest/meta-data/placement/region"
        #expect(try server.requests() == [Self.put, get, get, Self.put, get])

        let strict = try MetadataServer("never-valid")
        #expect(throws: AWSError.status(401, of: "instance metadata")) {
            try strict.metadata().value(of: .region, at: exampleTime)
        }
        #expect(try strict.requests() == [Self.put, get, Self.put, get])
    }

    static let failures: [(behaviour: String, error: AWSError)] = [
        ("no-role", .noInstanceProfile), ("forbidden", .metadataDisabled), ("token-403", .metadataDisabled),
        ("token-400", .status(400, of: "instance metadata")), ("token-200", .malformed("instance metadata")),
        ("bad-names", .malformed("instance metadata")), ("without:AccessKeyId", .malformed("instance metadata")),
        ("without:SecretAccessKey", .malformed("instance metadata")), ("empty:Token", .malformed("instance metadata")),
        ("empty:Expiration", .malformed("instance metadata")), ("text:null", .malformed("instance metadata")),
        ("text:", .malformed("instance metadata")), ("text:[[[[", .malformed("instance metadata")),
        ("status:404", .noInstanceProfile), ("status:400", .status(400, of: "instance metadata")),
        ("code:AssumeRoleUnauthorizedAccess", .refused(code: "AssumeRoleUnauthorizedAccess", by: "instance metadata")),
    ]

    @Test(arguments: failures)
    func failure(behaviour: String, error: AWSError) throws {
        let server = try MetadataServer(behaviour)
        #expect(throws: error) { try server.metadata().credentials(at: exampleTime) }
    }

    @Test func factsThatAreNoNames() throws {
        let metadata = try MetadataServer("bad-names").metadata()
        #expect(throws: AWSError.malformed("instance metadata")) { try metadata.value(of: .region, at: exampleTime) }
    }

    @Test func anUnknownFactIsNone() throws {
        #expect(try MetadataServer("no-facts").metadata().value(of: .servicesDomain, at: exampleTime) == nil)
    }

    @Test func repeatsAreBounded() throws {
        let pauses = MetadataServer.Pauses()
        let flaky = try MetadataServer("flaky")
        #expect(try flaky.metadata(pauses: pauses).value(of: .region, at: exampleTime) == "eu-central-1")
        #expect(pauses.seconds == [0.25, 0.5, 1])
        #expect(try flaky.requests().count == 5)

        let down = try MetadataServer("down")
        #expect(throws: AWSError.status(503, of: "instance metadata")) {
            try down.metadata().value(of: .region, at: exampleTime)
        }
        #expect(try down.requests() == Array(repeating: Self.put, count: 4))
    }

    @Test func nobodyListens() throws {
        let pauses = MetadataServer.Pauses()
        let environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"]
        let metadata = InstanceMetadata(client: try HTTPClient(), environment: environment, pause: pauses.add)
        let error = #expect(throws: AWSError.self) { try metadata.value(of: .region, at: exampleTime) }
        guard case .transport(.connect, of: "instance metadata") = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(pauses.seconds.count == 3)
    }

    /// Neither a request that is under way nor those after it are waited for.
    @Test func cancelled() throws {
        let cancellation = HTTPCancellation()
        let server = try MetadataServer("down")
        let environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.endpoint]
        let metadata = InstanceMetadata(
            client: try HTTPClient(), environment: environment, cancellation: cancellation
        ) { _ in cancellation.cancel() }
        for _ in 0..<2 {
            #expect(throws: AWSError.transport(.cancelled, of: "instance metadata")) {
                try metadata.value(of: .region, at: exampleTime)
            }
        }
        #expect(try server.requests() == [Self.put])
        let container = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.endpoint)/container"
        ]
        let provider = CredentialProvider(
            client: try HTTPClient(), environment: container, metadata: metadata, cancellation: cancellation
        ) { _ in }
        #expect(throws: AWSError.transport(.cancelled, of: "container credentials")) {
            try provider.credentials(at: exampleTime)
        }
        #expect(try server.requests() == [Self.put])
    }

    @Test(arguments: ["true", "TRUE"])
    func disabled(value: String) throws {
        let server = try MetadataServer()
        let metadata = try server.metadata(["AWS_EC2_METADATA_DISABLED": value])
        #expect(throws: AWSError.metadataDisabled) { try metadata.value(of: .region, at: exampleTime) }
        #expect(try server.requests() == [])
    }
}
