import NodeModel
import Testing

@Suite struct TaskNameTests {
    static let names: [(bytes: [UInt8], text: String)] = [
        ([], ""), ([0], ""), (Array("sh\0rest".utf8), "sh"), (Array("fifteen bytes..".utf8), "fifteen bytes.."),
        (Array("sixteen bytes...".utf8), "sixteen bytes.."), (Array("12345678".utf8), "12345678"),
        (Array("123456789".utf8), "123456789"), (Array("a\u{1B}[1m\n)".utf8), "a\u{1B}[1m\n)"),
        ([0xFF, 0x61, 0x0A], "\\xff\u{61}\n"), (Array("äöü€🙂".utf8.prefix(12)), "äöü€\\xf0\\x9f\\x99"),
        ([0x80, 0xC3, 0xC3, 0xA4, 0x01], "\\x80\\xc3ä\u{1}"), ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
    ]

    @Test(arguments: names)
    func text(bytes: [UInt8], text: String) {
        let name = bytes.withUnsafeBytes { TaskName($0) }
        #expect(name.text == text)
        #expect(name.bytes == Array(bytes.prefix(15).prefix { $0 != 0 }))
    }

    @Test func equality() {
        #expect(TaskName("sh\0x") == TaskName("sh"))
        #expect(TaskName("sh") != TaskName("hs"))
    }
}
