import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct NodeFilesCoveredTests {
    /// The quiet node with a second file system of which it shows a part.
    static let node = Node.quiet.changing { node in
        node.host.mounts.append(
            Mount(
                id: 90, parentID: 22, device: DeviceNumber(major: 259, minor: 6), root: "/units",
                mountPoint: "/etc/systemd/system", fileSystemType: "ext4", source: "/dev/nvme1n1"))
    }
    static let second = DeviceNumber(major: 259, minor: 6)

    static let places: [(place: FilePlace, point: String?)] = [
        (Deeds.place("/etc/cron.d"), "/etc/cron.d"),
        (Deeds.place("/etc/cron.d/x"), "/etc/cron.d/x"),
        (Deeds.place("/etc"), "/etc"),
        (Deeds.place("/"), "/"),
        (Deeds.place("/home/ec2-user/.ssh"), "/home/ec2-user/.ssh"),
        (Deeds.place("/units", second), "/etc/systemd/system"),
        (Deeds.place("/units/x.service", second), "/etc/systemd/system/x.service"),
        (Deeds.place("/other", second), nil),
        (Deeds.place("/etc/hosts"), nil),
        (Deeds.place("/srv"), nil),
        (Deeds.place("/var/lib/kubelet/pods/uid/volumes"), nil),
        (Deeds.place(nil), nil),
        (Deeds.place("/etc/cron.d", DeviceNumber(major: 0, minor: 311)), nil),
    ]

    @Test(arguments: places)
    func judged(place: FilePlace, point: String?) {
        let deed = TaskAct.Deed.called(.mount(on: place))
        let found = Check.nodeFilesCovered.evidence(of: deed, in: Self.node)
        #expect(found?.key == point)
        #expect(found?.detail == point.map { "pid 4100 (web) mounted something on the node's \($0)" })
        #expect(NodeIndex(Self.node).isOfConcern(deed) == (point != nil))
        #expect(Check.nodeFilesCovered.evidence(of: deed, container: nil, in: Self.node) == nil)
    }
}
