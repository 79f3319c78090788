import NodeModel

extension Check {
    /// A task of a container made the root of the node's file tree its own, by whatever way; told by events alone.
    ///
    /// A task that enters the node's mount namespace gets that root as well.
    static let rootMovedToHost = Check(
        Technique(
            id: "root-moved-to-host", title: "Made the node's file tree its root", class: .action, weight: .action,
            attack: ["T1611"], messageID: "65d543f9ddd34e2bbb63d62b4c0d9f49",
            reason: "a task of the container made the root of the node's file tree its own root",
            meaning: """
                By chroot into a hostPath, or into another process' root, a process lives in the node's own tree while \
                all of its namespaces stay the container's: it runs the node's programs and writes the node's files.
                """,
            remedy: """
                Unless the pod is an agent of the node that is to do this, treat the node as taken: keep the process and \
                its parents for the investigation, and replace the node. Then remove the hostPath or hostPID.
                """),
        reads: [.mounts],
        act: { task, deed, container, index in
            guard case .called(.root(let place)) = deed, let container, index.hostPath(of: place)?.parts.isEmpty == true
            else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared,
                detail: "\(index.name(task)) made the node's / its root directory",
                values: ["device": .text(place.device.description)])
        }
    ) { _ in [] }
}
