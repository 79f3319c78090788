import Manifests
import Testing

struct TreeBuilderTests {
    @Test(arguments: [
        ("{a: 1, yes: 2, 0x10: 3, 1.5: 4}", "{a: 1, true: 2, 16: 3, 1.5: 4}"),
        ("a: &x [1]\nb: *x", "{a: [1], b: [1]}"),
        ("a: &x 1\nb: &x 2\nc: *x", "{a: 1, b: 2, c: 2}"),
        ("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", "{a: {p: 1, q: 2}, b: {p: 1, q: 3}}"),
        // The later one wins, also where it is the merge key.
        ("a: &x {p: 1}\nb: {p: 2, <<: *x}", "{a: {p: 1}, b: {p: 1}}"),
        ("b: {<<: [{p: 1}, {p: 2, q: 2}]}", "{b: {p: 1, q: 2}}"),
        ("b: {\"<<\": 1}", "{b: {<<: 1}}"),
        ("{\"a\":\t[true, null,\n\t\"x\"]}", "{a: [true, null, 'x']}"),
    ])
    func builds(_ source: String, _ expected: String) {
        let reading = Reading(source)
        #expect(reading.errors == [])
        #expect(reading.roots.map { text($0) } == [expected])
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3", 3, "the key \"a\" is there twice in one mapping"),
        ("1: a\n\"1\": b", 2, "the key \"1\" is there twice in one mapping"),
        ("a: *x", 1, "an alias without an anchor before it"),
        ("a: &x [1, *x]", 1, "an alias within what it stands for"),
        ("~: 1", 1, "a key must be a string, found nothing"),
        ("? [a]\n: 1", 1, "a key must be a string, found a list"),
        ("<<: 1", 1, "a merge key (<<) takes a mapping or a list of mappings"),
        ("<<: [{}, 1]", 1, "a merge key (<<) takes a mapping or a list of mappings"),
    ])
    func refuses(_ source: String, _ line: Int, _ reason: String) {
        #expect(Reading(source).errors == ["f: document 1, line \(line): \(reason)"])
    }

    @Test func findsADuplicateInALargeMapping() {
        let text = (0..<5000).map { "k\($0): 1\n" }.joined() + "k17: 2\n"
        #expect(Reading(text).errors == ["f: document 1, line 5001: the key \"k17\" is there twice in one mapping"])
    }

    @Test func anchorsEndWithTheirDocument() {
        let errors = ["f: document 2, line 3: an alias without an anchor before it"]
        #expect(Reading("a: &x 1\n---\nb: *x\n").errors == errors)
    }

    /// Nine lists of nine, ten levels: three thousand million values.
    private static let bomb = (1...10).reduce("a0: &a0 [x]\n") { text, level in
        text + "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",") + "]\n"
    }

    private static let mergeBomb = (1...30).reduce("a0: &a0 {x: 1}\n") { text, level in
        text + "a\(level): &a\(level) {<<: [*a\(level - 1), *a\(level - 1)], k\(level): *a\(level - 1)}\n"
    }

    private static let textBomb =
        "a: &a \"\(String(repeating: "x", count: 1 << 20))\"\nb: ["
        + Array(repeating: "*a", count: 200).joined(separator: ",") + "]\n"

    @Test(arguments: [
        (bomb, "more than 12000000 values, counting those that aliases and merge keys repeat"),
        (mergeBomb, "more than 12000000 values, counting those that aliases and merge keys repeat"),
        (textBomb, "more than 134217728 bytes of text, counting what aliases and merge keys repeat"),
    ])
    func refusesBombs(_ source: String, _ reason: String) {
        let reading = Reading(source)
        #expect(reading.roots.isEmpty)
        #expect(reading.errors.count == 1)
        #expect(reading.errors.first?.hasSuffix(reason) == true)
    }

    @Test func limitsDepth() {
        var limits = ManifestLimits()
        limits.depth = 3
        #expect(Reading("[[[1]]]", limits: limits).errors == [])
        #expect(Reading("a: &a [1]\nb: [*a]", limits: limits).errors == [])
        let reason = "more than 3 levels within each other"
        #expect(Reading("[[[[1]]]]", limits: limits).errors == ["f: document 1, line 1: \(reason)"])
        #expect(Reading("a: &a [1]\nb: [[*a]]", limits: limits).errors == ["f: document 1, line 2: \(reason)"])
    }
}
