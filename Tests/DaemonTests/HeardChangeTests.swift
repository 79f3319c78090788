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

    static let underWay: [(change: FileChange, owner: CgroupPlacement.Owner?, isUnderWay: Bool)] = [
        (.created, container, true), ([.created, .closed], container, false), (.movedHere, container, false),
        (.deleted, container, false), (.created, nil, true), (.created, .host, false), (.attributes, container, true),
    ]

    @Test(arguments: underWay)
    func isUnderWay(change: FileChange, owner: CgroupPlacement.Owner?, isUnderWay: Bool) {
        #expect(Self.change(1, 7, "/a", change, owner).isUnderWay == isUnderWay)
    }
}
