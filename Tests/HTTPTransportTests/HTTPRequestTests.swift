import Testing

@testable import HTTPTransport

@Suite struct HTTPRequestTests {
    static let urls: [(url: String, isUsable: Bool)] = [
        ("http://example/", true), ("https://example", true), ("HTTPS://example:443/a?b#c", true),
        ("https://[::1]:8443/", true), ("https://example/@", true), ("https://example?user@host", true),
        ("ftp://example/", false), ("file:///etc/passwd", false), ("example/", false), ("", false),
        ("https://", false), ("https:///path", false), ("https://user:secret@example/", false),
        ("https://example\\@other/", false), ("https://example/a b", false), ("https://example/\r\nX: y", false),
        ("https://example/\0", false), ("https://exämple/", false),
    ]

    @Test(arguments: urls)
    func checksURL(url: String, isUsable: Bool) {
        if isUsable {
            #expect(throws: Never.self) { try HTTPRequest(.get, url).check() }
        } else {
            #expect(throws: HTTPError.malformedURL) { try HTTPRequest(.get, url).check() }
        }
    }

    static let headers: [(name: String, value: String, isUsable: Bool)] = [
        ("X-Test", "value", true), ("x", "", true), ("X", "tab\tand ünicode", true),
        ("X", "a\r\nInjected: b", false), ("X", "a\nb", false), ("X", "a\rb", false), ("X", "a\0", false),
        ("X", "\u{7F}", false), ("", "a", false), ("X Y", "a", false), ("X:", "a", false), ("X;", "a", false),
        ("X\r\nY", "a", false), ("Ü", "a", false),
    ]

    @Test(arguments: headers)
    func checksHeader(name: String, value: String, isUsable: Bool) {
        let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: [HTTPHeader(name, value)])
        if isUsable {
            #expect(throws: Never.self) { try request.check() }
        } else {
            #expect(throws: HTTPError.malformedHeader(name: name)) { try HTTPClient().send(request) }
        }
    }

    @Test func secretsAreNotPrinted() {
        let request = HTTPRequest(
            .post, "https://example/path?SECRET", headers: [HTTPHeader("Authorization", "SECRET")],
            body: Array("SECRET".utf8))
        #expect("\(request)" == "POST https://example/path")
        #expect("\(request.headers)" == "[Authorization]")
    }

    static let milliseconds: [(Double, Int)] = [
        (1, 1000), (0.25, 250), (0, 1), (-1, 1), (.nan, 1), (.infinity, 1_000_000_000), (1e300, 1_000_000_000),
    ]

    @Test(arguments: milliseconds)
    func convertsSeconds(seconds: Double, expected: Int) {
        #expect(HTTPTimeouts.milliseconds(seconds) == expected)
    }
}
