import Foundation
import Glibc
import LinuxSystem
import Testing

@Suite struct DescriptorWritingTests {
    private func directory(_ path: String) throws -> Descriptor { try Descriptor.open(path, LinuxFlags.directory) }

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func appendsAndReads() throws {
        try withScratch { scratch in
            let directory = try directory(scratch)
            for text in ["ab", "cde"] {
                let file = try directory.appendingEntry("f")
                try OutputFile.write(Array(text.utf8), to: file.number)
            }
            #expect(mode("\(scratch)/f") == 0o600)
            let file = try directory.readingEntry("f")
            #expect(try file.bytes(at: 0, count: 99) == Array("abcde".utf8))
            #expect(try file.bytes(at: 3, count: 1) == Array("d".utf8))
            #expect(try file.bytes(at: 9, count: 1) == [])
            #expect(throws: SystemError(errorNumber: EEXIST, call: "openat", path: "f")) {
                _ = try directory.appendingEntry("f", isNew: true)
            }
        }
    }

    @Test(arguments: ["", "..", "a/b", "a\u{0}b"])
    func namesThatAreNone(name: String) throws {
        try withScratch { scratch in
            let directory = try directory(scratch)
            #expect(throws: SystemError.self) { _ = try directory.appendingEntry(name) }
        }
    }

    @Test func nothingButRegularFiles() throws {
        try withScratch { scratch in
            let directory = try directory(scratch)
            #expect(mkfifo("\(scratch)/fifo", 0o600) == 0)
            #expect(symlink("target", "\(scratch)/link") == 0)
            try write("x", to: "\(scratch)/one")
            #expect(link("\(scratch)/one", "\(scratch)/two") == 0)
            try makeDirectory("\(scratch)/directory")
            for name in ["fifo", "link", "one", "directory"] {
                #expect(throws: SystemError(errorNumber: EINVAL, call: "openat", path: name)) {
                    _ = try directory.appendingEntry(name)
                }
            }
            for name in ["fifo", "link", "directory"] {
                #expect(throws: SystemError.self) { _ = try directory.readingEntry(name) }
            }
            #expect(access("\(scratch)/target", F_OK) != 0)
        }
    }

    @Test func replacesWhatIsThere() throws {
        try withScratch { scratch in
            let directory = try directory(scratch)
            try write("kept", to: "\(scratch)/target")
            #expect(symlink("target", "\(scratch)/f") == 0)
            try write("left by a crash", to: "\(scratch)/f.new")
            try directory.replaceEntry("f", with: [1, 2])
            #expect(try directory.readingEntry("f").bytes(at: 0, count: 9) == [1, 2])
            #expect(try BoundedFile.read(path: "\(scratch)/target", limit: 9) == Array("kept".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).sorted() == ["f", "target"])
            #expect(mode("\(scratch)/f") == 0o600)
        }
    }

    @Test func kindsAndRemoval() throws {
        try withScratch { scratch in
            let directory = try directory(scratch)
            #expect(try directory.kind(of: "f") == nil)
            try write("x", to: "\(scratch)/f")
            #expect(try directory.kind(of: "f") == .regular)
            try directory.removeEntry("f")
            try directory.removeEntry("f")
            #expect(try directory.kind(of: "f") == nil)
            #expect(throws: SystemError.self) { try directory.renameEntry("f", to: "g") }
        }
    }

    @Test func ownDirectory() throws {
        try withScratch { scratch in
            for _ in 0..<2 {
                _ = try Descriptor.openOwnDirectory("\(scratch)/own")
                #expect(mode("\(scratch)/own") == 0o700)
                #expect(chmod("\(scratch)/own", 0o777) == 0)
            }
            #expect(symlink("own", "\(scratch)/link") == 0)
            #expect(throws: SystemError.self) { _ = try Descriptor.openOwnDirectory("\(scratch)/link") }
            try write("x", to: "\(scratch)/file")
            #expect(throws: SystemError.self) { _ = try Descriptor.openOwnDirectory("\(scratch)/file") }
        }
    }

    @Test func oneLock() throws {
        try withScratch { scratch in
            let first = try directory(scratch)
            let second = try directory(scratch)
            let isFirst = first.lock()
            let isSecond = second.lock()
            #expect(isFirst && !isSecond)
        }
    }
}
