import NodeModel

extension Check {
    /// A container whose first process is to be started in a directory that its runtime has open.
    ///
    /// Reads the record alone: whether the runtime fell for it, the process' working directory tells
    /// (working-directory-in-host-tree). Silent on a link of the image that leads there, which no record shows.
    static let runtimeDirectory = Check(
        Technique(
            id: "runtime-directory", title: "Asks for a working directory that the runtime has open", class: .exposure,
            weight: .rootEquivalent, attack: ["T1611"], messageID: "cf7af221e45267c673c79f938cd11d7f",
            reason: "the container's working directory is one of the runtime's own open files",
            meaning: """
                A runc before 1.1.12 has a directory of the node open while it starts a container: a process that begins \
                there is in the node's file tree (CVE-2024-21626). Nothing else has a use for such a path.
                """,
            remedy: "Find out whose image or pod it is, and have runc 1.1.12 or newer on the node."),
        reads: [.bundles]
    ) { index in
        index.tenants.compactMap { container in
            guard let directory = index.node.containers[container].bundle?.workingDirectory, isOfOpenFiles(directory)
            else { return nil }
            return Evidence(
                container: container, task: index.processes(of: container).first, declaration: .declaredByRuntime,
                detail: directory, values: ["path": .text(directory)])
        }
    }

    /// `/proc/self/fd/7`, with a task or another process in between, and `/dev/fd/7`, which is a link to it.
    private static func isOfOpenFiles(_ path: String) -> Bool {
        let parts = path.pathComponents().filter { $0 != "." }
        return parts.starts(with: ["dev", "fd"]) || (parts.first == "proc" && parts.contains("fd"))
    }
}
