import Foundation
import Glibc
import LinuxSystem
import Testing

@Suite struct BoundedFileTests {
    private func read(_ name: String, in path: String, limit: Int = 16) throws -> [UInt8] {
        try BoundedFile.read(name, in: Descriptor.open(path, O_RDONLY | O_DIRECTORY), limit: limit)
    }

    @Test func wholeFile() throws {
        try withScratch { scratch in
            try write("0123456789abcdef", to: "\(scratch)/full")
            try write("", to: "\(scratch)/empty")
            #expect(try read("full", in: scratch) == Array("0123456789abcdef".utf8))
            #expect(try read("empty", in: scratch) == [])
        }
    }

    @Test func neverAnythingButARegularFile() throws {
        try withScratch { scratch in
            try write("secret", to: "\(scratch)/file")
            #expect(symlink("file", "\(scratch)/link") == 0)
            #expect(symlink("/etc/shadow", "\(scratch)/outside") == 0)
            #expect(mkfifo("\(scratch)/fifo", 0o600) == 0)
            #expect(mknod("\(scratch)/socket", S_IFSOCK | 0o600, 0) == 0)
            try makeDirectory("\(scratch)/directory")
            let kinds: [(String, FileStatus.Kind)] = [
                ("link", .link), ("outside", .link), ("fifo", .fifo), ("socket", .socket), ("directory", .directory),
            ]
            for (name, kind) in kinds {
                #expect(throws: BoundedFile.Failure.notRegular(kind), "\(name)") { try read(name, in: scratch) }
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root makes device nodes"))
    func deviceNode() throws {
        try withScratch { scratch in
            // /dev/zero would never end.
            #expect(mknod("\(scratch)/zero", S_IFCHR | 0o600, dev_t(1 << 8 | 5)) == 0)
            #expect(throws: BoundedFile.Failure.notRegular(.character)) { try read("zero", in: scratch) }
        }
    }

    @Test(arguments: ["", "..", "a/b", "../a", "/etc/passwd", "a\u{0}b"])
    func namesThatAreNoEntry(name: String) throws {
        try withScratch { scratch in
            _ = #expect(throws: BoundedFile.Failure.self) { try read(name, in: scratch) }
        }
    }

    @Test func absentFile() throws {
        try withScratch { scratch in
            let error = SystemError(errorNumber: ENOENT, call: "fstatat", path: "absent")
            #expect(throws: BoundedFile.Failure.system(error)) { try read("absent", in: scratch) }
            #expect(error.isGone)
        }
    }

    @Test func tooLarge() throws {
        try withScratch { scratch in
            try write("0123456789abcdefg", to: "\(scratch)/large")
            try write("", to: "\(scratch)/sparse")
            #expect(truncate("\(scratch)/sparse", 100 << 20) == 0)
            #expect(throws: BoundedFile.Failure.tooLarge(17)) { try read("large", in: scratch) }
            #expect(throws: BoundedFile.Failure.tooLarge(100 << 20)) { try read("sparse", in: scratch, limit: 4 << 20) }
        }
    }

    /// A file of `/proc` says that it is empty and grows while it is read: the bound is kept all the same.
    @Test func longerThanItSays() throws {
        #expect(throws: BoundedFile.Failure.self) { try read("kallsyms", in: "/proc", limit: 4096) }
        #expect(try read("version", in: "/proc", limit: 4096).isEmpty == false)
    }

    @Test func namedByAnAdministrator() throws {
        try withScratch { scratch in
            try write("0123456789abcdef", to: "\(scratch)/file")
            #expect(symlink("file", "\(scratch)/link") == 0)
            #expect(try BoundedFile.read(path: "\(scratch)/link", limit: 16).count == 16)
            #expect(throws: BoundedFile.Failure.tooLarge(16)) {
                try BoundedFile.read(path: "\(scratch)/link", limit: 15)
            }
            #expect(throws: BoundedFile.Failure.system(SystemError(errorNumber: EISDIR, call: "read", path: scratch))) {
                try BoundedFile.read(path: scratch, limit: 16)
            }
        }
    }
}
