import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct HeardWritesTests {
    private static let path = "/etc/cron.d/x"

    /// The file at some time after changes began to be heard, at 100.
    private static func file(_ changed: Int64, inode: UInt64 = 7, _ path: String = "/etc/cron.d/x") -> PlacedFile {
        PlacedFile(path: path, kind: .regular, inode: inode, changed: changed)
    }

    private static func found(_ file: PlacedFile?) -> ChangedFile {
        ChangedFile(now: file, recorded: PlacedFile(path: path, kind: .regular), basis: .baseline)
    }

    /// What processes of the node did one after the other, and as what it left the file; whether that accounts for it, and
    /// whether the file is the node's then.
    static let acts:
        [(name: String, acts: [(pid: Int32, change: FileChange, file: PlacedFile?)], accounts: [Bool], isOfNode: Bool)] =
            [
                ("written", [(1, [.modified, .closed], file(110))], [true], true),
                ("renamed to it", [(1, .movedHere, file(50))], [true], true),
                ("removed", [(1, .deleted, nil)], [true], true),
                ("opened and closed", [(1, .closed, file(50))], [true], false),
                ("closed when it had changed", [(1, .closed, file(110))], [false], false),
                ("closed when it was gone", [(1, .closed, nil)], [true], false),
                ("closed by its writer", [(1, .created, file(110)), (1, .closed, file(120))], [true, true], true),
                ("closed by another", [(1, .created, file(110)), (2, .closed, file(110))], [true, true], true),
                (
                    "closed by another when it had changed", [(1, .created, file(110)), (2, .closed, file(120))],
                    [true, false], false
                ),
                (
                    "closed again by its writer", [(1, [.modified, .closed], file(110)), (1, .closed, file(110))],
                    [true, true], true
                ),
                (
                    "closed again by its writer when it had changed",
                    [(1, .modified, file(110)), (1, .closed, file(110)), (1, .closed, file(120))],
                    [true, true, false], false
                ),
                (
                    "its mode changed and closed when it had changed",
                    [(1, .attributes, file(110)), (1, .closed, file(120))], [true, false], false
                ),
                (
                    "written after what was not heard",
                    [(1, .closed, file(110)), (1, [.modified, .closed], file(120))], [false, true], false
                ),
                (
                    "told once that it had changed", [(1, .closed, file(110)), (2, .closed, file(110))],
                    [false, true], false
                ),
            ]

    @Test(arguments: acts.indices) func noted(index: Int) {
        let (name, acts, accounts, isOfNode) = Self.acts[index]
        let heard = HeardWrites(startedAt: 100)
        #expect(!heard.isOfNode(Self.found(acts.last?.file)), "\(name)")
        let noted = acts.map { heard.note($0.change, of: Self.path, left: $0.file, by: $0.pid, isOfNode: true) }
        #expect(noted == accounts, "\(name)")
        #expect(heard.isOfNode(Self.found(acts.last?.file)) == isOfNode, "\(name)")
    }

    static let later: [PlacedFile?] = [file(111), file(110, inode: 8), nil]

    /// What became of the file later nobody was heard to do.
    @Test(arguments: later) func changedLater(file: PlacedFile?) {
        let heard = HeardWrites(startedAt: 100)
        let isNoted = heard.note(.movedHere, of: Self.path, left: Self.file(110), by: 1, isOfNode: true)
        #expect(isNoted && heard.isOfNode(Self.found(Self.file(110))) && !heard.isOfNode(Self.found(file)))
    }

    /// Nothing that the node does after somebody else makes the file its own.
    @Test(arguments: [true, false]) func others(isContainer: Bool) {
        let heard = HeardWrites(startedAt: 100)
        if isContainer {
            heard.noteOther(Self.path, left: Self.file(110))
        } else {
            #expect(heard.note(.movedHere, of: Self.path, left: Self.file(110), by: 1, isOfNode: false))
        }
        #expect(!heard.isOfNode(Self.found(Self.file(110))))
        #expect(heard.note(.movedHere, of: Self.path, left: Self.file(120), by: 1, isOfNode: true))
        #expect(!heard.isOfNode(Self.found(Self.file(120))))
    }

    /// Those that scans ask for are remembered, and of the others the latest.
    @Test func manyFiles() {
        let heard = HeardWrites(limit: 3, startedAt: 0)
        let files = (0..<8).map { Self.file(110, "/etc/cron.d/\($0)") }
        for file in files {
            #expect(heard.note(.movedHere, of: file.path, left: file, by: 1, isOfNode: true))
            #expect(heard.isOfNode(ChangedFile(now: files[0], basis: .time)))
        }
        let known = files.filter { heard.isOfNode(ChangedFile(now: $0, basis: .time)) }
        #expect(known.contains(files[7]) && known.count <= 3)
    }

    /// More of others than can be remembered: any may be one of theirs.
    @Test(arguments: [(3, true), (4, false)]) func manyOthers(count: Int, isOfNode: Bool) {
        let heard = HeardWrites(limit: 3, startedAt: 0)
        for number in 0..<count { heard.noteOther("/etc/cron.d/\(number)", left: Self.file(110)) }
        #expect(heard.note(.movedHere, of: Self.path, left: Self.file(110), by: 1, isOfNode: true))
        #expect(heard.isOfNode(Self.found(Self.file(110))) == isOfNode)
    }

    /// What somebody removed who may not be of the node is not the node's to have removed.
    @Test func removedByNobodyKnown() {
        let heard = HeardWrites(startedAt: 100)
        #expect(heard.note(.deleted, of: Self.path, left: nil, by: 1, isOfNode: false))
        #expect(!heard.isOfNode(Self.found(nil)))
    }

    /// Nothing is remembered of what others removed, so that files that come and go fill nothing.
    @Test func removedByOthers() {
        let heard = HeardWrites(limit: 3, startedAt: 0)
        for number in 0..<8 {
            heard.noteOther("/etc/cron.d/\(number)", left: Self.file(110))
            heard.noteOther("/etc/cron.d/\(number)", left: nil)
        }
        #expect(!heard.isOfNode(Self.found(nil)))
        #expect(heard.note(.movedHere, of: Self.path, left: Self.file(120), by: 1, isOfNode: true))
        #expect(heard.isOfNode(Self.found(Self.file(120))))
    }

    /// The file itself, and none that a link leads to.
    @Test func looked() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("etc/cron.d")
            try directory.file("etc/cron.d/x", "abc")
            try directory.link("etc/link", to: "cron.d")
            try directory.link("etc/cron.d/link", to: "x")
            let root = try Descriptor.open(directory.path, LinuxFlags.path)
            let reading = PlacedFileWalk.read([WatchedPath("/etc/cron.d")], root: directory.path)
            let file = PlacedFile(at: Self.path, below: root)
            #expect(file != nil && reading.files.contains { $0 == file })
            #expect(PlacedFile(at: "/etc/cron.d/link", below: root)?.kind == .link)
            for path in ["/etc/link/x", "/etc/cron.d/y", "x", ""] {
                #expect(PlacedFile(at: path, below: root) == nil, "\(path)")
            }
        }
    }
}
