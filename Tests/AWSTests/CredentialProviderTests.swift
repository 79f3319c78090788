import HTTPTransport
import TestSupport
import Testing

@testable import AWS

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct CredentialProviderTests {
    static let keys = ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"]

    private func provider(
        _ server: MetadataServer, _ environment: [String: String] = [:]
    ) throws -> CredentialProvider {
        CredentialProvider(
            client: try HTTPClient(), environment: environment, metadata: try server.metadata(environment)
        ) { _ in }
    }

    @Test func order() throws {
        let server = try MetadataServer()
        let container = [ContainerCredentials.fullVariable: "\(server.endpoint)/container"]
        let all = container.merging(Self.keys) { $1 }
        #expect(try provider(server, all).credentials(at: exampleTime).accessKeyID == "AKIA")
        #expect(try server.requests() == [])
        #expect(try provider(server, container).credentials(at: exampleTime).accessKeyID == "ASIA1")
        #expect(try server.requests() == ["GET container", "Authorization none"])
        #expect(try provider(server).credentials(at: exampleTime).accessKeyID == "ASIA2")
        #expect(try server.requests().count == 5)
    }

    @Test func aContainersFailureIsNotPassedOver() throws {
        let server = try MetadataServer("status:400")
        let container = [ContainerCredentials.fullVariable: "\(server.endpoint)/container"]
        #expect(throws: AWSError.status(400, of: "container credentials")) {
            try provider(server, container).credentials(at: exampleTime)
        }
    }

    @Test func none() throws {
        let server = try MetadataServer()
        #expect(throws: AWSError.noCredentials) {
            try provider(server, ["AWS_EC2_METADATA_DISABLED": "true"]).credentials(at: exampleTime)
        }
    }

    static let environments: [(environment: [String: String], credentials: AWSCredentials?, error: AWSError?)] = [
        ([:], nil, nil),
        (keys, AWSCredentials(accessKeyID: "AKIA", secretAccessKey: "secret"), nil),
        (
            keys.merging(["AWS_SESSION_TOKEN": "t"]) { $1 },
            AWSCredentials(accessKeyID: "AKIA", secretAccessKey: "secret", sessionToken: "t"), nil
        ),
        (
            keys.merging(["AWS_SESSION_TOKEN": ""]) { $1 },
            AWSCredentials(accessKeyID: "AKIA", secretAccessKey: "secret"), nil
        ),
        (["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""], nil, nil),
        (["AWS_ACCESS_KEY_ID": "AKIA"], nil, .missingVariable("AWS_SECRET_ACCESS_KEY")),
        (["AWS_SECRET_ACCESS_KEY": "secret"], nil, .missingVariable("AWS_ACCESS_KEY_ID")),
        (["AWS_SESSION_TOKEN": "t"], nil, nil),
    ]

    @Test(arguments: environments)
    func environment(environment: [String: String], credentials: AWSCredentials?, error: AWSError?) throws {
        if let error {
            #expect(throws: error) { try CredentialProvider.credentials(in: environment) }
        } else {
            #expect(try CredentialProvider.credentials(in: environment) == credentials)
        }
    }

    @Test func replacedFiveMinutesBeforeTheirEnd() throws {
        let provider = try provider(try MetadataServer("ends:\(exampleTime + 3600)"))
        for (seconds, key) in [(0, "ASIA1"), (3299, "ASIA1"), (3300, "ASIA2"), (3359, "ASIA2"), (3360, "ASIA3")] {
            #expect(try provider.credentials(at: exampleTime + Int64(seconds)).accessKeyID == key)
        }
    }

    @Test func usedToTheirEndWhenThereAreNoOthers() throws {
        let server = try MetadataServer("one-key")
        let provider = try provider(server)
        let end = exampleTime + 21_600
        #expect(try provider.credentials(at: exampleTime).accessKeyID == "ASIA1")
        #expect(try provider.credentials(at: end - 300).accessKeyID == "ASIA1")
        let asked = try server.requests().count
        #expect(try provider.credentials(at: end - 241).accessKeyID == "ASIA1")
        #expect(try server.requests().count == asked)
        #expect(try provider.credentials(at: end - 1).accessKeyID == "ASIA1")
        #expect(try server.requests().count > asked)
        #expect(throws: AWSError.noInstanceProfile) { try provider.credentials(at: end + 60) }
    }

    @Test func newCredentialsMakeANewToken() throws {
        let provider = try provider(try MetadataServer("ends:\(exampleTime + 400)"))
        let source = ClusterTokenSource(cluster: "demo", region: "us-east-1", credentials: provider)
        #expect(Decoded.url(try source.token(at: exampleTime).text).contains("Credential=ASIA1%2F"))
        #expect(Decoded.url(try source.token(at: exampleTime + 100).text).contains("Credential=ASIA2%2F"))
    }
}
