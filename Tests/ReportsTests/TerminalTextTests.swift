import Testing

@testable import Reports

@Suite struct TerminalTextTests {
    @Test(arguments: Hostile.texts)
    func escapes(hostile: Hostile) {
        #expect(TerminalText.escaped(hostile.text) == hostile.escaped)
    }

    @Test func escapesEveryControlAndLeavesTheRestOfLatin() {
        for value in UInt8.min...UInt8.max {
            let scalar = Unicode.Scalar(value)
            let isPlain = (0x20...0x7E).contains(value) || value > 0xA0 && value != 0xAD
            #expect((TerminalText.escaped(String(scalar)) == String(scalar)) == isPlain)
        }
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "ab…"), ("abcdef", 3, "…"), ("abcdef", 2, ""), ("日本語", 8, "日…"),
        ("日本語", 9, "日本語"), ("", 0, ""), ("a", 0, ""),
    ])
    func cutsAtBytes(text: String, limit: Int, expected: String) {
        #expect(TerminalText.cut(text, bytes: limit) == expected)
        #expect(TerminalText.cut(text, bytes: limit).utf8.count <= limit)
    }
}
