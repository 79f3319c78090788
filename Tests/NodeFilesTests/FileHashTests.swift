import LinuxSystem
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct FileHashTests {
    @Test func ofNothing() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("empty")
            let node = try Descriptor.open(directory.path, LinuxFlags.path)
            #expect(try FileHash.sha256("/empty", below: node) == FileHash.ofNothing)
            #expect(FileHash.ofNothing == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        }
    }

    private func hash(_ path: String, _ directory: TemporaryDirectory, limit: Int64 = 100) throws -> String {
        let root = try Descriptor.open(directory.path, LinuxFlags.path)
        return try FileHash.sha256(path, below: root, limit: limit)
    }

    /// The digests of FIPS 180-2, appendix B, and RFC 1321, appendix A.5.
    @Test func digests() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("a/abc", "abc")
            let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            #expect(try hash("/a/abc", directory) == sha256)
            let root = try Descriptor.open(directory.path, LinuxFlags.path)
            #expect(try FileHash.md5("/a/abc", below: root) == "900150983cd24fb0d6963f7d28e17f72")
        }
    }

    @Test func refused() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("a/long", String(repeating: "x", count: 101))
            try directory.fifo("a/fifo")
            try directory.link("a/link", to: "long")
            try directory.link("b", to: "a")
            #expect(throws: FileHash.Failure.tooLarge) { try hash("/a/long", directory) }
            #expect(throws: FileHash.Failure.notRegular) { try hash("/a/fifo", directory) }
            #expect(throws: FileHash.Failure.notRegular) { try hash("/a/link", directory) }
            #expect(throws: FileHash.Failure.self) { try hash("/b/long", directory, limit: 200) }
            #expect(throws: FileHash.Failure.self) { try hash("/a/absent", directory) }
            #expect(throws: FileHash.Failure.notRegular) { try hash("", directory) }
        }
    }

    /// A file that says it is long is not read for that.
    @Test func sparse() throws {
        try TemporaryDirectory.with { directory in
            try directory.sparseFile("a/huge", size: 1 << 40)
            #expect(throws: FileHash.Failure.tooLarge) { try hash("/a/huge", directory, limit: FileHash.limit) }
        }
    }
}
