import NodeModel

extension Check {
    /// A task of a container traces a process outside of its pod, one of the node or of another pod.
    ///
    /// A scan sees who traces each thread; of the node's processes others than the first are read where a container may
    /// trace them. An event tells the target by the number that the tracer calls it by: only one in the node's
    /// own PID namespace can reach beyond its pod, and there that number is the node's. Silent of tracers of the node.
    static let foreignProcessTraced = takingOver(
        id: "foreign-process-traced", title: "Traced a process outside of its pod", attack: ["T1055.008", "T1611"],
        messageID: "1f683c7eb8ec409986bf2b5f10bfcaf8",
        reason: "a task of the container traces a process outside of its pod",
        words: "traced", reads: [.threads, .credentials],
        target: { deed in if case .traced(let target) = deed { target } else { nil } }
    ) { index in
        guard index.hostNamespace(.pid) != nil else { return [] }
        let traced = index.node.tasks.compactMap { task in task.tracer.map { (task, $0) } }
        guard !traced.isEmpty else { return [] }
        let threads = Dictionary(index.node.tasks.map { ($0.tid, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<[String]> = []
        return traced.compactMap { victim, number in
            guard let tracer = threads[number], let container = tracer.container,
                let owner = index.stranger(victim, to: container),
                seen.insert([index.node.containers[container].id, victim.comm, owner]).inserted
            else { return nil }
            return takenOver(
                victim.comm, victim.pid, of: owner, by: tracer, container,
                detail: "\(index.name(tracer)) traces \(index.name(victim)) of \(owner)")
        }
    }

    /// A task of a container writes into the memory of a process outside of its pod; told by events alone.
    static let foreignMemoryWritten = takingOver(
        id: "foreign-memory-written", title: "Wrote into the memory of a process outside of its pod",
        attack: ["T1055", "T1611"], messageID: "b707a3247ce540f4bdfbad5a86dea493",
        reason: "a task of the container writes into the memory of a process outside of its pod",
        words: "wrote into the memory of",
        target: { deed in if case .wroteMemory(let target) = deed { target } else { nil } }
    ) { _ in [] }

    private static func takingOver(
        id: String, title: String, attack: [String], messageID: String, reason: String, words: String,
        reads: NodeParts = [], target: @escaping @Sendable (TaskAct.Deed) -> LineageTask?,
        evidence: @escaping @Sendable (NodeIndex) -> [Evidence]
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
            reads: reads,
            act: { task, deed, container, index in
                guard let target = target(deed), let container, let host = index.hostNamespace(.pid),
                    task.namespaces[.pid] == host, let owner = index.stranger(target, to: container)
                else { return nil }
                return takenOver(
                    target.name.text, target.pid, of: owner, by: task, container,
                    detail: "\(index.name(task)) \(words) \(target.label) of \(owner)")
            },
            evidence: evidence)
    }

    private static func takenOver(
        _ name: String, _ pid: Int32, of owner: String, by task: NodeTask, _ container: Int, detail: String
    ) -> Evidence {
        Evidence(
            container: container, task: task, declaration: .undeclared, key: "\(name) of \(owner)", detail: detail,
            values: ["target": .text(name), "targetPid": .number(Int64(pid)), "targetOwner": .text(owner)])
    }
}
