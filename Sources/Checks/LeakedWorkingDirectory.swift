import NodeModel

extension Check {
    /// The record lets the container start in a descriptor of the runtime itself (CVE-2024-21626).
    ///
    /// Reads the record alone. A runtime that is not affected refuses to start such a container, so one that runs has
    /// got what it asked for; a process that runs in a leaked directory is told by `working-directory-in-host-tree`.
    static let leakedWorkingDirectory = Check(
        Technique(
            id: "leaked-working-directory", title: "Starts in a descriptor of the runtime", class: .action,
            weight: .action, attack: ["T1611"], messageID: "ebac13184ea49950cbf98359c4fe0b96",
            reason:
                "the container's record names a working directory below /proc, where descriptors of the runtime are",
            meaning: """
                Before 1.1.12 runc leaks a directory of the node into the containers that it starts (CVE-2024-21626). An \
                image or a pod that names /proc/self/fd/N as its working directory starts in there, and reaches the \
                node's files by relative paths. No image has a reason to ask for this.
                """,
            remedy: """
                Update runc to 1.1.12 or later. Treat the node as taken where the container has run: cordon it, keep the \
                container for the investigation, find out where the image comes from, and replace the node.
                """),
        reads: [.bundles]
    ) { index in
        index.node.containers.indices.compactMap { container in
            guard let directory = index.node.containers[container].bundle?.workingDirectory, isDescriptor(directory),
                let task = index.processes(of: container).first
            else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared, detail: "working directory \(directory)",
                values: ["path": .text(directory)])
        }
    }

    /// `/proc/self/fd/7`, or the same of a process or thread by its number.
    private static func isDescriptor(_ path: String) -> Bool {
        let parts = PathParts(path).parts
        return parts.first == "proc" && parts.dropFirst().contains("fd")
    }
}
