import NodeModel

extension Check {
    /// A task of a container traces a process outside of its pod; told by events alone.
    ///
    /// The target is known by the number that the tracer calls it by. Only one in the node's own PID namespace can reach
    /// beyond its pod, and there that number is the node's.
    static let foreignProcessTraced = takingOver(
        id: "foreign-process-traced", title: "Traced a process outside of its pod", attack: ["T1055.008", "T1611"],
        messageID: "1f683c7eb8ec409986bf2b5f10bfcaf8",
        reason: "a task of the container traces a process outside of its pod",
        words: "traced",
        target: { deed in if case .traced(let target) = deed { target } else { nil } })

    /// A task of a container writes into the memory of a process outside of its pod; told by events alone.
    static let foreignMemoryWritten = takingOver(
        id: "foreign-memory-written", title: "Wrote into the memory of a process outside of its pod",
        attack: ["T1055", "T1611"], messageID: "b707a3247ce540f4bdfbad5a86dea493",
        reason: "a task of the container writes into the memory of a process outside of its pod",
        words: "wrote into the memory of",
        target: { deed in if case .wroteMemory(let target) = deed { target } else { nil } })

    private static func takingOver(
        id: String, title: String, attack: [String], messageID: String, reason: String, words: String,
        target: @escaping @Sendable (TaskAct.Deed) -> LineageTask?
    ) -> Check {
        Check(
            Technique(
                id: id, title: title, class: .action, weight: .action, attack: attack, messageID: messageID,
                reason: reason,
                meaning: """
                    Whoever traces a process, or writes into its memory, runs code as that process, with its rights \
                    and outside of every container that it is outside of.
                    """,
                remedy: """
                    Treat the node, or the other pod, as taken. Unless the pod is a debugger that is to do this, remove \
                    hostPID, CAP_SYS_PTRACE and privileged.
                    """),
            reads: [],
            act: { task, deed, container, index in
                guard let target = target(deed), let container, let host = index.hostNamespace(.pid),
                    task.namespaces[.pid] == host, let owner = index.stranger(target, to: container)
                else { return nil }
                return Evidence(
                    container: container, task: task, declaration: .undeclared, key: target.name.text,
                    detail: "\(index.name(task)) \(words) \(target.label) of \(owner)",
                    values: [
                        "target": .text(target.name.text), "targetPid": .number(Int64(target.pid)),
                        "targetOwner": .text(owner),
                    ])
            }
        ) { _ in [] }
    }
}
