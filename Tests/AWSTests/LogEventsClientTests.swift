import Foundation
import TestSupport
import Testing

@testable import AWS
@testable import HTTPTransport

/// The client against answers written down here.
@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct LogEventsClientTests {
    /// Answers requests from a list and notes what was asked.
    final class Service {
        var answers: [Result<HTTPResponse, HTTPError>]
        private(set) var requests: [HTTPRequest] = []

        init(_ answers: [Result<HTTPResponse, HTTPError>]) { self.answers = answers }

        func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
            requests.append(request)
            return try (answers.isEmpty ? .failure(.timedOut) : answers.removeFirst()).get()
        }

        var actions: [String] {
            requests.map { request in
                let target = request.headers.first { $0.name == "X-Amz-Target" }?.value ?? ""
                return String(target.dropFirst("Logs_20140328.".count))
            }
        }
    }

    typealias Answer = Result<HTTPResponse, HTTPError>

    private static func answer(_ status: Int, _ body: String, _ headers: [HTTPHeader] = []) -> Answer {
        .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }

    private static func failure(_ type: String, _ status: Int = 400) -> Answer {
        answer(status, #"{"__type": "\#(type)", "message": "why\u0007"}"#)
    }

    static let good = answer(200, "{}")
    static let batch = [LogEvent(time: 7, message: "a"), LogEvent(time: 8, message: "b \"ü\"")]

    private func client(
        _ service: Service, createsGroup: Bool = true, environment: [String: String]? = nil,
        metadata: MetadataServer? = nil
    ) throws -> LogEventsClient {
        let environment = environment ?? ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"]
        let credentials = CredentialProvider(
            client: try HTTPClient(), environment: environment,
            metadata: try (metadata ?? MetadataServer()).metadata(environment)
        ) { _ in }
        let destination = try LogDestination(
            region: "eu-central-1", group: "/g", stream: "s", createsGroup: createsGroup)
        return LogEventsClient(
            to: destination, credentials: credentials, now: { exampleTime },
            send: { request throws(HTTPError) in try service.send(request) })
    }

    @Test func oneRequest() throws {
        let service = Service([Self.good])
        #expect(try client(service).put(Self.batch) == 0)
        let request = try #require(service.requests.first)
        #expect(request.url == "https://logs.eu-central-1.amazonaws.com/")
        #expect(request.method == .post)
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(headers["Content-Type"] == "application/x-amz-json-1.1")
        #expect(headers["x-amzn-logs-format"] == "json/emf")
        let authorization = try #require(headers["Authorization"])
        #expect(authorization.contains("/eu-central-1/logs/aws4_request, SignedHeaders=content-type;host;x-amz-date;"))
        let body = try JSONSerialization.jsonObject(with: Data(request.body)) as? NSDictionary
        #expect(
            body == [
                "logGroupName": "/g", "logStreamName": "s",
                "logEvents": [["timestamp": 7, "message": "a"], ["timestamp": 8, "message": "b \"ü\""]],
            ] as NSDictionary)
    }

    static let errors: [(answer: Answer, error: ServiceError, remedy: ServiceError.Remedy)] = [
        (failure("ThrottlingException"), .unavailable(code: "ThrottlingException"), .retry),
        (
            failure("com.amazonaws.logs#ServiceUnavailableException", 500),
            .unavailable(code: "ServiceUnavailableException"), .retry
        ),
        (
            answer(400, "", [HTTPHeader("x-amzn-ErrorType", "ThrottlingException:http://x/")]),
            .unavailable(code: "ThrottlingException"), .retry
        ),
        (answer(503, "<html>"), .unavailable(code: "status 503"), .retry),
        (answer(429, ""), .unavailable(code: "status 429"), .retry),
        (answer(302, ""), .unavailable(code: "status 302"), .retry),
        (answer(200, "<html>"), .unavailable(code: "malformed answer"), .retry),
        (failure("AccessDeniedException"), .denied(code: "AccessDeniedException", reason: "why"), .retrySlowly),
        (failure("InvalidSignatureException"), .denied(code: "InvalidSignatureException", reason: "why"), .retrySlowly),
        (answer(403, ""), .denied(code: "status 403", reason: ""), .retrySlowly),
        (failure("InvalidParameterException"), .refused(code: "InvalidParameterException", reason: "why"), .giveUp),
        (failure("ValidationException", 404), .refused(code: "ValidationException", reason: "why"), .giveUp),
        // What is not said of these records, or not by the service.
        (
            failure("UnknownOperationException"), .refused(code: "UnknownOperationException", reason: "why"),
            .retrySlowly
        ),
        (failure("a/../b"), .refused(code: "status 400", reason: "why"), .retrySlowly),
        (answer(403, "<html>"), .denied(code: "status 403", reason: ""), .retrySlowly),
        (answer(404, "<html>"), .refused(code: "status 404", reason: ""), .retrySlowly),
        (answer(413, ""), .refused(code: "status 413", reason: ""), .retrySlowly),
        (answer(451, "<html>"), .refused(code: "status 451", reason: ""), .retrySlowly),
        (.failure(.connect(reason: "refused")), .transport(.connect(reason: "refused")), .retry),
        (.failure(.tls(reason: "no")), .transport(.tls(reason: "no")), .retrySlowly),
    ]

    @Test(arguments: errors)
    func error(answer: Answer, error: ServiceError, remedy: ServiceError.Remedy) throws {
        let service = Service([answer])
        #expect(throws: error) { try client(service).put(Self.batch) }
        #expect(error.remedy == remedy)
        #expect(service.requests.count == 1)
        #expect(error.text(of: "CloudWatch Logs").hasPrefix("CloudWatch Logs"))
    }

    static let sources: [(error: AWSError, remedy: ServiceError.Remedy)] = [
        (.transport(.connect(reason: "no route"), of: "m"), .retry), (.status(503, of: "m"), .retry),
        (.transport(.libraryMissing(reason: "none"), of: "m"), .retrySlowly), (.status(400, of: "m"), .retrySlowly),
        (.noCredentials, .retrySlowly), (.metadataDisabled, .retrySlowly), (.noInstanceProfile, .retrySlowly),
    ]

    /// A node that starts has its network in a moment, and a role perhaps never.
    @Test(arguments: sources)
    func noCredentialsYet(error: AWSError, remedy: ServiceError.Remedy) {
        #expect(ServiceError.credentials(error).remedy == remedy)
    }

    @Test(arguments: ["DataAlreadyAcceptedException", "InvalidSequenceTokenException"])
    func acceptedBefore(type: String) throws {
        #expect(try client(Service([Self.failure(type)])).put(Self.batch) == 0)
    }

    static let missing = failure("ResourceNotFoundException")
    static let exists = failure("ResourceAlreadyExistsException")
    static let creations: [(answers: [Answer], actions: [String])] = [
        ([missing, good, good], ["PutLogEvents", "CreateLogStream", "PutLogEvents"]),
        ([missing, exists, good], ["PutLogEvents", "CreateLogStream", "PutLogEvents"]),
        (
            [missing, missing, good, good, good],
            ["PutLogEvents", "CreateLogStream", "CreateLogGroup", "CreateLogStream", "PutLogEvents"]
        ),
        (
            [missing, missing, exists, exists, good],
            ["PutLogEvents", "CreateLogStream", "CreateLogGroup", "CreateLogStream", "PutLogEvents"]
        ),
    ]

    @Test(arguments: creations)
    func makesWhatIsMissing(answers: [Answer], actions: [String]) throws {
        let service = Service(answers)
        #expect(try client(service).put(Self.batch) == 0)
        #expect(service.actions == actions)
    }

    /// A node's stream is nobody else's to make.
    @Test func makesTheStreamUnasked() throws {
        let service = Service([Self.missing, Self.good, Self.good])
        #expect(try client(service, createsGroup: false).put(Self.batch) == 0)
        #expect(service.actions == ["PutLogEvents", "CreateLogStream", "PutLogEvents"])
    }

    @Test func makesNoGroupUnasked() throws {
        let service = Service([Self.missing, Self.missing])
        #expect(throws: ServiceError.missing(reason: "why")) {
            try client(service, createsGroup: false).put(Self.batch)
        }
        #expect(service.actions == ["PutLogEvents", "CreateLogStream"])
    }

    @Test func mayNotMakeWhatIsMissing() throws {
        let denied = ServiceError.denied(code: "AccessDeniedException", reason: "why")
        let service = Service([Self.missing, Self.failure("AccessDeniedException")])
        #expect(throws: denied) { try client(service).put(Self.batch) }
    }

    @Test(arguments: ["ExpiredTokenException", "UnrecognizedClientException"])
    func newCredentialsOnce(type: String) throws {
        let service = Service([Self.failure(type), Self.good, Self.failure(type), Self.failure(type)])
        let client = try client(service, environment: [:], metadata: try MetadataServer())
        #expect(try client.put(Self.batch) == 0)
        #expect(throws: ServiceError.expired(code: type)) { try client.put(Self.batch) }
        let keys = service.requests.map { request in
            let text = request.headers.first { $0.name == "Authorization" }?.value ?? ""
            return text.split(separator: "/").first?.split(separator: "=").last.map(String.init) ?? ""
        }
        #expect(keys == ["ASIA1", "ASIA2", "ASIA2", "ASIA3"])
    }

    @Test func noCredentials() throws {
        let service = Service([])
        let client = try client(service, environment: ["AWS_EC2_METADATA_DISABLED": "true"])
        #expect(throws: ServiceError.credentials(.noCredentials)) { try client.put(Self.batch) }
        #expect(service.requests.isEmpty)
    }

    static let rejections: [(info: String, rejected: Int)] = [
        (#"{"tooNewLogEventStartIndex": 1}"#, 1), (#"{"tooNewLogEventStartIndex": 0}"#, 2),
        (#"{"tooOldLogEventEndIndex": 1}"#, 1), (#"{"expiredLogEventEndIndex": 2}"#, 2),
        (#"{"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 1, "tooNewLogEventStartIndex": 1}"#, 2),
        (#"{"tooNewLogEventStartIndex": -5}"#, 2), (#"{"tooOldLogEventEndIndex": 99}"#, 2), ("{}", 0), ("null", 0),
    ]

    @Test(arguments: rejections)
    func rejected(info: String, rejected: Int) throws {
        let service = Service([Self.answer(200, #"{"rejectedLogEventsInfo": \#(info)}"#)])
        #expect(try client(service).put(Self.batch) == rejected)
    }
}
