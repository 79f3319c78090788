import Testing

@testable import Manifests

@Suite struct JSONTextTests {
    static let streams: [(text: String, documents: [String])] = [
        (#"{"a":1}{"b":2}"#, ["{a: 1}", "{b: 2}"]),
        ("{\"a\":1}\n{\"b\":2}\n\n{\"c\":3}\n", ["{a: 1}", "{b: 2}", "{c: 3}"]),
        ("\n {\"a\":\n1}\r\n {\"b\": [{}, {}]}", ["{a: 1}", "{b: [{}, {}]}"]),
        (#"{"a": "}{"} {"\"}{": "\\"}"#, ["{a: '}{'}", #"{"}{: '\'}"#]),
        ("{\"a\":1}{\"b\":2}\n---\nc: 3", ["{a: 1}", "{b: 2}", "{c: 3}"]),
        (#"{"a": "\ud83d\ude00"}{"b": "\ud83d\ude00"}"#, ["{a: '😀'}", "{b: '😀'}"]),
        ("{a: 1,\n b: {c: 2}}\n", ["{a: 1, b: {c: 2}}"]), ("{}", ["{}"]), ("{}{}", ["{}", "{}"]),
    ]

    @Test(arguments: streams)
    func documents(text: String, documents: [String]) {
        let reading = Reading(text)
        #expect(reading.errors == [])
        #expect(reading.roots.map { ManifestsTests.text($0) } == documents)
    }

    /// Lines and numbers are the file's, and what is broken leaves the others readable.
    @Test func places() {
        let reading = Reading("{\"a\":\n1}\n{\"b\" 2}\n\n{\"c\": 3}{\"d\":\n\"\\ud83d\"}")
        #expect(reading.roots.map { text($0) } == ["{a: 1}", "{c: 3}"])
        #expect(reading.errors.count == 2)
        #expect(reading.errors.first?.hasPrefix("f: document 2, line 3: ") == true)
        #expect(reading.errors.last?.hasPrefix("f: document 4, line 6: \\ud83d is half") == true)
    }

    /// YAML has no such stream; nor is what is cut off one.
    @Test(arguments: [
        "--- {\"a\": 1}\n{\"b\": 2}", "{'a': 1}{'b': 2}", "{\"a\": 1} # note\n{\"b\": 2}", "{\"a\": 1}{", "{\"a",
        "{\"\\", "{]{",
    ])
    func noStream(text: String) { #expect(Reading(text).errors.count >= 1) }

    /// An object that does not end is sought once in a text, not for each of the parts: that would take minutes.
    @Test(arguments: ["", "}"])
    func unclosed(last: String) {
        let text = Array((String(repeating: "{\n...\n", count: 50_000) + String(repeating: last, count: 50_000)).utf8)
        let duration = ContinuousClock().measure {
            text.withUnsafeBufferPointer { bytes in
                var chunks = DocumentChunks(bytes)
                var count = 0
                while chunks.next() != nil { count += 1 }
                #expect(count == 50_000 + last.utf8.count)
            }
        }
        #expect(duration < .seconds(30))
    }
}
