import Foundation
import Glibc
import Testing

@testable import LinuxSystem

@Suite struct TrustedFileTests {
    /// What is changed about a directory with a file `file` of four bytes, and what is said of it, with `DIR` for the
    /// directory.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var reason: String?
        var needsRoot = false
        var change: @Sendable (_ directory: String) -> Int32

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "as it is", reason: nil) { _ in 0 },
        Case(name: "group may write", reason: "DIR/file: group or others may write to it (mode 0664)") {
            chmod("\($0)/file", 0o664)
        },
        Case(name: "others may write", reason: "DIR/file: group or others may write to it (mode 0602)") {
            chmod("\($0)/file", 0o602)
        },
        Case(name: "the directory is open", reason: "DIR: group or others may write to it (mode 0777)") {
            chmod($0, 0o777)
        },
        Case(name: "the directory is open and sticky", reason: nil) { chmod($0, 0o1777) },
        Case(name: "another's", reason: "DIR/file: belongs to uid 4711, not to root", needsRoot: true) {
            chown("\($0)/file", 4711, 0)
        },
        Case(name: "in another's directory", reason: "DIR: belongs to uid 4711, not to root", needsRoot: true) {
            chown($0, 4711, 0)
        },
        Case(name: "absent", reason: "DIR/file: No such file or directory") { unlink("\($0)/file") },
        Case(name: "a FIFO", reason: "DIR/file: not a regular file (fifo)") {
            unlink("\($0)/file") + mkfifo("\($0)/file", 0o600)
        },
        Case(name: "a directory", reason: "DIR/file: not a regular file (directory)") {
            unlink("\($0)/file") + mkdir("\($0)/file", 0o700)
        },
        Case(name: "too large", reason: "DIR/file: larger than 1 KiB") { truncate("\($0)/file", 1025) },
    ]

    @Test(arguments: cases)
    func read(_ example: Case) throws {
        if example.needsRoot, geteuid() != 0 { return }
        try withScratch { directory in
            try write("text", to: "\(directory)/file")
            #expect(chmod(directory, 0o700) == 0 && chmod("\(directory)/file", 0o600) == 0)
            #expect(example.change(directory) == 0)
            if let reason = example.reason {
                let failure = #expect(throws: TrustedFile.Failure.self) {
                    _ = try TrustedFile.read("\(directory)/file", limit: 1024)
                }
                #expect(failure.map { "\($0)".replacing(directory, with: "DIR") } == reason)
                #expect(failure?.isAbsent == (example.name == "absent"))
            } else {
                #expect(try TrustedFile.read("\(directory)/file", limit: 1024) == Array("text".utf8))
            }
        }
    }

    /// A file that is read is no link; a program may be one, to another trusted one.
    @Test func links() throws {
        try withScratch { directory in
            try write("text", to: "\(directory)/file")
            #expect(chmod("\(directory)/file", 0o600) == 0 && symlink("file", "\(directory)/link") == 0)
            #expect(mkdir("\(directory)/open", 0o700) == 0 && chmod("\(directory)/open", 0o777) == 0)
            #expect(symlink("open/file", "\(directory)/elsewhere") == 0)
            try write("text", to: "\(directory)/open/file")
            #expect(throws: TrustedFile.Failure.notRegular(path: "\(directory)/link", .link)) {
                _ = try TrustedFile.read("\(directory)/link", limit: 1024)
            }
            try TrustedFile.check("\(directory)/link")
            #expect(throws: TrustedFile.Failure.writableByOthers(path: "\(directory)/open", permissions: 0o777)) {
                try TrustedFile.check("\(directory)/elsewhere")
            }
        }
    }
}
