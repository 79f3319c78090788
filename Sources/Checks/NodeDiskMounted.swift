import NodeModel

extension Check {
    /// A task of a container mounted a disk that the node itself has mounted; told by events alone.
    ///
    /// Disks of volumes, which CSI drivers mount from their pods, are below the kubelet's directory alone.
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
        reads: [.mounts],
        act: { task, deed, container, index in
            guard case .called(.fileSystem(let device)) = deed, let container, let disk = index.diskOfNode(device)
            else {
                return nil
            }
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: device.description,
                detail: "\(index.name(task)) mounted device \(device), which the node has at \(disk.mountPoint)",
                values: [
                    "device": .text(device.description), "mountPoint": .text(disk.mountPoint),
                    "source": .text(disk.source),
                ])
        }
    ) { _ in [] }
}
