import Foundation
import TestSupport
import Testing

@testable import AWS
@testable import HTTPTransport

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct FindingImporterTests {
    private final class Service {
        var answer: HTTPResponse
        private(set) var requests: [HTTPRequest] = []

        init(_ status: Int, _ body: String) {
            answer = HTTPResponse(status: status, headers: [], body: Array(body.utf8))
        }

        func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
            requests.append(request)
            return answer
        }
    }

    private func importer(_ service: Service) throws -> FindingImporter {
        let environment = ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"]
        let credentials = CredentialProvider(
            client: try HTTPClient(), environment: environment, metadata: try MetadataServer().metadata(environment)
        ) { _ in }
        return FindingImporter(
            to: try #require(HubAddress(region: "eu-central-1")), credentials: credentials, now: { exampleTime },
            send: { request throws(HTTPError) in try service.send(request) })
    }

    @Test func oneRequest() throws {
        let service = Service(200, #"{"FailedCount": 0, "SuccessCount": 2, "FailedFindings": []}"#)
        let result = try importer(service).put([#"{"Id":"a"}"#, #"{"Id":"b"}"#])
        #expect(result.refused == 0 && result.reason == nil)
        let request = try #require(service.requests.first)
        #expect(request.url == "https://securityhub.eu-central-1.amazonaws.com/findings/import")
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"Findings":[{"Id":"a"},{"Id":"b"}]}"#)
        let authorization = request.headers.first { $0.name == "Authorization" }?.value ?? ""
        #expect(authorization.contains("/eu-central-1/securityhub/aws4_request"))
    }

    static let refusals: [(body: String, refused: Int, reason: String?)] = [
        (
            #"{"FailedCount": 1, "FailedFindings": [{"Id": "a", "ErrorCode": "InvalidInput", "ErrorMessage": "no\u0007"}]}"#,
            1, "InvalidInput no"
        ),
        (#"{"FailedCount": 5}"#, 2, nil), (#"{"FailedCount": -1}"#, 0, nil),
    ]

    @Test(arguments: refusals)
    func refusal(body: String, refused: Int, reason: String?) throws {
        let result = try importer(Service(200, body)).put(["{}", "{}"])
        #expect(result.refused == refused && result.reason == reason)
    }

    static let errors: [(status: Int, body: String, error: ServiceError)] = [
        (200, "<html>", .unavailable(code: "malformed answer")),
        (429, #"{"__type": "LimitExceededException"}"#, .unavailable(code: "LimitExceededException")),
        // The account has no Security Hub.
        (401, #"{"__type": "InvalidAccessException"}"#, .denied(code: "InvalidAccessException", reason: "")),
        (400, #"{"__type": "InvalidInputException"}"#, .refused(code: "InvalidInputException", reason: "")),
    ]

    @Test(arguments: errors)
    func error(status: Int, body: String, error: ServiceError) throws {
        #expect(throws: error) { try importer(Service(status, body)).put(["{}"]) }
    }

    static let addresses: [(region: String, endpoint: String?, address: String?)] = [
        ("eu-central-1", nil, "https://securityhub.eu-central-1.amazonaws.com"),
        ("cn-north-1", nil, "https://securityhub.cn-north-1.amazonaws.com.cn"),
        ("eu-central-1", "https://vpce-1.example:8443/", "https://vpce-1.example:8443"),
        ("eu.central", nil, nil), ("", nil, nil), ("eu-central-1", "ftp://a", nil),
        ("eu-central-1", "https://a/b", nil),
    ]

    @Test(arguments: addresses)
    func address(region: String, endpoint: String?, address: String?) {
        #expect(HubAddress(region: region, endpoint: endpoint)?.endpoint == address)
    }
}
