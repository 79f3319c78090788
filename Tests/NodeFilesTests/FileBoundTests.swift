import NodeModel
import Testing

@testable import NodeFiles

@Suite struct FileBoundTests {
    private static let bound = FileBound(directory: 2, scan: 4, subject: "files")

    private static let directories: Set<Substring> = ["/a", "/a/deep", "/b", "/c", "/usr/bin"]

    private static func files(_ paths: [String]) -> [ChangedFile] {
        paths.map { ChangedFile(now: PlacedFile(path: $0, kind: .regular), basis: .time) }
    }

    static let cases: [(name: String, paths: [String], kept: [String], gaps: [String: Int])] = [
        ("none", [], [], [:]),
        ("within", ["/a/1", "/a/2", "/b/1", "/b/2"], ["/a/1", "/b/1", "/a/2", "/b/2"], [:]),
        (
            "a directory", ["/a/1", "/a/2", "/a/3", "/a/4", "/b/1"], ["/a/1", "/b/1", "/a/2"],
            ["more than 2 files in a directory": 2]
        ),
        (
            "a scan", ["/a/1", "/a/2", "/b/1", "/b/2", "/c/1", "/d"], ["/a/1", "/b/1", "/c/1", "/d"],
            ["more than 4 files": 2]
        ),
        (
            "what is below one", ["/a/b/1", "/a/c/1", "/a/d/1", "/b/1"], ["/a/b/1", "/b/1", "/a/c/1"],
            ["more than 2 files in a directory": 1]
        ),
        (
            "one in another", ["/a/deep/1", "/a/deep/x/1", "/a/deep/y/1", "/a/x/1"],
            ["/a/deep/1", "/a/x/1", "/a/deep/x/1"], ["more than 2 files in a directory": 1]
        ),
        (
            "essential ones", ["/usr/bin/a", "/usr/bin/b", "/usr/bin/c", "/usr/bin/rpm", "/usr/bin/runc"],
            ["/usr/bin/rpm", "/usr/bin/runc", "/usr/bin/a", "/usr/bin/b"], ["more than 2 files in a directory": 1]
        ),
    ]

    @Test(arguments: cases)
    func keep(name: String, paths: [String], kept: [String], gaps: [String: Int]) {
        var told: [Gap] = []
        #expect(Self.bound.keep(Self.files(paths), in: Self.directories, &told).map(\.path) == kept)
        #expect(Dictionary(uniqueKeysWithValues: told.map { ($0.reason, $0.count) }) == gaps)
    }
}
