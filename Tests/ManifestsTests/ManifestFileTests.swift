import Foundation
import Manifests
import Testing

/// What is opened, and how much of it is read.
struct ManifestFileTests {
    private static func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("manifests-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private static func refusal(_ path: String) -> String? {
        #expect(throws: ManifestError.self) { try ManifestReader.bytes(of: path) }?.reason
    }

    @Test func readsThroughALink() throws {
        try Self.inFolder { folder in
            try Data("a: 1".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
            try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "file")
            #expect(try ManifestReader.bytes(of: folder + "/link") == Array("a: 1".utf8))
        }
    }

    @Test func refusesALargeFileUnread() throws {
        try Self.inFolder { folder in
            let path = folder + "/large"
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.truncate(atOffset: 200 << 20)
            #expect(Self.refusal(path) == "larger than 128 MiB")
        }
    }

    @Test func opensNothingButFiles() throws {
        try Self.inFolder { folder in
            #expect(mkfifo(folder + "/fifo", 0o600) == 0)
            #expect(Self.refusal(folder + "/fifo") == "not a regular file (fifo)")
            #expect(Self.refusal(folder) == "not a regular file (directory)")
            #expect(Self.refusal("/dev/zero") == "not a regular file (character)")
            #expect(Self.refusal(folder + "/none") == "No such file or directory")
        }
    }
}
