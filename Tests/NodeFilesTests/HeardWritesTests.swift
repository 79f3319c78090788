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

    private static func left(_ changed: Int64, inode: UInt64 = 7) -> FoundFile { .file(file(changed, inode: inode)) }

    private static func found(_ file: PlacedFile?) -> ChangedFile {
        ChangedFile(now: file, recorded: PlacedFile(path: path, kind: .regular), basis: .baseline)
    }

    /// What processes of the node did one after the other, and as what it left the file; whether that accounts for it, and
    /// whether the file is the node's then.
    static let acts:
        [(name: String, acts: [(pid: Int32, change: FileChange, file: FoundFile)], accounts: [Bool], isOfNode: Bool)] =
            [
                ("written", [(1, [.modified, .closed], left(110))], [true], true),
                ("renamed to it", [(1, .movedHere, left(50))], [true], true),
                ("removed", [(1, .deleted, .gone)], [true], true),
                ("closed when it could not be looked at", [(1, .closed, .unknown)], [false], false),
                ("written and not to be looked at", [(1, .modified, .unknown)], [true], false),
                ("opened and closed", [(1, .closed, left(50))], [true], false),
                ("closed when it had changed", [(1, .closed, left(110))], [false], false),
                ("closed when it was gone", [(1, .closed, .gone)], [true], false),
                ("closed by its writer", [(1, .created, left(110)), (1, .closed, left(120))], [true, true], true),
                ("closed by another", [(1, .created, left(110)), (2, .closed, left(110))], [true, true], true),
                (
                    "closed by another when it had changed", [(1, .created, left(110)), (2, .closed, left(120))],
                    [true, false], false
                ),
                (
                    "closed again by its writer", [(1, [.modified, .closed], left(110)), (1, .closed, left(110))],
                    [true, true], true
                ),
                (
                    "closed again by its writer when it had changed",
                    [(1, .modified, left(110)), (1, .closed, left(110)), (1, .closed, left(120))],
                    [true, true, false], false
                ),
                (
                    "its mode changed and closed when it had changed",
                    [(1, .attributes, left(110)), (1, .closed, left(120))], [true, false], false
                ),
                (
                    "written after what was not heard",
                    [(1, .closed, left(110)), (1, [.modified, .closed], left(120))], [false, true], false
                ),
                (
                    "told once that it had changed", [(1, .closed, left(110)), (2, .closed, left(110))],
                    [false, true], false
                ),
            ]

    @Test(arguments: acts.indices) func noted(index: Int) {
        let (name, acts, accounts, isOfNode) = Self.acts[index]
        let heard = HeardWrites(startedAt: 100)
        let file: PlacedFile? = if case .file(let file) = acts.last?.file { file } else { nil }
        #expect(!heard.isOfNode(Self.found(file)), "\(name)")
        let noted = acts.map { heard.note($0.change, of: Self.path, at: 1, left: $0.file, by: $0.pid, isOfNode: true) }
        #expect(noted == accounts, "\(name)")
        #expect(heard.isOfNode(Self.found(file)) == isOfNode, "\(name)")
    }

    static let later: [PlacedFile?] = [file(111), file(110, inode: 8), nil]

    /// What became of the file later nobody was heard to do.
    @Test(arguments: later) func changedLater(file: PlacedFile?) {
        let heard = HeardWrites(startedAt: 100)
        let isNoted = heard.note(.movedHere, of: Self.path, at: 1, left: Self.left(110), by: 1, isOfNode: true)
        #expect(isNoted && heard.isOfNode(Self.found(Self.file(110))) && !heard.isOfNode(Self.found(file)))
    }

    /// Nothing that the node does after somebody else makes the file its own.
    @Test(arguments: [true, false]) func others(isContainer: Bool) {
        let heard = HeardWrites(startedAt: 100)
        if isContainer {
            heard.noteOther(.modified, of: Self.path, at: 1, left: Self.left(110))
        } else {
            #expect(heard.note(.movedHere, of: Self.path, at: 1, left: Self.left(110), by: 1, isOfNode: false))
        }
        #expect(!heard.isOfNode(Self.found(Self.file(110))))
        #expect(heard.note(.movedHere, of: Self.path, at: 1, left: Self.left(120), by: 1, isOfNode: true))
        #expect(!heard.isOfNode(Self.found(Self.file(120))))
    }

    /// Those that scans ask for are remembered, and of the others the latest.
    @Test func manyFiles() {
        let heard = HeardWrites(limit: 3, startedAt: 0)
        let files = (0..<8).map { Self.file(110, "/etc/cron.d/\($0)") }
        for file in files {
            #expect(heard.note(.movedHere, of: file.path, at: 1, left: .file(file), by: 1, isOfNode: true))
            #expect(heard.isOfNode(ChangedFile(now: files[0], basis: .time)))
        }
        let known = files.filter { heard.isOfNode(ChangedFile(now: $0, basis: .time)) }
        #expect(known.contains(files[7]) && known.count <= 3)
    }

    /// More of others than can be remembered: any may be one of theirs.
    @Test(arguments: [(3, true), (4, false)]) func manyOthers(count: Int, isOfNode: Bool) {
        let heard = HeardWrites(limit: 3, startedAt: 0)
        for number in 0..<count { heard.noteOther(.modified, of: "/etc/cron.d/\(number)", at: 1, left: Self.left(110)) }
        // That one of them is gone does not say which the others were.
        heard.noteOther(.deleted, of: "/etc/cron.d/0", at: 1, left: .gone)
        #expect(heard.note(.movedHere, of: Self.path, at: 1, left: Self.left(110), by: 1, isOfNode: true))
        #expect(heard.isOfNode(Self.found(Self.file(110))) == isOfNode)
    }

    /// What somebody removed who may not be of the node is not the node's to have removed.
    @Test func removedByNobodyKnown() {
        let heard = HeardWrites(startedAt: 100)
        #expect(heard.note(.deleted, of: Self.path, at: 1, left: .gone, by: 1, isOfNode: false))
        #expect(!heard.isOfNode(Self.found(nil)))
    }

    /// Nothing is remembered of what others removed, so that files that come and go fill nothing.
    @Test func removedByOthers() {
        let heard = HeardWrites(limit: 3, startedAt: 0)
        for number in 0..<8 {
            heard.noteOther(.modified, of: "/etc/cron.d/\(number)", at: 1, left: Self.left(110))
            heard.noteOther(.deleted, of: "/etc/cron.d/\(number)", at: 1, left: .gone)
        }
        #expect(!heard.isOfNode(Self.found(nil)))
        #expect(heard.note(.movedHere, of: Self.path, at: 1, left: Self.left(120), by: 1, isOfNode: true))
        #expect(heard.isOfNode(Self.found(Self.file(120))))
    }

    /// What was heard in front of a loss says nothing of the file as it was looked at, whenever it is noted; what was heard
    /// and noted before, or heard after it, does.
    static let heardAt: [(time: UInt64, isNotedBefore: Bool, isOfNode: Bool)] = [
        (4, true, true), (5, true, false), (9, true, false), (10, true, true),
        (4, false, false), (5, false, false), (9, false, false), (10, false, true),
    ]

    @Test(arguments: heardAt) func loss(time: UInt64, isNotedBefore: Bool, isOfNode: Bool) {
        let heard = HeardWrites(startedAt: 0)
        if !isNotedBefore { heard.noteLoss(behind: 5...9) }
        let note = { heard.note($0, of: Self.path, at: time, left: Self.left(110), by: 1, isOfNode: true) }
        #expect(note([.modified, .closed]))
        if isNotedBefore { heard.noteLoss(behind: 5...9) }
        #expect(heard.isOfNode(Self.found(Self.file(110))) == isOfNode)
        #expect(note(.closed) == (time > 9))
    }

    /// Whoever has a file open that it wrote before a loss may close what somebody else wrote, and then another has it open.
    @Test(arguments: [1, 2] as [Int32]) func closedAfterALoss(process: Int32) {
        let acts: [(writtenAt: UInt64, changed: Int64, isAccounted: Bool, isOfNode: Bool)] = [
            (4, 120, false, false), (4, 110, true, true), (6, 110, true, false), (6, 120, false, false),
        ]
        for (writtenAt, changed, isAccounted, isOfNode) in acts {
            let heard = HeardWrites(startedAt: 0)
            #expect(heard.note(.modified, of: Self.path, at: writtenAt, left: Self.left(110), by: 1, isOfNode: true))
            heard.noteLoss(behind: 5...9)
            let left = Self.left(changed)
            #expect(heard.note(.closed, of: Self.path, at: 10, left: left, by: process, isOfNode: true) == isAccounted)
            #expect(heard.isOfNode(Self.found(Self.file(changed))) == isOfNode)
            // It asks for no scan again and again.
            #expect(heard.note(.closed, of: Self.path, at: 11, left: left, by: 3, isOfNode: true))
        }
    }

    /// What waits to be noted may have been heard in front of an earlier one of several.
    @Test func losses() {
        let heard = HeardWrites(startedAt: 0)
        for times in [UInt64(5)...9, 12...15] { heard.noteLoss(behind: times) }
        #expect(heard.note(.movedHere, of: Self.path, at: 6, left: Self.left(110), by: 1, isOfNode: true))
        #expect(!heard.isOfNode(Self.found(Self.file(110))))
    }

    /// What was written in a directory while it was away is not forgotten for there being nothing at its place then; nor
    /// is what could not be looked at.
    @Test(arguments: [(FileChange.attributes, FoundFile.gone), (.deleted, .unknown), (.modified, .unknown)])
    func elsewhere(change: FileChange, file: FoundFile) {
        let heard = HeardWrites(startedAt: 0)
        heard.noteOther(.modified, of: Self.path, at: 1, left: Self.left(110))
        heard.noteOther(change, of: Self.path, at: 1, left: file)
        #expect(heard.note(.movedHere, of: Self.path, at: 1, left: Self.left(120), by: 1, isOfNode: true))
        #expect(!heard.isOfNode(Self.found(Self.file(120))))
    }
}
