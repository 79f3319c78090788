import Testing

@testable import AWS

@Suite struct CanonicalRequestTests {
    typealias Request = SignatureV4.Request
    private static let emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    static let paths: [(path: String, canonical: String)] = [
        ("/", "/"), ("", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("//a//b//", "/a/b/"), ("/a/../b", "/b"),
        ("/../..", "/"), ("/a/..", "/"), ("/./a/.", "/a"), ("/example space/", "/example%20space/"),
        ("/a%20b", "/a%2520b"), ("/\u{1234}", "/%E1%88%B4"), ("/-._~Az09", "/-._~Az09"), ("/a:b+c*", "/a%3Ab%2Bc%2A"),
    ]

    @Test(arguments: paths)
    func path(path: String, canonical: String) {
        let lines = CanonicalRequest(Request(method: "GET", host: "h", path: path)).text.split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1] == canonical)
    }

    static let queries: [(query: [(name: String, value: String)], canonical: String)] = [
        ([], ""), ([("a", "")], "a="), ([("b", "2"), ("a", "1")], "a=1&b=2"), ([("a", "2"), ("a", "1")], "a=1&a=2"),
        ([("a", "b"), ("B", "c")], "B=c&a=b"), ([("a b", "c+d/=&")], "a%20b=c%2Bd%2F%3D%26"),
        ([("\u{1234}", "~")], "%E1%88%B4=~"), ([("a-", "1"), ("a", "2")], "a=2&a-=1"),
        ([("é", "1"), ("z", "2")], "%C3%A9=1&z=2"),
    ]

    @Test(arguments: queries)
    func query(query: [(name: String, value: String)], canonical: String) {
        #expect(CanonicalRequest(Request(method: "GET", host: "h", query: query)).query == canonical)
    }

    @Test func headers() {
        let request = CanonicalRequest(
            Request(
                method: "GET", host: "example",
                headers: [
                    ("My-Header2", "  \"a   b\tc\"  "), ("my-header1", "4"), ("My-Header1", "1"), ("MY-HEADER1", "3"),
                    ("Empty", ""),
                ]))
        #expect(request.signedHeaders == "empty;host;my-header1;my-header2")
        #expect(
            request.text
                == "GET\n/\n\nempty:\nhost:example\nmy-header1:4,1,3\nmy-header2:\"a b c\"\n\n"
                + "empty;host;my-header1;my-header2\n\(Self.emptyDigest)")
    }
}
