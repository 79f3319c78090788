import LinuxSystem
import Testing

@Suite struct EscapedTextTests {
    static let cases: [(bytes: [UInt8], text: String)] = [
        ([], ""),
        (Array("plain".utf8), "plain"),
        (Array("grüße 🚀".utf8), "grüße 🚀"),
        ([0x00, 0x1B, 0x5B], "\u{0}\u{1B}["),
        ([0xFF], "\\xff"),
        ([0x61, 0x80, 0x62], "a\\x80b"),
        // Cut off inside a character.
        ([0x61, 0xC3], "a\\xc3"),
        ([0xF0, 0x9F, 0x9A], "\\xf0\\x9f\\x9a"),
        // A slash in two bytes, a surrogate and a number above the last scalar are none.
        ([0xC0, 0xAF], "\\xc0\\xaf"),
        ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
        ([0xF4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
        // What is valid around it stays.
        (Array("ü".utf8) + [0xFE] + Array("ü🚀".utf8), "ü\\xfeü🚀"),
        ([0xC3, 0xC3, 0xBC], "\\xc3ü"),
    ]

    @Test(arguments: cases)
    func escaping(bytes: [UInt8], text: String) {
        #expect(String(escaping: bytes) == text)
        #expect(String(escaping: bytes[...]) == text)
    }

    @Test func everyByteAloneIsKept() {
        for byte in UInt8.min...UInt8.max {
            let text = String(escaping: [byte])
            #expect(text.utf8.count == (byte < 0x80 ? 1 : 4))
        }
    }
}
