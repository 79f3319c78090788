import NodeModel

extension Check {
    /// A task of a container opened a file of one of the node's own file systems by its handle; told by events alone.
    ///
    /// Handles of the container's own layers and of volumes with file systems of their own are not meant.
    static let fileHandleOpened = Check(
        Technique(
            id: "file-handle-opened", title: "Opened a file of the node by its handle", class: .action, weight: .action,
            attack: ["T1611", "T1006"], messageID: "565b98af4d24438c829a3111bd106211",
            reason: "a task of the container opened a file of the node's own file system by its handle",
            meaning: """
                A handle names a file without a path, so no mount and no root directory keeps a process from any file \
                of a file system of which it sees a single one, such as its /etc/hosts. Handles are easily guessed.
                """,
            remedy: """
                Unless the pod is a file server or a backup that is to do this, treat the node's files as read and \
                changed. Drop CAP_DAC_READ_SEARCH.
                """),
        reads: [.mounts],
        act: { task, deed, container, index in
            guard case .called(.handle(let device)) = deed, let container, let disk = index.diskOfNode(device) else {
                return nil
            }
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: disk.mountPoint,
                detail: "\(index.name(task)) opened a file of the file system at \(disk.mountPoint) by its handle",
                values: ["device": .text(device.description), "mountPoint": .text(disk.mountPoint)])
        }
    ) { _ in [] }
}
