import Testing

@testable import Delivery

@Suite struct RecordTests {
    @Test(arguments: [("{}", "{}"), ("a\nb\r\nc", "a b  c"), ("", ""), ("é\u{2028}", "é\u{2028}")])
    func oneLine(text: String, line: String) {
        #expect(Record(time: 1, text: text).text == line)
        #expect(Record(time: 1, text: text).line == Array((line + "\n").utf8))
    }
}
