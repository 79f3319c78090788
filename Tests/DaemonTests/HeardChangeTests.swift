import NodeModel
import TestSupport
import Testing

@testable import Daemon

@Suite struct HeardChangeTests {
    private static let container = CgroupPlacement.Owner.container(ContainerPlace(containerID: QuietIDs.container))

    private static func change(
        _ time: UInt64, _ tid: Int32?, _ path: String, _ change: FileChange, _ owner: CgroupPlacement.Owner? = nil
    ) -> HeardChange {
        HeardChange(event: FileEvent(time: time, tid: tid, path: path, change: change), owner: owner)
    }

    /// What one task did to one file is one change, at the time of its first.
    @Test func joined() {
        let changes = [
            Self.change(1, 7, "/a", .created), Self.change(2, 8, "/a", .modified), Self.change(3, 7, "/b", .deleted),
            Self.change(4, 7, "/a", [.modified, .closed], Self.container), Self.change(5, nil, "/a", .closed),
        ]
        #expect(
            changes.joined == [
                Self.change(1, 7, "/a", [.created, .modified, .closed], Self.container), changes[1], changes[2],
                changes[4],
            ])
        #expect([HeardChange]().joined == [])
    }

    private static let ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// What is taken out of one change of a container, some milliseconds after it, and the hash with which it is told.
    static let unwritten: [(change: FileChange, hash: String?, age: UInt64, isTakenOut: Bool, told: String?)] = [
        (.created, ofNothing, 0, true, nil), (.created, ofNothing, 999, true, nil),
        (.created, ofNothing, 1000, false, nil), ([.created, .closed], ofNothing, 0, false, "nothing"),
        (.modified, ofNothing, 0, true, nil), (.attributes, ofNothing, 0, false, "nothing"),
        (.movedHere, ofNothing, 0, false, "nothing"), (.created, "ab12", 0, false, "ab12"),
        (.created, nil, 0, false, nil), (.deleted, nil, 0, false, nil),
    ]

    /// Whoever opens more of them than are waited for is told of at once.
    @Test func manyUnwritten() {
        var changes = (0..<107).map { number in
            var change = Self.change(5, 7, "/\(number)", .created, Self.container)
            change.event.sha256 = Self.ofNothing
            return change
        }
        #expect(
            changes.removeUnwritten(at: 5).count == 100
                && changes.map(\.event.sha256) == Array(repeating: nil, count: 7))
    }

    /// At the end of the watch nobody waits.
    @Test func unwrittenAtTheEnd() {
        var change = Self.change(5, 7, "/a", .created, Self.container)
        change.event.sha256 = Self.ofNothing
        var changes = [change]
        #expect(changes.removeUnwritten(at: nil) == [] && changes.map(\.event.sha256) == [nil])
    }

    @Test(arguments: unwritten)
    func removeUnwritten(change: FileChange, hash: String?, age: UInt64, isTakenOut: Bool, told: String?) {
        var unwritten = Self.change(5, 7, "/a", change, Self.container)
        unwritten.event.sha256 = hash
        let other = Self.change(6, 8, "/b", .closed, Self.container)
        var changes = [unwritten, other]
        #expect(changes.removeUnwritten(at: 5 + age * 1_000_000) == (isTakenOut ? [unwritten] : []))
        #expect(changes.map(\.event.path) == (isTakenOut ? ["/b"] : ["/a", "/b"]))
        let hashes = changes.filter { $0.event.path == "/a" }.map(\.event.sha256)
        #expect(hashes == (isTakenOut ? [] : [told == "nothing" ? Self.ofNothing : told]))
    }

    static let underWay: [(change: FileChange, owner: CgroupPlacement.Owner?, isUnderWay: Bool)] = [
        (.created, container, true), ([.created, .closed], container, false), (.movedHere, container, false),
        (.deleted, container, false), (.created, nil, true), (.created, .host, false), (.attributes, container, true),
    ]

    @Test(arguments: underWay)
    func isUnderWay(change: FileChange, owner: CgroupPlacement.Owner?, isUnderWay: Bool) {
        #expect(Self.change(1, 7, "/a", change, owner).isUnderWay == isUnderWay)
    }
}
