import Testing

@testable import Manifests

@Suite struct SurrogatePairsTests {
    static let documents: [(text: String, value: String)] = [
        (#"{"a": "\ud83d\ude00"}"#, "{a: '😀'}"),
        (
            #"{"a": "x\uD83D\uDE00\u00e9\n\"\\ud83d","b":[1.5E+3,true,null]}"#,
            "{a: 'x😀é\n\"\\ud83d', b: [number 1500.0, true, null]}"
        ),
        (#"{"\ud800\udc00": "\udbff\udfff"}"#, "{\u{10000}: '\u{10FFFF}'}"),
        (" \r\n" + #"{"a": "\ud83d\ude00"}"#, "{a: '😀'}"),
        ("---\n" + #"{"a": "\ud83d\ude00"}"#, "{a: '😀'}"),
        // An escaped backslash before it: six letters.
        (#"{"a": "\\ud83d", "b": "\ud83d\ude00"}"#, "{a: '\\ud83d', b: '😀'}"),
        // Single quotes are YAML's, and there a backslash is one.
        (#"{a: '\ud83d\ude00'}"#, #"{a: '\ud83d\ude00'}"#),
        (#"{"a": "\u00e9 \/ 😀"}"#, "{a: 'é / 😀'}"),
    ]

    @Test(arguments: documents)
    func accepted(text: String, value: String) {
        let reading = Reading(text)
        #expect(reading.errors == [])
        #expect(reading.roots.map { ManifestsTests.text($0) } == [value])
    }

    private static let half = "is half of a surrogate pair, and the other half is missing"

    static let refused: [(text: String, error: String)] = [
        ("{\"a\": 1,\n\n\"b\": \"\\ud83d\"}", #"f: document 1, line 3: \ud83d \#(half)"#),
        (#"{"a": "\ude00\ud83d"}"#, #"f: document 1, line 1: \ude00 \#(half)"#),
        (#"{"a": "\ud83dx\ude00"}"#, #"f: document 1, line 1: \ud83d \#(half)"#),
        (#"{"a": "\ud83d\ud83d\ude00"}"#, #"f: document 1, line 1: \ud83d \#(half)"#),
        (#"{"a": "\ud83d\u"#, #"f: document 1, line 1: \ud83d \#(half)"#),
        ("--- {}\n--- \n{\"a\": \"\\udfff\"}", #"f: document 2, line 3: \udfff \#(half)"#),
    ]

    @Test(arguments: refused)
    func loneSurrogates(text: String, error: String) { #expect(Reading(text).errors == [error]) }

    /// YAML refuses the pair as well, and cut-off text is an error of its own.
    @Test(arguments: [
        #"a: "\ud83d\ude00""#, #"{a: "\ud83d\ude00", b: &x 1}"#, #"{"a": "\ud83d\ude00"} # note"#,
        #"{"a": "\ud83d\ude00"#,
        #"{"\ud"#, #"{"\ud83"#, "{\"\\",
    ])
    func noJSON(text: String) { #expect(Reading(text).errors.count == 1) }

    /// What follows is at its own line.
    @Test func linesStay() {
        let reading = Reading("{\"a\": \"\\ud83d\\ude00\",\n\"b\":\n[x,\n}")
        #expect(reading.errors.count == 1 && reading.errors[0].hasPrefix("f: document 1, line 4: "))
        #expect(Reading("{\"a\": \"\\ud83d\\ude00\"}\n---\n{\"b\": 1}").roots.count == 2)
    }
}
