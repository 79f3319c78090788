import NodeModel

extension Check {
    /// A task of a container mounted something over files of the node that one of its programs acts on.
    ///
    /// Told by events alone. What the node sees of it depends on the propagation of the mount below. Silent further down
    /// in the tree than the kernel's probes read.
    static let nodeFilesCovered = Check(
        Technique(
            id: "node-files-covered", title: "Mounted over files of the node", class: .action, weight: .action,
            attack: ["T1611", "T1564"], messageID: "f1c13dd5808746c683d691ded66c7b08",
            reason: "a task of the container mounted something over files that the node acts on",
            meaning: """
                A mount on a directory of the node puts other files in the place of its own. Where it reaches the node, \
                by a hostPath with Bidirectional propagation or from the node's own mount namespace, the node's programs \
                act on what the container put there.
                """,
            remedy: """
                Compare the node's mounts (/proc/1/mountinfo) with what they are to be, and unmount what is not; then \
                take away CAP_SYS_ADMIN, privileged and the hostPath.
                """),
        reads: [.mounts],
        act: { task, deed, container, index in
            guard case .called(.mount(let place)) = deed, let container, let path = index.hostPath(of: place),
                let covered = NodeFilePlace.covered(by: path)
            else { return nil }
            let point = "/" + path.parts.joined(separator: "/")
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: point,
                detail: "\(index.name(task)) mounted something on the node's \(point)",
                values: ["mountPoint": .text(point), "files": .text(covered.id)])
        }
    ) { _ in [] }
}
