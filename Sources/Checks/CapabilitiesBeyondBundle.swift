import NodeModel

extension Check {
    /// A task holds capabilities that its container's record does not grant, in the user namespace of the host.
    ///
    /// Children may have less than the record, never more. Capabilities in a user namespace of the task's own are worth
    /// nothing on the node, so such tasks are left out; so is a container that its runtime has not started yet, whose
    /// process is still the runtime's. Capabilities newer than this build are not compared: it cannot read their names.
    static let capabilitiesBeyondBundle = Check(
        Technique(
            id: "capabilities-beyond-bundle", title: "Holds more capabilities than it was given", class: .action,
            weight: .action, attack: ["T1068", "T1548", "T1611"], messageID: "1a91ab1f7406601e3aefdafb3ddf6818",
            reason: "a task holds capabilities that its container was not given",
            meaning: """
                Nothing inside a container can add to what its runtime gave it. More than that came from outside: a \
                kernel exploit, a privileged exec through the runtime's socket, a process moved in from the node.
                """,
            remedy: "Keep the process for the investigation, cordon the node and replace it; update kernel and runtime."
        ),
        reads: [.threads, .bundles, .credentials]
    ) { index in
        index.node.containers.indices.compactMap { container in
            guard let bundle = index.node.containers[container].bundle, !index.node.containers[container].isCreated
            else {
                return nil
            }
            for task in index.tasks(of: container) where !task.isStarting && index.isInHostUserNamespace(task) == true {
                guard let held = task.credentials.map({ $0.permitted.union($0.effective) }) else { continue }
                let extra = held.intersection(.known).subtracting(bundle.capabilities)
                guard !extra.isEmpty else { continue }
                return Evidence(
                    container: container, task: task, declaration: .undeclared,
                    detail: "\(index.name(task, in: container)): \(summary(extra.names))",
                    values: ["capabilities": .list(extra.names), "thread": .flag(!task.isMainThread)])
            }
            return nil
        }
    }

    /// The first few names and how many more.
    static func summary(_ names: [String], limit: Int = 6) -> String {
        let shown = names.prefix(limit).joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }
}
