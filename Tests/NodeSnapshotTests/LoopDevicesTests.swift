import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite(.enabled(if: isRoot, "needs root")) struct LoopDevicesTests {
    private static let disk = DeviceNumber(major: 259, minor: 1)

    private static func loop(_ minor: UInt32) -> DeviceNumber { DeviceNumber(major: 7, minor: minor) }

    /// The node's disks where loop devices are over what these paths name in a container, in which `/disk` is the node's.
    private static func disks(
        _ paths: [String], mounts: [String: String] = [:], _ fill: (TemporaryDirectory) throws -> Void = { _ in }
    ) throws -> (disks: [DeviceNumber]?, gaps: [Gap]) {
        try TemporaryDirectory.with { directory in
            try directory.link("7/root", to: "../tree")
            try directory.blockDevice("tree/disk", disk)
            for (number, path) in paths.enumerated() {
                try directory.file("sys/dev/block/7:\(number)/loop/backing_file", path + "\n")
            }
            try fill(directory)
            let table = mounts.sorted { $0.key < $1.key }.map { point, type in
                Mount(
                    id: 1, parentID: 0, device: DeviceNumber(major: 0, minor: 1), root: "/", mountPoint: point,
                    fileSystemType: type, source: "x")
            }
            var node = Node()
            node.host.disks = [disk]
            node.mountTables = [MountTable(namespace: NamespaceID(rawValue: 1), pid: 7, mounts: table)]
            SnapshotBuilder(SnapshotOptions(proc: directory.path, root: directory.path))
                .readLoopDevices(&node, until: Deadline(secondsFromNow: 60))
            return (node.host.disks, node.gaps)
        }
    }

    private static let cases: [(paths: [String], found: [UInt32])] = [
        ([], []), (["/disk"], [0]), (["/disk (deleted)"], [0]), (["/a/b/other"], []), (["/file"], []),
        (["/absent"], []),
        (["/link"], []), (["/a/up/disk"], []), (["/dev/own"], [0]), (["/file", "/disk"], [1]),
        (["/disk", "/loop0"], [0, 1]),
        (["/loop1", "/loop0"], []),
    ]

    @Test(arguments: cases) func paths(paths: [String], found: [UInt32]) throws {
        let (disks, gaps) = try Self.disks(paths) { directory in
            try directory.blockDevice("tree/dev/own", Self.disk)
            try directory.blockDevice("tree/a/b/other", DeviceNumber(major: 259, minor: 5))
            for number in [0, 1] as [UInt32] { try directory.blockDevice("tree/loop\(number)", Self.loop(number)) }
            try directory.file("tree/file")
            try directory.link("tree/link", to: "disk")
            try directory.link("tree/a/up", to: "/")
        }
        #expect(disks == [Self.disk] + found.map(Self.loop) && gaps == [])
    }

    /// A program may answer for what is mounted there, or never.
    @Test(arguments: [
        (["/": "overlay", "/m": "ext4"], true), (["/m": "fuse.x"], false), (["/m/disk": "nfs4"], false),
        (["/mm": "fuse.x"], true), (["/m/disk/x": "fuse.x"], true),
    ]) func mounts(mounts: [String: String], isFound: Bool) throws {
        let (disks, gaps) = try Self.disks(["/m/disk"], mounts: mounts) { try $0.blockDevice("tree/m/disk", Self.disk) }
        #expect(disks == [Self.disk] + (isFound ? [Self.loop(0)] : []) && gaps == [])
    }

    @Test func partitions() throws {
        let (disks, _) = try Self.disks(["/disk"]) { directory in
            try directory.file("sys/devices/loop0/dev", "7:0\n")
            try directory.file("sys/devices/loop0/loop0p1/partition", "1\n")
            try directory.link("sys/dev/block/259:7", to: "../../devices/loop0/loop0p1")
        }
        #expect(disks == [Self.disk, DeviceNumber(major: 259, minor: 7), Self.loop(0)])
    }

    @Test func more() throws {
        // The last by its number as text.
        let (disks, gaps) = try Self.disks((0...256).map { $0 == 99 ? "/disk" : "/file" })
        #expect(disks == [Self.disk])
        #expect(gaps == [Gap(kind: .kernel, reason: "more than 256 loop devices over files", examples: ["/disk"])])
    }
}
