import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct NodeDiskMountedTests {
    /// The quiet node with a disk of a volume, one of its own, and the roots of containers.
    static let node = Node.quiet.changing { node in
        for (minor, point) in [
            (5, "/var/lib/kubelet/plugins/kubernetes.io/csi/ebs.csi.aws.com/0a/globalmount"),
            (6, "/data"), (9, "/var/lib/kubelet"), (7, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/x/rootfs"),
        ] as [(UInt32, String)] {
            node.host.mounts.append(
                Mount(
                    id: 90 + minor, parentID: 22, device: DeviceNumber(major: 259, minor: minor), root: "/",
                    mountPoint: point, fileSystemType: "ext4", source: "/dev/nvme\(minor)n1"))
        }
    }

    static let devices: [(name: String, device: DeviceNumber, detail: String?)] = [
        (
            "the node's root", Deeds.disk,
            "pid 4100 (web) mounted device 259:1, which the node has at /"
        ),
        (
            "another disk of the node", DeviceNumber(major: 259, minor: 6),
            "pid 4100 (web) mounted device 259:6, which the node has at /data"
        ),
        (
            "that of the kubelet's directory", DeviceNumber(major: 259, minor: 9),
            "pid 4100 (web) mounted device 259:9, which the node has at /var/lib/kubelet"
        ),
        ("a volume's, as a CSI driver does", DeviceNumber(major: 259, minor: 5), nil),
        ("a container's root", DeviceNumber(major: 259, minor: 7), nil),
        ("a new disk", DeviceNumber(major: 259, minor: 8), nil),
        ("the container's /proc", DeviceNumber(major: 0, minor: 320), nil),
        ("the node's /proc", DeviceNumber(major: 0, minor: 21), nil),
    ]

    /// A loop device over the node's disk, which the container has mounted.
    private static let withLoop = node.changing { node in
        node.host.disks = [Deeds.disk, loop]
        for (id, device, point) in [(720, loop, "/mnt"), (721, loop, "/again"), (722, Deeds.disk, "/etc/hosts")]
            as [(UInt32, DeviceNumber, String)]
        {
            node.mountTables[0].mounts.append(
                Mount(
                    id: id, parentID: 701, device: device, root: "/", mountPoint: point, fileSystemType: "xfs",
                    source: "/dev/loop0"))
        }
    }

    private static let loop = DeviceNumber(major: 7, minor: 0)

    @Test func byLoopDevice() {
        let deed = TaskAct.Deed.called(.fileSystem(Self.loop))
        let told = Check.nodeDiskMounted.evidence(of: deed, in: Self.withLoop)
        #expect(told?.detail == "pid 4100 (web) mounted device 7:0, which leads to a disk of the node")
        #expect(told?.values == ["device": .text("7:0")] && told?.key == "7:0")
        #expect(NodeIndex(Self.withLoop).isOfConcern(deed) && !NodeIndex(Self.node).isOfConcern(deed))
        #expect(!NodeIndex(Self.withLoop).isOfConcern(.called(.handle(Self.loop))))

        let found = Check.nodeDiskMounted.found(Self.withLoop)
        #expect(found.map(\.detail) == ["device 7:0, which leads to a disk of the node, is at /mnt"])
        #expect(found.map(\.key) == ["7:0"] && found.map(\.container) == [0])
        #expect(Check.nodeDiskMounted.found(Self.withLoop.changing { $0.host.disks = [Deeds.disk] }) == [])
        #expect(Check.nodeDiskMounted.found(Self.withLoop.changing { $0.host.disks = nil }) == [])
    }

    @Test(arguments: devices)
    func judged(name: String, device: DeviceNumber, detail: String?) {
        let deed = TaskAct.Deed.called(.fileSystem(device))
        let found = Check.nodeDiskMounted.evidence(of: deed, in: Self.node)
        #expect(found?.detail == detail && found?.declaration == detail.map { _ in .undeclared })
        #expect(NodeIndex(Self.node).isOfConcern(deed) == (detail != nil))
        #expect(Check.nodeDiskMounted.evidence(of: deed, container: nil, in: Self.node) == nil)
    }
}
