import LinuxSystem
package import NodeModel
import ProcFS

/// What sysfs tells of block devices (Documentation/ABI/stable/sysfs-block, Documentation/admin-guide/sysfs-rules.rst).
///
/// No device is opened: one over a file whose server never answers would hold up whoever closes it.
package struct BlockDevices: Sendable {
    private let sys: String
    /// What loop devices are over where the path that sysfs has says nothing, or not here.
    var named: [DeviceNumber: DeviceNumber] = [:]

    /// More than any node has.
    private static let limit = 4096
    /// That of loop devices (Documentation/admin-guide/devices.txt).
    private static let loopMajor: UInt32 = 7

    /// - Parameter root: the node's root directory.
    package init(root: String = "/") { sys = root + "/sys" }

    /// The devices below one: of a partition its disk, of a volume of the device mapper or an array its parts.
    func below(_ device: DeviceNumber) -> [DeviceNumber] {
        let place = place(of: device)
        // A whole disk is in the directory of its bus.
        let disk = FileIdentity(path: "\(place)/partition") == nil ? nil : number("\(place)/..")
        return [disk].compactMap { $0 } + entries("\(place)/slaves").compactMap { number("\(place)/slaves/\($0)") }
    }

    /// The loop devices over some devices, over others of these, and what lies on them, as partitions do.
    func loops(over disks: Set<DeviceNumber>) -> [DeviceNumber] {
        let all = entries("\(sys)/dev/block").compactMap { DeviceNumber($0) }
        // Most nodes have none, and nothing else is looked at.
        guard all.contains(where: { backing($0) != nil }) else { return [] }
        return all.filter { !disks.contains($0) && isLoop($0, over: disks) }
    }

    /// Whether a device is a loop device over one of others, or lies on such.
    ///
    /// What lies on a disk without a loop device between is a file system of its own: of the node, or of a volume.
    package func isLoop(_ device: DeviceNumber, over disks: Set<DeviceNumber>) -> Bool {
        var seen: Set<DeviceNumber> = [device]
        var left = [device]
        // Each device once, of which the kernel has no endless number.
        while let next = left.popLast() {
            let backing = backing(next)
            if let backing, disks.contains(backing) { return true }
            left += ([backing].compactMap { $0 } + below(next)).filter { seen.insert($0).inserted }
        }
        return false
    }

    /// The loop devices over what is no device by its name below `/dev`, each with the path of that.
    func loopsOverOtherNames() -> [(device: DeviceNumber, path: String)] {
        entries("\(sys)/dev/block").compactMap { DeviceNumber($0) }.compactMap { device in
            guard backing(device) == nil, let path = backingPath(device) else { return nil }
            return (device, path)
        }
    }

    /// The device that a loop device is over, by its name below `/dev`; `nil` where that says nothing.
    ///
    /// The path leads anywhere: only the name is looked up, among those of the kernel, where a `!` stands for each `/`.
    private func backing(_ device: DeviceNumber) -> DeviceNumber? {
        if let named = named[device] { return named }
        guard let path = backingPath(device), path.hasPrefix("/dev/") else { return nil }
        let name = path.dropFirst("/dev/".count).replacing("/", with: "!")
        return [".", ".."].contains(name) ? nil : number("\(sys)/class/block/\(name)")
    }

    /// What a loop device is over, by its path in the mount namespace of whoever opened it (loop_attr_backing_file_show,
    /// drivers/block/loop.c).
    private func backingPath(_ device: DeviceNumber) -> String? {
        guard device.major == Self.loopMajor,
            // The kernel writes a page at the most.
            let bytes = try? BoundedFile.read(path: "\(place(of: device))/loop/backing_file", limit: 4096),
            var path = String(validating: bytes, as: UTF8.self), path.utf8.last == UInt8(ascii: "\n")
        else { return nil }
        path.removeLast()
        // Its name may be gone (d_path).
        if path.hasSuffix(" (deleted)") { path.removeLast(" (deleted)".count) }
        return path
    }

    /// The character devices that take a disk's commands by ioctl(2): NVMe's controllers and its generic device, SCSI's
    /// generic devices (drivers/nvme/host/core.c, drivers/scsi/sg.c, block/bsg.c).
    func controls(of disk: DeviceNumber) -> [DeviceNumber] {
        let name = target(of: place(of: disk))
        // A partition has no such directory. A disk of several controllers is in that of their subsystem.
        let device = "\(place(of: disk))/device"
        let generic = name.hasPrefix("nvme") ? ["\(device)/ng\(name.dropFirst("nvme".count))"] : []
        let kinds = ["scsi_generic", "bsg"].map { "\(device)/\($0)" }
        let places =
            [device] + generic + entries(device).filter { $0.hasPrefix("nvme") }.map { "\(device)/\($0)" }
            + kinds.flatMap { kind in entries(kind).map { "\(kind)/\($0)" } }
        let classes: Set = ["nvme", "nvme-generic", "scsi_generic", "bsg"]
        return places.filter { classes.contains(target(of: "\($0)/subsystem")) }.compactMap { number($0) }
    }

    private func place(of device: DeviceNumber) -> String { "\(sys)/dev/block/\(device)" }

    private func entries(_ directory: String) -> [String] {
        let names = try? Descriptor.open(directory, LinuxFlags.directory).entryNames(limit: Self.limit).names
        return (names ?? []).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    /// The last name of what a link names; empty where it is none.
    private func target(of link: String) -> String {
        let parts = link.split(separator: "/")
        let directory = "/" + parts.dropLast().joined(separator: "/")
        guard let name = parts.last,
            let text = try? Descriptor.open(directory, LinuxFlags.directory).linkTarget(of: String(name))
        else { return "" }
        return String(decoding: text, as: UTF8.self).split(separator: "/").last.map(String.init) ?? ""
    }

    /// The number of the device of a directory.
    private func number(_ place: String) -> DeviceNumber? {
        guard let text = try? BoundedFile.read(path: "\(place)/dev", limit: 32) else { return nil }
        return DeviceNumber(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

extension DeviceNumber {
    /// `259:1`, as sysfs writes it.
    fileprivate init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else { return nil }
        self.init(major: major, minor: minor)
    }
}
