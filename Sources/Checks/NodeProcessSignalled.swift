import NodeModel

extension Check {
    /// A task of a container sent a signal that ends or stops to a process of the node; told by events alone.
    ///
    /// Only a pod in the node's PID namespace can. It is one finding for all processes of a name.
    static let nodeProcessSignalled = Check(
        Technique(
            id: "node-process-signalled", title: "Sent a signal to a process of the node", class: .action,
            weight: .action, attack: ["T1562.001", "T1489"], messageID: "55c5fb186c864367aa46cce40cc370f5",
            reason: "a task of the container sent a signal that ends or stops to a process of the node",
            meaning: """
                What watches the node, runs its containers or speaks for it to the cluster can be ended or stopped so, \
                and nobody sees what follows. Few agents have a reason to, such as one that reloads the runtime.
                """,
            remedy: """
                See that the process runs again, and what happened in between. Unless the pod is to do this, remove \
                hostPID and treat the node as taken.
                """),
        reads: [],
        act: { task, deed, container, index in
            guard case .signalled(let target, let signal) = deed, let container, index.isOfNode(target) else {
                return nil
            }
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: target.name.text,
                detail: "\(index.name(task)) sent signal \(signal) to \(target.label)",
                values: [
                    "signal": .number(Int64(signal)), "target": .text(target.name.text),
                    "targetPid": .number(Int64(target.pid)),
                ])
        }
    ) { _ in [] }
}
