import Foundation
import TestSupport
import Testing

@testable import Daemon

@Suite struct RunMarkTests {
    private static let time: Int64 = 1_700_000_000_000

    /// In a directory that only this user can write to.
    private static func with(_ body: (RunMark, TemporaryDirectory) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            try #require(chmod(directory.path, 0o700) == 0)
            try body(RunMark(besideState: "\(directory.path)/state.json", bootID: "boot-1"), directory)
        }
    }

    @Test func theFirstRun() throws {
        try Self.with { mark, directory throws in
            #expect(mark.begin(at: Self.time) == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["state.json.running"])
            mark.end()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
            #expect(mark.begin(at: Self.time) == nil)
        }
    }

    /// It is known up to the last sign of life, and the next run has a mark of its own.
    @Test func aRunThatWasKilled() throws {
        try Self.with { mark, _ throws in
            #expect(mark.begin(at: Self.time) == nil)
            mark.touch(at: Self.time + 60_123)
            #expect(
                mark.begin(at: Self.time + 90_000)
                    == "The run before this one ended without being asked to, at some time after "
                    + "2023-11-14T22:14:20.123Z; what went on until now is known to scans alone")
            #expect(mark.begin(at: Self.time)?.contains(" after 2023-11-14T22:14:50.000Z;") == true)
            mark.end()
            #expect(mark.begin(at: Self.time) == nil)
        }
    }

    /// Nothing went on while the node was down.
    @Test(arguments: ["boot-2", "boot-", nil]) func anotherBoot(bootID: String?) throws {
        try Self.with { mark, directory throws in
            #expect(mark.begin(at: Self.time) == nil)
            let next = RunMark(besideState: "\(directory.path)/state.json", bootID: bootID)
            #expect(next.begin(at: Self.time) == nil)
            #expect((next.begin(at: Self.time) == nil) == (bootID == nil))
        }
    }

    static let others: [(name: String, make: @Sendable (TemporaryDirectory) throws -> Void)] = [
        ("empty", { try $0.file("state.json.running", "") }),
        ("longer", { try $0.file("state.json.running", "boot-1\n") }),
        ("large", { try $0.sparseFile("state.json.running", size: 1 << 40) }),
        ("a link", { try $0.link("state.json.running", to: "/etc/passwd") }),
        ("a pipe", { try $0.fifo("state.json.running") }),
        ("what a run that was killed while it wrote left", { try $0.file("state.json.running.new", "boot-1") }),
    ]

    /// What no run has left is none, and is replaced.
    @Test(arguments: others.indices) func noMark(index: Int) throws {
        try Self.with { mark, directory throws in
            try Self.others[index].make(directory)
            #expect(mark.begin(at: Self.time) == nil, "\(Self.others[index].name)")
            #expect(mark.begin(at: Self.time) != nil)
        }
    }

    /// Without a directory nothing is said, and nothing fails.
    @Test func nowhere() throws {
        try Self.with { _, directory throws in
            let mark = RunMark(besideState: "\(directory.path)/no/state.json", bootID: "boot-1")
            #expect(mark.begin(at: Self.time) == nil && mark.begin(at: Self.time) == nil)
            mark.touch(at: Self.time)
            mark.end()
        }
    }
}
