import NodeModel
import Testing

@Suite struct StringBytesTests {
    static let paths: [(path: String, components: [String])] = [
        ("", []), ("/", []), ("a", ["a"]), ("/a/b", ["a", "b"]), ("//a//b/", ["a", "b"]), ("/./..", [".", ".."]),
        // Marks that join the separator to one character, and one that joins a name.
        ("/etc/\u{301}x", ["etc", "\u{301}x"]), ("/\u{FE0F}/\u{200D}a", ["\u{FE0F}", "\u{200D}a"]),
        ("/e\u{301}/b", ["e\u{301}", "b"]),
    ]

    @Test(arguments: paths)
    func components(path: String, components: [String]) {
        #expect(path.pathComponents().map { Array($0.utf8) } == components.map { Array($0.utf8) })
    }

    @Test func emptyOnes() {
        #expect("/a//b".pathComponents(omittingEmpty: false) == ["", "a", "", "b"])
    }

    @Test func partsOfAHostPath() {
        #expect(PathParts("/etc").contains(PathParts("/etc/\u{301}x")))
        #expect(PathParts("/srv/\u{301}/../../etc") == PathParts("/etc"))
    }

    static let searches: [(text: String, sought: String, isFound: Bool)] = [
        ("cri-containerd-ab.scope", "ab", true), ("ab", "ab", true), ("a", "ab", false), ("", "a", false),
        ("aab", "ab", true), ("ababac", "abac", true), ("abab", "abc", false), ("pod-kubepods", "kubepods-", false),
        // A mark that would be one character with what was sought.
        ("x/ab\u{301}", "ab", true), ("e\u{301}", "e", true), ("\u{e9}", "e", false),
    ]

    @Test(arguments: searches)
    func containsBytes(text: String, sought: String, isFound: Bool) {
        #expect(text.containsBytes(of: sought) == isFound)
        #expect(text[...].containsBytes(of: sought) == isFound)
    }
}
