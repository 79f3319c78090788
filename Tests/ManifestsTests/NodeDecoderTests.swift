import Manifests
import Testing

struct NodeDecoderTests {
    private struct Sample: Decodable, Equatable {
        var flag: Bool?
        var count: Int32?
        var ratio: Double?
        var names: [String]?
        var map: [String: [Int64]]?
        var byte: UInt8?
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ text: String, showingValues: Bool = true
    ) throws -> Value {
        try ManifestReader.decode(type, from: Array(text.utf8), name: "f", showingValues: showingValues)
    }

    @Test func decodes() throws {
        let text = "{flag: no, count: 1e3, ratio: 2, names: [a, b], map: {x: [1], \"1\": []}, byte: ~, other: 1}"
        let expected = Sample(flag: false, count: 1000, ratio: 2, names: ["a", "b"], map: ["x": [1], "1": []])
        #expect(try Self.decode(Sample.self, text) == expected)
    }

    @Test func decodesALargeMapping() throws {
        let text = (0..<20_000).map { "k\($0): \($0)\n" }.joined()
        let map = try Self.decode([String: Int].self, text)
        #expect(map.count == 20_000)
        #expect(map["k19999"] == 19_999)
    }

    @Test(arguments: [
        ("flag: 1", "line 1: flag: expected true or false, found 1"),
        ("\ncount: 1.5", "line 2: count: expected an integer, found 1.5"),
        ("count: 99999999999", "line 1: count: expected an integer from -2147483648 to 2147483647, found 99999999999"),
        ("count: .nan", "line 1: count: expected an integer, found nan"),
        ("byte: -1", "line 1: byte: expected an integer from 0 to 255, found -1"),
        ("ratio: x", "line 1: ratio: expected a number, found \"x\""),
        ("names: x", "line 1: names: expected a list, found \"x\""),
        ("names:\n- a\n- b: 1", "line 3: names[1]: expected a string, found a mapping"),
        ("names: [~]", "line 1: names[0]: expected a string, found nothing"),
        ("map: {a.b/c: [x]}", "line 1: map[a.b/c][0]: expected an integer, found \"x\""),
        ("[]", "line 1: expected a mapping, found a list"),
    ])
    func namesThePlace(_ text: String, _ expected: String) {
        let error = #expect(throws: ManifestError.self) { try Self.decode(Sample.self, text) }
        #expect(error?.description == "f: document 1, \(expected)")
    }

    @Test func hidesValuesUnlessAsked() {
        let error = #expect(throws: ManifestError.self) {
            try Self.decode(Sample.self, "flag: secret", showingValues: false)
        }
        #expect(error?.description == "f: document 1, line 1: flag: expected true or false, found a string")
    }

    @Test func wantsOneDocument() {
        let none = #expect(throws: ManifestError.self) { try Self.decode(Sample.self, "# nothing") }
        #expect(none?.description == "f: no document in it")
        let two = #expect(throws: ManifestError.self) { try Self.decode(Sample.self, "{}\n---\n{}") }
        #expect(two?.description == "f: document 2, line 3: more than one document")
    }

    @Test func saysWhatARequiredKeyIs() {
        struct Strict: Decodable { var name: String }
        let error = #expect(throws: ManifestError.self) { try Self.decode(Strict.self, "a: 1") }
        #expect(error?.description == "f: document 1, line 1: name: required, but not there")
    }
}
