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
            #expect(HostDisks(mounts, root: directory.path).devices == disks)
        }
    }

    /// The number of such a file system is none of a device.
    @Test(.enabled(if: isRoot, "needs root"))
    func fileSystemOfSeveralDisks() throws {
        try TemporaryDirectory.with { directory in
            try Self.fill(directory)
            try directory.blockDevice("dev/nvme1n1", Self.nvme(5))
            let mount = Self.mount(DeviceNumber(major: 0, minor: 31), "/", source: "/dev/nvme1n1")
            #expect(HostDisks([mount], root: directory.path).devices == [Self.nvme(5)])
            let other = Self.mount(DeviceNumber(major: 0, minor: 31), "/", source: "/dev/nvme1n1/dev")
            #expect(HostDisks([other], root: directory.path).devices == [])
        }
    }

    private static func loop(_ minor: UInt32) -> DeviceNumber { DeviceNumber(major: 7, minor: minor) }

    /// What loop devices are over, as the kernel writes it, and which of them then lead to the node's disk by the partition
    /// 259:1; the volume 253:0 is of a pod here.
    static let loops: [(name: String, backing: [String], found: [DeviceNumber])] = [
        ("none set up", ["", ""], []),
        ("over the partition", ["/dev/nvme0n1p1\n"], [loop(0)]),
        ("over the disk", ["/dev/nvme0n1\n"], [loop(0)]),
        ("over another partition, which may be a volume's", ["/dev/nvme0n1p2\n"], []),
        ("over another disk", ["/dev/nvme1n1\n"], []),
        ("over a volume that lies on the same disk", ["/dev/dm-0\n"], []),
        ("over a device whose name is gone", ["/dev/nvme0n1p1 (deleted)\n"], [loop(0)]),
        ("over a loop device", ["/dev/loop1\n", "/dev/nvme0n1p1\n"], [loop(0), loop(1)]),
        ("over each other", ["/dev/loop1\n", "/dev/loop0\n"], []),
        ("over a file", ["/data/nvme0n1p1\n"], []),
        ("over a file of shared memory", ["/dev/shm/nvme0n1p1\n"], []),
        ("over no device of the kernel's", ["/dev/x\n"], []),
        ("over what is no name", ["/dev/..\n"], []), ("over nothing below /dev", ["/dev/\n"], []),
        ("cut off", ["/dev/nvme0n1p1"], []),
        ("longer than a page", ["/dev/nvme0n1p1" + String(repeating: "/", count: 4096) + "\n"], []),
    ]

    @Test(arguments: loops)
    func loopDevices(name: String, backing: [String], found: [DeviceNumber]) throws {
        try TemporaryDirectory.with { directory in
            try Self.fill(directory)
            try Self.setUp(backing, in: directory)
            let disks = HostDisks([Self.mount(Self.nvme(1), "/")], root: directory.path)
            #expect(disks.devices == [Self.nvme(1), Self.nvme(0)] + found)
            let devices = BlockDevices(root: directory.path)
            for minor in [0, 1] as [UInt32] {
                let isLoop = devices.isLoop(Self.loop(minor), over: [Self.nvme(1), Self.nvme(0)])
                #expect(isLoop == found.contains(Self.loop(minor)))
            }
        }
    }

    /// What lies on such a loop device leads to the disk as well.
    @Test func onLoopDevices() throws {
        try TemporaryDirectory.with { directory in
            try Self.fill(directory)
            try Self.setUp(["/dev/nvme0n1\n", "/data/image\n"], in: directory)
            for (minor, place) in [(20, "loop0/loop0p1"), (21, "loop1/loop1p1"), (22, "dm-1"), (23, "dm-2")]
                as [(UInt32, String)]
            {
                try directory.file("sys/devices/virtual/\(place)/dev", "259:\(minor)\n")
                try directory.link("sys/dev/block/259:\(minor)", to: "../../devices/virtual/\(place)")
            }
            for number in [0, 1] { try directory.file("sys/devices/virtual/loop\(number)/loop\(number)p1/partition") }
            try directory.file("sys/devices/virtual/dm-1/slaves/loop0p1/dev", "259:20\n")
            try directory.file("sys/devices/virtual/dm-2/slaves/loop1/dev", "7:1\n")
            let disks = HostDisks([Self.mount(Self.nvme(1), "/")], root: directory.path)
            #expect(disks.devices == [Self.nvme(1), Self.nvme(0), Self.nvme(20), Self.nvme(22), Self.loop(0)])
        }
    }

    private static func setUp(_ backing: [String], in directory: TemporaryDirectory) throws {
        for (number, text) in backing.enumerated() {
            try directory.file("sys/devices/virtual/loop\(number)/loop/backing_file", text)
            try directory.file("sys/devices/virtual/loop\(number)/dev", "7:\(number)\n")
            try directory.link("sys/dev/block/7:\(number)", to: "../../devices/virtual/loop\(number)")
            try directory.link("sys/class/block/loop\(number)", to: "../../devices/virtual/loop\(number)")
        }
        for (name, place) in [
            ("nvme0n1", "nvme0/nvme0n1"), ("nvme0n1p1", "nvme0/nvme0n1/nvme0n1p1"),
            ("nvme0n1p2", "nvme0/nvme0n1/nvme0n1p2"), ("nvme1n1", "nvme1/nvme1n1"), ("dm-0", "virtual/dm-0"),
        ] { try directory.link("sys/class/block/\(name)", to: "../../devices/\(place)") }
    }

    /// Of an NVMe disk its controllers, which it has by itself or by its subsystem, and its generic device; not those of
    /// other disks.
    @Test(arguments: [false, true]) func controlsOfNVMe(hasSubsystem: Bool) throws {
        try TemporaryDirectory.with { directory in
            let place = hasSubsystem ? "sys/devices/virtual/nvme-subsys0" : "sys/devices/nvme0"
            var devices = [
                ("sys/devices/nvme0", "nvme", "242:0"), ("\(place)/ng0n1", "nvme-generic", "241:0"),
                ("\(place)/ng0n2", "nvme-generic", "241:1"), ("\(place)/nvme0n1", "block", "259:0"),
                ("\(place)/nvme0n2", "block", "259:1"), ("sys/devices/nvme1", "nvme", "242:1"),
            ]
            if hasSubsystem {
                try directory.link("\(place)/nvme0", to: "../../nvme0")
                try directory.link("\(place)/subsystem", to: "../../../class/nvme-subsystem")
                devices.append(("sys/devices/nvme0/nvme0c0n1", "block", "259:3"))
            }
            for (place, kind, number) in devices {
                try directory.file("\(place)/dev", number + "\n")
                try directory.link("\(place)/subsystem", to: "/sys/class/\(kind)")
            }
            try directory.link("\(place)/nvme0n1/device", to: "..")
            try directory.link("sys/dev/block/259:0", to: "../../../\(place)/nvme0n1")
            let disks = HostDisks([Self.mount(Self.nvme(0), "/")], root: directory.path)
            let numbers = disks.controls.map(\.description).sorted()
            #expect(numbers == ["241:0", "242:0"] && disks.devices == [Self.nvme(0)])
        }
    }

    @Test func controlsOfSCSI() throws {
        try TemporaryDirectory.with { directory in
            let place = "sys/devices/host0/0:0:0:0"
            for (name, kind, number) in [
                ("scsi_generic/sg0", "scsi_generic", "21:0\n"), ("bsg/0:0:0:0", "bsg", "251:0\n"),
                ("bsg/cut", "bsg", "251"), ("block/sda", "block", "8:0\n"), ("other/x", "other", "9:0\n"),
            ] {
                try directory.file("\(place)/\(name)/dev", number)
                try directory.link("\(place)/\(name)/subsystem", to: "/sys/class/\(kind)")
            }
            try directory.link("\(place)/block/sda/device", to: "../..")
            try directory.link("sys/dev/block/8:0", to: "../../devices/host0/0:0:0:0/block/sda")
            let disks = HostDisks([Self.mount(DeviceNumber(major: 8, minor: 0), "/")], root: directory.path)
            #expect(disks.controls == [DeviceNumber(major: 21, minor: 0), DeviceNumber(major: 251, minor: 0)])
        }
    }
}
