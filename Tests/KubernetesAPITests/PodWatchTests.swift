import HTTPTransport
import NodeModel
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
        let watch = PodWatch(answers.client(), cancellation: HTTPCancellation(), now: { 1000 })
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
        ("garbage", .chunks(["{}\n"]), "malformed answer"),
    ]

    /// What was known stays known, and the watch goes on from where it was.
    @Test(arguments: passing)
    func serverAway(name: String, answer: Answers.Answer, failure: String) {
        let answers = Answers([.response(200, page(["a"], version: "10")), answer])
        let known = run(answers)
        #expect(known.count == 3 && known[0] == Known("a") && known[2] == Known("a"), "\(known)")
        #expect(known[1].names == ["a"] && known[1].failure?.hasPrefix(failure) == true, "\(known)")
        #expect(answers.queries[2].contains("resourceVersion=10"), "\(name)")
        #expect(answers.waits.count == 1)
    }

    /// A server that ends each watch at once is not asked without pause.
    @Test func watchThatEndsAtOnce() {
        let answers = Answers([.response(200, page(["a"])), .chunks([]), .chunks([])])
        #expect(run(answers) == [Known("a")])
        #expect(answers.waits == [0.75, 0.75])
    }

    @Test func eventWithoutEnd() {
        var buffer = LineBuffer(limit: 8)
        #expect(throws: APIError.malformed(reason: "an event of more than 8 bytes")) {
            try Array("123456789".utf8).withUnsafeBytes { try buffer.add($0) { (_) throws(APIError) in } }
        }
    }
}
