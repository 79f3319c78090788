import Testing

@testable import Reports

@Suite struct HTMLTests {
    static let markup: [(text: String, escaped: String)] = [
        ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
        ("\" onmouseover=\"x", "&quot; onmouseover=&quot;x"),
        ("</style></title><!--", "&lt;/style&gt;&lt;/title&gt;&lt;!--"),
        ("&lt;", "&amp;lt;"),
        ("&#60;", "&amp;#60;"),
        ("a&b", "a&amp;b"),
        ("]]>", "]]&gt;"),
        ("\u{338}x", "&#824;x"),
        ("\u{20e0}\u{338}", "&#8416;\u{338}"),
        ("x\u{338}", "x\u{338}"),
        ("\u{1b}[2J<b>\u{202e}", "\\x1b[2J&lt;b&gt;\\u{202e}"),
    ]

    @Test(arguments: markup)
    func markupBecomesText(text: String, escaped: String) {
        #expect(HTML.escaped(text) == escaped)
        #expect(("<b title=\"\(text)\">\(text)</b>" as HTML).text == "<b title=\"\(escaped)\">\(escaped)</b>")
    }

    /// What a terminal does not show as it is, a page does not either.
    @Test(arguments: Hostile.texts)
    func whatCannotBeSeenIsWrittenOut(hostile: Hostile) {
        let quoted = hostile.escaped.split(separator: "\"", omittingEmptySubsequences: false)
        #expect(HTML.escaped(hostile.text) == quoted.joined(separator: "&quot;"))
    }

    static let lengths: [(bytes: Int, escaped: Int)] = [(4096, 4096), (4097, 4096), (1_000_000, 4096)]

    @Test(arguments: lengths)
    func longTextsAreCut(bytes: Int, escaped: Int) {
        let text = HTML.escaped(String(repeating: "x", count: bytes))
        #expect(text.utf8.count == escaped)
        #expect(text.hasSuffix("…") == (bytes > escaped))
    }

    @Test func longNamesAreCut() {
        let page: HTML = "\(name: String(repeating: "<", count: 400))"
        #expect(page.text == "<bdi>" + String(repeating: "&lt;", count: 317) + "…</bdi>")
    }

    @Test func piecesAreNoText() {
        let cell: HTML = "<td>\(1_234_567)</td>"
        #expect(cell.text == "<td>1,234,567</td>")
        let row: HTML = "<tr>\([cell, "<td>\("a<b")</td>"])\(cell)</tr>"
        #expect(row.text == "<tr><td>1,234,567</td><td>a&lt;b</td><td>1,234,567</td></tr>")
        let none: [HTML] = []
        #expect(("\(none)" as HTML).text.isEmpty)
    }
}
