import HTTPTransport
import NodeModel
import Synchronization
import Testing

@testable import KubernetesAPI

@Suite struct PodWatchTests {
    /// What a watch reported: the names it knew, and its failure.
    struct Known: Equatable {
        var names: [String]
        var failure: String?

        init(_ names: String..., failure: String? = nil) {
            self.names = names
            self.failure = failure
        }
    }

    /// Runs a watch over prepared answers to their end.
    private func run(_ answers: Answers) -> [Known] {
        var known: [Known] = []
        let client = answers.client()
        let watch = PodWatch(cancellation: HTTPCancellation(), retry: client.retry, now: { 1000 }) { client }
        watch.run { pods in
            var next = Known(failure: pods.failure)
            next.names = pods.pods.compactMap(\.metadata.name)
            if known.last != next { known.append(next) }
        }
        return known
    }

    @Test func listThenEvents() {
        let answers = Answers([
            .response(200, page(["a"], version: "10")),
            .chunks([
                event("ADDED", "b", version: "11") + event("MODIFIED", "a", version: "12"),
                event("DELETED", "a", version: "13"),
                #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"20"}}}"# + "\n",
            ]),
            .chunks([event("ADDED", "c", version: "21")]),
        ])
        #expect(run(answers) == [Known("a"), Known("a", "b"), Known("b"), Known("b", "c")])
        #expect(
            answers.queries.prefix(3) == [
                "limit=500",
                "watch=1&resourceVersion=10&allowWatchBookmarks=true&timeoutSeconds=1800",
                "watch=1&resourceVersion=20&allowWatchBookmarks=true&timeoutSeconds=1800",
            ])
    }

    /// An event may come in any pieces.
    @Test func pieces() {
        let bytes = Array((event("ADDED", "b", version: "11") + "\n" + event("ADDED", "ü", version: "12")).utf8)
        for size in [1, 7, 64] {
            let chunks = stride(from: 0, to: bytes.count, by: size).map { start in
                bytes[start..<min(start + size, bytes.count)]
            }
            var buffer = LineBuffer(limit: 1000)
            var lines: [PodEvent] = []
            for chunk in chunks {
                try? Array(chunk).withUnsafeBytes { raw in
                    try buffer.add(raw) { line throws(APIError) in lines.append(try PodEvent.decode(line)) }
                }
            }
            #expect(lines.count == 2, "pieces of \(size)")
        }
    }

    static let forgotten: [(name: String, answer: Answers.Answer)] = [
        (
            "as an event",
            .chunks([#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"# + "\n"])
        ),
        ("as a status", .response(410, status(410, "too old"))),
    ]

    @Test(arguments: forgotten)
    func versionTooOld(name: String, answer: Answers.Answer) {
        let answers = Answers([
            .response(200, page(["a"], version: "10")), answer, .response(200, page(["b"], version: "30")),
        ])
        #expect(run(answers) == [Known("a"), Known("b")])
        #expect(answers.queries[2] == "limit=500" && answers.queries[3].contains("resourceVersion=30"), "\(name)")
        #expect(answers.waits.isEmpty)
    }

    static let passing: [(name: String, answer: Answers.Answer, failure: String)] = [
        ("half-open", .failure(.stalled), "the connection stalled"),
        ("429", .response(429, status(429, "slow")), "429: slow"),
    ]

    /// What was known stays known, and the watch goes on from where it was.
    @Test(arguments: passing)
    func serverAway(name: String, answer: Answers.Answer, failure: String) {
        let answers = Answers([.response(200, page(["a"], version: "10")), answer, .chunks([])])
        let known = run(answers)
        #expect(known.count == 3 && known[0] == Known("a") && known[2] == Known("a"), "\(known)")
        #expect(known[1].names == ["a"] && known[1].failure?.hasPrefix(failure) == true, "\(known)")
        #expect(answers.queries[2].contains("resourceVersion=10"), "\(name)")
        #expect(answers.waits == [0.75, 0.75])
    }

    /// An event that is not read leaves a gap in what the watch knows: the pods are listed anew, also by a server that
    /// sends it again and again, and ever later.
    @Test func eventThatIsTooLong() {
        let long = String(repeating: "x", count: (16 << 20) + 1)
        let list = Answers.Answer.response(200, page(["a"], version: "10"))
        let answers = Answers([list, .chunks([long]), list, .chunks([long]), list])
        let failure = Known("a", failure: "an event of more than 16777216 bytes")
        #expect(run(answers) == [Known("a"), failure, Known("a"), failure, Known("a")])
        #expect(answers.queries.map { $0.hasPrefix("watch") } == [false, true, false, true, false, true])
        #expect(answers.waits == [0.75, 1.5])
    }

    /// Nor is one that cannot be read asked for again.
    @Test func garbage() {
        let list = Answers.Answer.response(200, page(["a"], version: "10"))
        let answers = Answers([list, .chunks(["{}\n"]), list])
        let known = run(answers)
        #expect(known.count == 3 && known[1].failure?.hasPrefix("malformed answer") == true, "\(known)")
        #expect(answers.queries.map { $0.hasPrefix("watch") } == [false, true, false, true])
    }

    /// The age of what is known: the server's last word, not the last attempt to reach it.
    @Test func age() {
        let clock = Mutex<Int64>(0)
        let time: @Sendable () -> Int64 = { clock.withLock { $0 } }
        let retry = Retry(wait: { _ in clock.withLock { $0 += 100 } }, random: { 0 })
        let answers = Answers([
            .response(200, page(["a"], version: "10")), .chunks([event("ADDED", "b", version: "11"), #"{"type""#]),
            .failure(.stalled), .failure(.stalled), .chunks([]), .failure(.stalled),
        ])
        let client = answers.client()
        var times: [Int64?] = []
        PodWatch(cancellation: HTTPCancellation(), retry: retry, now: time) { client }.run { pods in
            if times.last != pods.asOf { times.append(pods.asOf) }
        }
        #expect(times == [0, 200])
    }

    /// What a client was made from may have been replaced since.
    @Test func newClient() {
        let answers = Answers([
            .response(200, page(["a"])), .failure(.stalled), .response(401, status(401, "no")),
            .response(401, status(401, "no")), .response(200, page(["b"])),
        ])
        let client = answers.client()
        let outcomes = Mutex<[APIError?]>([.configuration(reason: "no kubeconfig"), nil, nil])
        var failures: [String] = []
        PodWatch(cancellation: HTTPCancellation(), retry: client.retry) { () throws(APIError) in
            if let error = outcomes.withLock({ $0.removeFirst() }) { throw error }
            return client
        }.run { if let failure = $0.failure { failures.append(failure) } }
        #expect(failures == ["no kubeconfig", "the connection stalled", "401 Unauthorized: no"])
        #expect(outcomes.withLock { $0.isEmpty } && answers.isDone)
    }

    /// A server that ends each watch at once is not asked without pause.
    @Test func watchThatEndsAtOnce() {
        let answers = Answers([.response(200, page(["a"])), .chunks([]), .chunks([])])
        #expect(run(answers) == [Known("a")])
        #expect(answers.waits == [0.75, 0.75])
    }

    @Test func eventWithoutEnd() {
        var buffer = LineBuffer(limit: 8)
        #expect(throws: APIError.eventTooLong(limit: 8)) {
            try Array("123456789".utf8).withUnsafeBytes { try buffer.add($0) { (_) throws(APIError) in } }
        }
    }
}
