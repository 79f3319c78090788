import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct HostDisksTests {
    private static func mount(_ device: DeviceNumber, _ point: String, source: String = "/dev/x") -> Mount {
        Mount(
            id: 1, parentID: 0, device: device, root: "/", mountPoint: point, fileSystemType: "ext4", source: source)
    }

    private static func nvme(_ minor: UInt32) -> DeviceNumber { DeviceNumber(major: 259, minor: minor) }

    private static let mapped = DeviceNumber(major: 253, minor: 0)

    /// A disk 259:0 with the partitions 259:1 and 259:2 below a controller that has a number, too; another disk, 259:5; and
    /// a volume, 253:0, that lies on the second partition and on that disk.
    private static func fill(_ directory: TemporaryDirectory) throws {
        try directory.file("sys/devices/nvme0/dev", "242:0\n")
        let places = [
            (nvme(0), "nvme0/nvme0n1"), (nvme(1), "nvme0/nvme0n1/nvme0n1p1"), (nvme(2), "nvme0/nvme0n1/nvme0n1p2"),
            (nvme(5), "nvme1/nvme1n1"), (mapped, "virtual/dm-0"),
        ]
        for (device, place) in places {
            try directory.file("sys/devices/\(place)/dev", "\(device)\n")
            try directory.link("sys/dev/block/\(device)", to: "../../devices/\(place)")
        }
        for part in [1, 2] { try directory.file("sys/devices/nvme0/nvme0n1/nvme0n1p\(part)/partition", "\(part)\n") }
        try directory.file("sys/devices/virtual/dm-0/slaves/nvme0n1p2/dev", "259:2\n")
        try directory.file("sys/devices/virtual/dm-0/slaves/nvme1n1/dev", "259:5\n")
        try directory.file("sys/devices/virtual/dm-0/slaves/cut/dev", "259\n")
    }

    static let cases: [(name: String, mounts: [Mount], disks: [DeviceNumber])] = [
        ("a partition", [mount(nvme(1), "/")], [nvme(1), nvme(0)]),
        ("a whole disk", [mount(nvme(0), "/")], [nvme(0)]),
        ("a volume", [mount(mapped, "/")], [mapped, nvme(2), nvme(5), nvme(0)]),
        (
            "of which nothing is known", [mount(DeviceNumber(major: 8, minor: 1), "/")],
            [DeviceNumber(major: 8, minor: 1)]
        ),
        (
            "several", [mount(nvme(1), "/"), mount(nvme(1), "/boot"), mount(nvme(5), "/var/lib/containerd")],
            [nvme(1), nvme(5), nvme(0)]
        ),
        ("the kubelet's own directory", [mount(nvme(5), "/var/lib/kubelet")], [nvme(5)]),
        (
            "volumes of pods",
            [
                mount(nvme(5), "/var/lib/kubelet/plugins/kubernetes.io/csi/ebs.csi.aws.com/0a/globalmount"),
                mount(nvme(5), "/local/var/lib/kubelet/pods/u/volumes/kubernetes.io~csi/pvc/mount"),
            ], []
        ),
        (
            "a root of a container", [mount(nvme(5), "/run/containerd/io.containerd.runtime.v2.task/k8s.io/x/rootfs")],
            []
        ),
        ("no disk", [mount(DeviceNumber(major: 0, minor: 40), "/", source: "overlay")], []),
        ("no device", [mount(DeviceNumber(major: 0, minor: 40), "/x", source: "/dev/absent")], []),
    ]

    @Test(arguments: cases)
    func disks(name: String, mounts: [Mount], disks: [DeviceNumber]) throws {
        try TemporaryDirectory.with { directory in
            try Self.fill(directory)
            #expect(HostDisks.read(mounts, root: directory.path) == disks)
        }
    }

    /// The number of such a file system is none of a device.
    @Test(.enabled(if: isRoot, "needs root"))
    func fileSystemOfSeveralDisks() throws {
        try TemporaryDirectory.with { directory in
            try Self.fill(directory)
            try directory.blockDevice("dev/nvme1n1", Self.nvme(5))
            let mount = Self.mount(DeviceNumber(major: 0, minor: 31), "/", source: "/dev/nvme1n1")
            #expect(HostDisks.read([mount], root: directory.path) == [Self.nvme(5)])
            let other = Self.mount(DeviceNumber(major: 0, minor: 31), "/", source: "/dev/nvme1n1/dev")
            #expect(HostDisks.read([other], root: directory.path) == [])
        }
    }
}
