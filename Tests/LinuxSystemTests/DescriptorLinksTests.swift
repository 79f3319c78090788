import Glibc
import TestSupport
import Testing

@testable import LinuxSystem

@Suite struct DescriptorLinksTests {
    static let rows: [(path: String, leads: String)] = [
        ("/", "/"), ("", "/"), ("/../..", "/"), ("/a/b", "/a/b"), ("/a//./b/", "/a/b"), ("/a/b/..", "/a"),
        ("/file", "/file"), ("/absolute", "/a/b"), ("/absolute/file", "/a/b/file"), ("/relative", "/a"),
        ("/a/up", "/a/b"), ("/twice/b", "/a/b"), ("/top/a", "/a"), ("/beyond", "/a"),
    ]

    private func tree<Result>(_ body: (borrowing Descriptor) throws -> Result) throws -> Result {
        try TemporaryDirectory.with { directory in
            try directory.file("a/b/file")
            try directory.file("file")
            for (name, target) in [
                ("absolute", "/a/b"), ("relative", "a"), ("a/up", "../a/./b"), ("twice", "relative"), ("top", "/"),
                ("beyond", "../../../a"), ("loop", "loop"), ("astray", "/absent"),
            ] {
                try directory.link(name, to: target)
            }
            return try body(try Descriptor.open(directory.path, LinuxFlags.path | O_DIRECTORY))
        }
    }

    @Test(arguments: rows)
    func leads(path: String, to: String) throws {
        #expect(try tree { try $0.resolve(path) } == to)
    }

    @Test(arguments: [("/loop", ELOOP), ("/astray", ENOLINK), ("/absent/a", ENOENT), ("/file/a", ENOTDIR)])
    func leadsNowhere(path: String, error: Int32) throws {
        try tree { root in
            do throws(SystemError) {
                Issue.record("\(try root.resolve(path))")
            } catch let failure {
                #expect(failure.errorNumber == error)
            }
        }
    }

    /// What is refused is not even looked at.
    @Test func refused() throws {
        try tree { root in
            let far = { (path: String) in path != "/a" }
            #expect((try? root.resolve("/relative/b", mayLookAt: far)) == nil)
            #expect((try? root.resolve("/file", mayLookAt: far)) == "/file")
            #expect((try? root.resolve("/relative", mayFollow: { _ in false })) == nil)
            #expect((try? root.resolve("/a/b", mayFollow: { _ in false })) == "/a/b")
        }
    }
}
