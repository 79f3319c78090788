import Foundation
import Manifests
import Testing

/// Which files of a directory are manifests, and in what order.
struct ManifestFilesTests {
    /// Makes a folder of empty files, directories (`x/`), links (`x -> target`) and a FIFO (`x|`).
    private static func inFolder(_ entries: [String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("manifests-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for entry in entries {
            let path = "\(folder)/\(entry)"
            if entry.hasSuffix("/") {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } else if entry.hasSuffix("|") {
                #expect(mkfifo(String(path.dropLast()), 0o600) == 0)
            } else if let arrow = path.firstRange(of: " -> ") {
                try FileManager.default.createSymbolicLink(
                    atPath: String(path[..<arrow.lowerBound]), withDestinationPath: String(path[arrow.upperBound...]))
            } else {
                try Data(entry.utf8).write(to: URL(fileURLWithPath: path))
            }
        }
        try body(folder)
    }

    /// The names below the folder with what each holds, or why it cannot be read.
    private static func read(_ folder: String, isRecursive: Bool = false) -> [String] {
        var told: [String] = []
        ManifestFiles(isRecursive: isRecursive).read(folder) { name, contents in
            let what =
                switch contents {
                case .success(let bytes): String(decoding: bytes, as: UTF8.self)
                case .failure(let error): error.reason
                }
            told.append("\(name.dropFirst(folder.count)): \(what)")
        }
        return told
    }

    private static let tree = [
        "b.yml", "a.yaml", "c.json", "B.yaml", ".hidden.yaml", "a.yaml.bak", "README.md", "yaml", "sub/", "sub/d.yaml",
        "sub/deep/", "sub/deep/e.json", "dir.yaml/", "dir.yaml/f.yaml",
    ]

    @Test func theDirectoryAlone() throws {
        try Self.inFolder(Self.tree) { folder in
            #expect(
                Self.read(folder) == [
                    "/.hidden.yaml: .hidden.yaml", "/B.yaml: B.yaml", "/a.yaml: a.yaml", "/b.yml: b.yml",
                    "/c.json: c.json",
                ])
        }
    }

    @Test func recursively() throws {
        try Self.inFolder(Self.tree) { folder in
            #expect(
                Self.read(folder, isRecursive: true) == [
                    "/.hidden.yaml: .hidden.yaml", "/B.yaml: B.yaml", "/a.yaml: a.yaml", "/b.yml: b.yml",
                    "/c.json: c.json", "/dir.yaml/f.yaml: dir.yaml/f.yaml", "/sub/d.yaml: sub/d.yaml",
                    "/sub/deep/e.json: sub/deep/e.json",
                ])
        }
    }

    /// Neither links to files nor to directories; a FIFO is not opened.
    @Test(arguments: [false, true])
    func nothingButFiles(isRecursive: Bool) throws {
        let entries = ["in/", "in/x.yaml", "link.yaml -> in/x.yaml", "way -> in", "out.yaml -> /etc", "fifo.yaml|"]
        try Self.inFolder(entries) { folder in
            let below = isRecursive ? ["/in/x.yaml: in/x.yaml"] : []
            #expect(
                Self.read(folder, isRecursive: isRecursive)
                    == ["/fifo.yaml: not a regular file (fifo)"] + below + [
                        "/link.yaml: not a regular file (link)", "/out.yaml: not a regular file (link)",
                    ])
        }
    }

    /// As a shell's `<(…)` is one.
    @Test func aPipeThatIsNamed() throws {
        try Self.inFolder(["pipe|"]) { folder in
            let path = "\(folder)/pipe"
            // Each end waits for the other to be opened.
            Thread { try? Data("a: 1".utf8).write(to: URL(fileURLWithPath: path)) }.start()
            #expect(Self.read(path) == [": a: 1"])
        }
    }

    @Test func nothingThere() throws {
        try Self.inFolder(["a.txt", "sub/", "sub/a.yaml"]) { folder in
            #expect(Self.read(folder) == [": no file in it is named *.json, *.yaml, *.yml"])
            #expect(Self.read("\(folder)/a.txt") == [": a.txt"])
            #expect(Self.read("\(folder)/absent") == [": No such file or directory"])
        }
    }

    @Test func tooDeep() throws {
        let way = String(repeating: "d/", count: 64)
        try Self.inFolder([way, String(repeating: "d/", count: 63) + "last.yaml", way + "beyond.yaml"]) { folder in
            let told = Self.read(folder, isRecursive: true)
            #expect(told.map { $0.split(separator: "/").last ?? "" }.count == 2)
            #expect(told.first?.hasSuffix("/d: more than 64 directories within each other") == true)
            #expect(told.last?.hasSuffix("last.yaml") == true)
        }
    }

    /// The name given is a link: an administrator may say so.
    @Test func throughALinkThatIsNamed() throws {
        try Self.inFolder(["real/", "real/x.yaml", "way -> real"]) { folder in
            #expect(Self.read("\(folder)/way") == ["/x.yaml: real/x.yaml"])
        }
    }
}
