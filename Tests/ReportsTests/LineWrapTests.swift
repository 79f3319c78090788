import Testing

@testable import Reports

@Suite struct LineWrapTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("größe", 5), ("日本", 4), ("e\u{301}", 1), ("🙂", 2), ("한글", 4), ("ｆｕｌｌ", 8), ("→●…", 3),
    ])
    func columns(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test(
        arguments: [
            ("", 10, nil, [""]),
            ("one two three", 20, nil, ["one two three"]),
            ("one two three", 7, nil, ["one two", "three"]),
            ("one two three", 3, nil, ["one", "two", "thr", "ee"]),
            ("abcdefghij", 4, nil, ["abcd", "efgh", "ij"]),
            ("日本語日本語", 5, nil, ["日本", "語日", "本語"]),
            ("a  b", 10, nil, ["a b"]),
            ("one two three four", 7, 1, ["one tw…"]),
            ("one two three four", 7, 2, ["one two", "three…"]),
            ("one two", 7, 1, ["one two"]),
            ("abcdefghij", 4, 2, ["abcd", "efg…"]),
        ] as [(String, Int, Int?, [String])])
    func wraps(text: String, width: Int, limit: Int?, lines: [String]) {
        #expect(LineWrap.lines(text, width: width, limit: limit) == lines)
    }

    @Test func hangsAndKeepsSpaces() {
        #expect(LineWrap.hanging("HIGH", indent: 6, "aa bb cc", width: 11) == ["HIGH  aa bb", "      cc"])
        #expect(LineWrap.lines("a/b  container c", width: 20, keepingSpaces: true) == ["a/b  container c"])
        #expect(LineWrap.lines("a/b  container c", width: 10, keepingSpaces: true) == ["a/b", "container", "c"])
    }

    @Test(arguments: [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本", 3, "日…"), ("日本", 2, "…")])
    func cuts(text: String, width: Int, expected: String) {
        #expect(DisplayWidth.cut(text, to: width) == expected)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_904, "1,904"), (-1_234_567, "-1,234,567"), (1_000, "1,000")])
    func groups(number: Int, text: String) {
        #expect(NumberText.grouped(number) == text)
    }

    @Test(arguments: [(0, "0.00"), (90_000, "0.09"), (1_234_567, "1.23"), (-5, "0.00"), (9_999_999_999, "9,999.99")])
    func seconds(microseconds: Int64, text: String) {
        #expect(NumberText.seconds(microseconds: microseconds) == text)
    }
}
