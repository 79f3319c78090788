import Foundation
import HTTPTransport
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct PodClientTests {
    private static let soon = Deadline(secondsFromNow: 30)

    private func names(_ answers: Answers) throws(APIError) -> [String] {
        try answers.client().list(until: Self.soon).pods.map { $0.metadata.name ?? "?" }
    }

    @Test func pages() throws {
        let answers = Answers([
            .response(200, page(["a", "b"], continue: "T 1/=")), .response(200, page(["c"], continue: "")),
        ])
        let list = try answers.client().list(until: Self.soon)
        #expect(list.pods.map(\.displayName) == ["n/a", "n/b", "n/c"] && list.resourceVersion == "10")
        #expect(answers.queries == ["limit=500", "limit=500&continue=T%201%2F%3D"])
        #expect(answers.requests.allSatisfy { $0.url.hasPrefix("https://api.example/api/v1/pods?fieldSelector=") })
        #expect(answers.requests.allSatisfy { $0.headers.contains(HTTPHeader("Authorization", "Bearer secret")) })
    }

    @Test(.enabled(if: SharedCase.isAvailable, "the cases from bug reports are not here"))
    func continueTokenThatIsTooOld() throws {
        let shared = SharedCase("12-list-410-continue")
        func text(_ name: String) throws -> String { String(decoding: try shared.bytes(name), as: UTF8.self) }
        let gone = try JSONSerialization.jsonObject(with: Data(try shared.bytes("2-continue-TOK-1.json")))
        let body = try #require((gone as? [String: Any])?["body"])
        let answers = Answers([
            .response(200, try text("1-page.json")),
            .response(410, String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)),
            .response(200, try text("4-fresh-page-1.json")), .response(200, try text("5-continue-TOK-3.json")),
        ])
        let list = try answers.client().list(until: Self.soon)
        #expect(list.pods.compactMap(\.metadata.name) == ["p-a", "p-c", "p-d", "p-e"])
        #expect(list.resourceVersion == "1460")
        #expect(
            answers.queries == ["limit=500", "limit=500&continue=TOK-1", "limit=500", "limit=500&continue=TOK-3"])
        #expect(answers.waits.isEmpty)
    }

    static let repeated: [(name: String, first: Answers.Answer, wait: Double)] = [
        ("429", .response(429, status(429, "slow down"), headers: [HTTPHeader("retry-after", "3")]), 3.5),
        ("429 without a time", .response(429, status(429, "slow down")), 0.75),
        ("500", .response(500, "no JSON"), 0.75),
        ("503 that asks for long", .response(503, "", headers: [HTTPHeader("Retry-After", "20")]), 20.5),
        ("503 that asks for nonsense", .response(503, "", headers: [HTTPHeader("Retry-After", "-1")]), 0.75),
        ("half-open", .failure(.stalled), 0.75),
        ("refused", .failure(.connect(reason: "refused")), 0.75),
        ("cut off", .response(200, #"{"metadata":{"resourceVersion":"1"},"items":[{"meta"#), 0.75),
    ]

    @Test(arguments: repeated)
    func triedAgain(name: String, first: Answers.Answer, wait: Double) throws {
        let answers = Answers([first, .response(200, page(["a"]))])
        #expect(try names(answers) == ["a"])
        #expect(answers.waits == [wait], "\(name)")
    }

    static let final: [(name: String, answer: Answers.Answer, error: APIError)] = [
        (
            "403", .response(403, status(403, "can only list/watch pods with spec.nodeName field selector")),
            .forbidden(verb: "list", message: "can only list/watch pods with spec.nodeName field selector")
        ),
        ("404", .response(404, status(404, "not found")), .status(404, message: "not found")),
        ("TLS", .failure(.tls(reason: "unknown CA")), .transport(.tls(reason: "unknown CA"))),
        ("cancelled", .failure(.cancelled), .cancelled),
    ]

    @Test(arguments: final)
    func saidAtOnce(name: String, answer: Answers.Answer, error: APIError) {
        let answers = Answers([answer, .response(200, page(["a"]))])
        #expect(throws: error) { try names(answers) }
        #expect(answers.requests.count == 1, "\(name)")
    }

    @Test func newTokenOnce() throws {
        final class Counting: APICredential {
            func bearerToken(isNew: Bool) -> String? { isNew ? "second" : "first" }
        }
        let answers = Answers([.response(401, status(401, "Unauthorized")), .response(200, page(["a"]))])
        _ = try answers.client(credential: Counting()).list(until: Self.soon)
        #expect(answers.requests.map { $0.headers.last?.value } == ["Bearer first", "Bearer second"])
        let refusing = Answers([.response(401, status(401, "no")), .response(401, status(401, "no again"))])
        #expect(throws: APIError.unauthorized(message: "no again")) { try names(refusing) }
        #expect(refusing.requests.count == 2)
    }

    /// A page that is too long is asked for with half as many pods, until one alone is too long.
    @Test func halvedPages() throws {
        let tooLong = Answers.Answer.failure(.bodyTooLarge(limit: 5))
        let answers = Answers([
            .response(200, page(["a"], continue: "T")), tooLong, tooLong, .response(200, page(["b"], continue: "U")),
            .response(200, page(["c"])),
        ])
        #expect(try names(answers) == ["a", "b", "c"])
        #expect(
            answers.queries == [
                "limit=500", "limit=500&continue=T", "limit=250&continue=T", "limit=125&continue=T",
                "limit=125&continue=U",
            ])
        #expect(answers.waits.isEmpty)
        let hopeless = Answers(Array(repeating: tooLong, count: 10))
        #expect(throws: APIError.transport(.bodyTooLarge(limit: 5))) { try names(hopeless) }
        #expect(hopeless.queries.last == "limit=1")
    }

    @Test func givesUpAtTheDeadline() {
        let answers = Answers(Array(repeating: .response(503, status(503, "down")), count: 50))
        #expect(throws: APIError.gaveUp(reason: "503: down")) {
            try answers.client().list(until: Deadline(secondsFromNow: 2.5))
        }
        #expect(answers.waits == [0.75, 1.5])
    }

    static let malformed: [(body: String, reason: String)] = [
        (#"{"metadata":{},"items":[]}"#, "a list without a version"),
        (#"{"metadata":{"resourceVersion":"1"}}"#, "items"),
        (#"{"metadata":{"resourceVersion":"1"},"items":[{"spec":{"hostPID":"yes"}}]}"#, "items.Index 0.spec.hostPID"),
    ]

    @Test(arguments: malformed)
    func malformedPages(body: String, reason: String) throws {
        let answers = Answers([.response(200, body)])
        let error = #expect(throws: APIError.self) { try answers.client().list(until: Deadline(secondsFromNow: 0.1)) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
