import Glibc
import LinuxSystem
import NodeModel
import ProcFS

extension SnapshotBuilder {
    /// Adds to the node's disks the loop devices over one of them that were set up by a device file of another name.
    ///
    /// sysfs has the file's path alone, and the mount namespace tells which device that is where it was opened: it may be
    /// any of the containers'. The number itself (`lo_rdevice`, linux/loop.h) is to be had from an open loop device only,
    /// which may wait for a file whose server never answers.
    func readLoopDevices(_ node: inout Node, until deadline: Deadline) {
        guard let disks = node.host.disks.map(Set.init), !disks.isEmpty, !node.mountTables.isEmpty else { return }
        var devices = BlockDevices(root: options.root)
        let loops = devices.loopsOverOtherNames()
        guard !loops.isEmpty else { return }
        if loops.count > Self.loopLimit {
            node.gaps.add(.kernel, "more than \(Self.loopLimit) loop devices over files", loops[Self.loopLimit].path)
        }
        let named = BoundedWork.run(until: deadline) { [options, tables = node.mountTables] in
            loops.prefix(Self.loopLimit).compactMap { loop in
                let named = tables.compactMap { $0.blockDevice(at: loop.path, options.proc) }
                return (named.first(where: disks.contains) ?? named.first).map { (loop.device, $0) }
            }
        }
        guard let named else {
            return node.gaps.add(.timeLimit, "what loop devices are over was not looked at", loops[0].path)
        }
        for (loop, device) in named { devices.named[loop] = device }
        node.host.disks? += devices.loops(over: disks)
    }

    /// Each is looked for in every mount namespace; a node that mounts its packages has some tens.
    private static let loopLimit = 256
}

extension MountTable {
    /// The block device that a path is a file of in this namespace; no link is followed, and no mount looked at that may
    /// hang.
    fileprivate func blockDevice(at path: String, _ proc: String) -> DeviceNumber? {
        let way = PathParts(path)
        guard !mounts.contains(where: { $0.mayHang && PathParts($0.mountPoint).contains(way) }),
            let root = try? Descriptor.open("\(proc)/\(pid)/root", LinuxFlags.path | O_DIRECTORY),
            let place = try? root.resolve(path, mayFollow: { _ in false }),
            let file = FileIdentity(path: "\(proc)/\(pid)/root\(place)"), file.kind == .blockDevice
        else { return nil }
        return file.node
    }
}
