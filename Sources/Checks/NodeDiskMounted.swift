import NodeModel

extension Check {
    /// A task of a container mounted a disk that the node itself has mounted, or a loop device over one.
    ///
    /// Events tell both, and scans the loop device alone: a mount of the disk itself looks like any other of the node's
    /// files. Disks of volumes, which CSI drivers mount from their pods, are below the kubelet's directory alone.
    static let nodeDiskMounted = Check(
        Technique(
            id: "node-disk-mounted", title: "Mounted a disk of the node", class: .action, weight: .action,
            attack: ["T1611", "T1006"], messageID: "74220bc12bca4f3ea0a8ff73857e1c4d",
            reason: "a task of the container mounted a disk that the node itself uses",
            meaning: """
                Through a mount of the node's own disk a process reads and changes every file on it, whatever its \
                container was given.
                """,
            remedy: """
                Treat the node as taken: cordon it, keep the process and its parents for the investigation, and replace \
                the node. Then take away CAP_SYS_ADMIN, privileged and the device.
                """),
        reads: [.mounts, .files],
        act: { task, deed, container, index in
            guard case .called(.fileSystem(let device)) = deed, let container, index.isDiskOfNode(device) else {
                return nil
            }
            let disk = index.diskOfNode(device)
            var values: [String: EvidenceValue] = ["device": .text(device.description)]
            values["mountPoint"] = disk.map { .text($0.mountPoint) }
            values["source"] = disk.map { .text($0.source) }
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: device.description,
                detail: "\(index.name(task)) mounted device \(device), "
                    + (disk.map { "which the node has at \($0.mountPoint)" } ?? "which leads to a disk of the node"),
                values: values)
        }
    ) { index in
        index.node.containers.indices.flatMap { container in
            index.loopMounts(of: container).map { mount in
                Evidence(
                    container: container, task: index.processes(of: container).first, declaration: .undeclared,
                    key: mount.device.description,
                    detail: "device \(mount.device), which leads to a disk of the node, is at \(mount.mountPoint)",
                    values: ["device": .text(mount.device.description)])
            }
        }
    }
}

extension NodeIndex {
    /// Where a container has mounted what leads to a disk of the node and is none of the node's own mounts; once a device.
    fileprivate func loopMounts(of container: Int) -> [Mount] {
        var seen: Set<DeviceNumber> = []
        return ownMountTables(of: container).flatMap(\.mounts).filter { mount in
            node.host.disks?.contains(mount.device) == true && diskOfNode(mount.device) == nil
                && seen.insert(mount.device).inserted
        }
    }
}
