import LinuxSystem
import NodeModel
import ProcFS

/// The block devices that the node's own file systems are on (Documentation/ABI/stable/sysfs-block,
/// Documentation/admin-guide/sysfs-rules.rst).
enum HostDisks {
    /// The devices of the file systems, and after them those that they lie on: of a partition the whole disk, of a volume
    /// of the device mapper or an array its parts.
    static func read(_ mounts: [Mount], root: String) -> [DeviceNumber] {
        var seen: Set<DeviceNumber> = []
        var disks = mounts.filter(\.isOfNode).compactMap { device(of: $0, root: root) }.filter {
            seen.insert($0).inserted
        }
        var position = 0
        // Each device once, of which the kernel has no endless number.
        while position < disks.count {
            disks += devices(below: disks[position], root: root).filter { seen.insert($0).inserted }
            position += 1
        }
        return disks
    }

    private static func device(of mount: Mount, root: String) -> DeviceNumber? {
        if mount.device.major != 0 { return mount.device }
        guard mount.source.hasPrefix("/dev/"), let file = FileIdentity(path: root + mount.source),
            file.kind == .blockDevice
        else { return nil }
        return file.node
    }

    private static func devices(below device: DeviceNumber, root: String) -> [DeviceNumber] {
        let place = "\(root)/sys/dev/block/\(device)"
        // A whole disk is in the directory of its bus.
        let disk = FileIdentity(path: "\(place)/partition") == nil ? nil : number("\(place)/..")
        let slaves = try? Descriptor.open("\(place)/slaves", LinuxFlags.directory).entryNames(limit: 1024).names
        return [disk].compactMap { $0 }
            + (slaves ?? []).compactMap { number("\(place)/slaves/\(String(decoding: $0, as: UTF8.self))") }
    }

    /// The number of the device of a directory.
    private static func number(_ place: String) -> DeviceNumber? {
        guard let text = try? BoundedFile.read(path: "\(place)/dev", limit: 32) else { return nil }
        let numbers = String(decoding: text, as: UTF8.self).split { ":\n".contains($0) }.compactMap { UInt32($0) }
        return numbers.count == 2 ? DeviceNumber(major: numbers[0], minor: numbers[1]) : nil
    }
}
