import LinuxSystem
import NodeModel
import ProcFS

/// The devices through which the disks are read and written that the node's own file systems are on.
struct HostDisks: Sendable, Equatable {
    /// The devices of the file systems, then those that they lie on, then the loop devices over any of these.
    ///
    /// Other partitions of the same disk are none: a volume of a pod may be on one.
    var devices: [DeviceNumber] = []
    /// Character devices that take the commands of those disks.
    var controls: [DeviceNumber] = []

    init() {}

    init(_ mounts: [Mount], root: String) {
        let system = BlockDevices(root: root)
        var seen: Set<DeviceNumber> = []
        devices = mounts.filter(\.isOfNode).compactMap { Self.device(of: $0, root: root) }.filter {
            seen.insert($0).inserted
        }
        var position = 0
        // Each device once, of which the kernel has no endless number.
        while position < devices.count {
            devices += system.below(devices[position]).filter { seen.insert($0).inserted }
            position += 1
        }
        controls = devices.flatMap { system.controls(of: $0) }
        devices += system.loops(over: seen)
    }

    private static func device(of mount: Mount, root: String) -> DeviceNumber? {
        if mount.device.major != 0 { return mount.device }
        guard mount.source.hasPrefix("/dev/"), let file = FileIdentity(path: root + mount.source),
            file.kind == .blockDevice
        else { return nil }
        return file.node
    }
}
