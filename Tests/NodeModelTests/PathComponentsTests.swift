import NodeModel
import Testing

@Suite struct PathComponentsTests {
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
}
