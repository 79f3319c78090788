import Glibc
import LinuxSystem
import Testing

@Suite struct DescriptorTests {
    private func walk(_ path: String, below root: String) throws -> UInt64 {
        try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY).openDirectory(below: path).status().inode
    }

    @Test func walkDown() throws {
        try withScratch { scratch in
            try makeDirectory("\(scratch)/a/b/c")
            let inode = try Descriptor.open("\(scratch)/a/b/c", O_RDONLY).status().inode
            for path in ["a/b/c", "/a/b/c", "a//b/./c/", "./a/b/c"] {
                #expect(try walk(path, below: scratch) == inode, "\(path)")
            }
            // A combining mark after the separator makes one character of both.
            try makeDirectory("\(scratch)/a/\u{301}")
            #expect(
                try walk("a/\u{301}", below: scratch)
                    == Descriptor.open("\(scratch)/a/\u{301}", O_RDONLY).status().inode)
            #expect(try walk("", below: scratch) == Descriptor.open(scratch, O_RDONLY).status().inode)
        }
    }

    @Test func noWalkThroughAnythingElse() throws {
        try withScratch { scratch in
            try makeDirectory("\(scratch)/a/b")
            try write("", to: "\(scratch)/a/file")
            #expect(symlink("a", "\(scratch)/link") == 0)
            #expect(symlink("/", "\(scratch)/a/root") == 0)
            let cases: [(path: String, error: SystemError)] = [
                ("link/b", SystemError(errorNumber: ENOTDIR, call: "openat", path: "link")),
                ("a/root/etc", SystemError(errorNumber: ENOTDIR, call: "openat", path: "root")),
                ("a/root", SystemError(errorNumber: ENOTDIR, call: "openat", path: "root")),
                ("a/file/x", SystemError(errorNumber: ENOTDIR, call: "openat", path: "file")),
                ("a/file", SystemError(errorNumber: ENOTDIR, call: "openat", path: "file")),
                ("a/..", SystemError(errorNumber: EINVAL, call: "openat", path: "..")),
                ("a/../../etc", SystemError(errorNumber: EINVAL, call: "openat", path: "..")),
                ("a/absent/b", SystemError(errorNumber: ENOENT, call: "openat", path: "absent")),
            ]
            for (path, error) in cases {
                #expect(throws: error, "\(path)") { try walk(path, below: scratch) }
            }
        }
    }

    @Test func linkIsNotOpened() throws {
        try withScratch { scratch in
            try write("x", to: "\(scratch)/file")
            #expect(symlink("file", "\(scratch)/link") == 0)
            let directory = try Descriptor.open(scratch, O_RDONLY | O_DIRECTORY)
            #expect(throws: SystemError(errorNumber: ELOOP, call: "openat", path: "link")) {
                _ = try Descriptor.open(scratch, O_RDONLY | O_DIRECTORY).openEntry("link", O_RDONLY)
            }
            #expect(try directory.status(of: "link").kind == .link)
            #expect(try directory.linkTarget(of: "link") == Array("file".utf8))
            #expect(try directory.linkTarget(of: "link", limit: 2) == Array("fi".utf8))
        }
    }

    @Test func status() throws {
        try withScratch { scratch in
            try write("12345", to: "\(scratch)/file")
            #expect(link("\(scratch)/file", "\(scratch)/second") == 0)
            let status = try Descriptor.open(scratch, O_RDONLY | O_DIRECTORY).status(of: "second")
            #expect(status.kind == .regular)
            #expect(status.size == 5)
            #expect(status.linkCount == 2)
            #expect(status.uid == geteuid())
        }
    }

    @Test func errorInWords() {
        let error = SystemError(errorNumber: EACCES, call: "open", path: "/x")
        #expect(error.description == "/x: open: Permission denied")
        #expect(!error.isGone)
        #expect(SystemError(errorNumber: ESRCH, call: "read", path: "").isGone)
        #expect(!SystemError(errorNumber: 9999, call: "", path: "").reason.isEmpty)
    }
}

@Suite struct DirectoryListingTests {
    private func names(_ path: String, limit: Int) throws -> (names: [String], isCut: Bool) {
        let (names, isCut) = try Descriptor.open(path, O_RDONLY | O_DIRECTORY).entryNames(limit: limit)
        return (names.map { String(escaping: $0) }, isCut)
    }

    @Test(arguments: [(0, 0, true), (2, 2, true), (3, 3, false), (4, 3, false)])
    func limits(limit: Int, count: Int, isCut: Bool) throws {
        try withScratch { scratch in
            for name in ["b", "..c", "a"] { try write("", to: "\(scratch)/\(name)") }
            let result = try names(scratch, limit: limit)
            #expect(result.names.count == count)
            #expect(result.isCut == isCut)
            if !isCut { #expect(result.names == ["..c", "a", "b"]) }
        }
    }

    @Test func emptyDirectory() throws {
        try withScratch { scratch in
            let result = try names(scratch, limit: 0)
            #expect(result.names == [])
            #expect(!result.isCut)
        }
    }

    /// More than fits one buffer of the system call.
    @Test func manyLongNames() throws {
        try withScratch { scratch in
            let long = String(repeating: "x", count: 250)
            for number in 100..<600 { try write("", to: "\(scratch)/\(long)\(number)") }
            let result = try names(scratch, limit: 1000)
            #expect(result.names == (100..<600).map { "\(long)\($0)" })
            #expect(!result.isCut)
        }
    }

    @Test func rawNames() throws {
        try withScratch { scratch in
            let path = (Array("\(scratch)/".utf8) + [0xFF, 0x0A, 0x1B, 0]).map { CChar(bitPattern: $0) }
            let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
            #expect(descriptor >= 0)
            close(descriptor)
            let listed = try Descriptor.open(scratch, O_RDONLY | O_DIRECTORY).entryNames(limit: 10).names
            #expect(listed == [[0xFF, 0x0A, 0x1B]])
        }
    }

    @Test func regularFileIsNotListed() throws {
        try withScratch { scratch in
            try write("", to: "\(scratch)/file")
            #expect(throws: SystemError(errorNumber: ENOTDIR, call: "getdents64", path: "")) {
                try Descriptor.open("\(scratch)/file", O_RDONLY).entryNames(limit: 1)
            }
        }
    }
}
