import NodeModel

extension Check {
    /// A task of a container shares memory with a process outside of its pod: it was the last to attach System V shared
    /// memory that the other made, or both have a file of the node's `/dev/shm` mapped (shm_overview(7)).
    ///
    /// Only containers in the host's IPC namespace are looked at. Silent of System V memory whose maker has ended, and once
    /// another process has attached it since: the kernel keeps the last alone. Silent of files that were opened and not
    /// mapped.
    static let sharedMemoryReached = Check(
        Technique(
            id: "shared-memory-reached", title: "Attached shared memory from outside of its pod", class: .action,
            weight: .partial, attack: ["T1611", "T1005"], messageID: "aabd48172862bad346bfacb1df712e2d",
            reason: "a task of the container shares memory with a process outside of its pod",
            meaning: """
                What two processes share they read and change without any further right: the buffers of a database, say, or \
                the queue of a service that acts on what it finds there.
                """,
            remedy: """
                Find out what the memory is for (ipcs -m -p, ls -l /dev/shm); take hostIPC away where the pod has no part \
                in it.
                """),
        reads: [.bundles, .kernel, .mounts], namespaces: [.ipc],
        declares: { request, _ in request.pod.spec.hostIPC == true }
    ) { index in
        guard let host = index.hostNamespace(.ipc), let state = index.node.host.kernelState else { return [] }
        func user(_ task: NodeTask) -> (task: NodeTask, container: Int)? {
            guard task.namespaces[.ipc] == host, let container = task.container else { return nil }
            return (task, container)
        }
        return (state.sharedMemory ?? []).compactMap { memory in
            index.process(memory.lastUser).flatMap(user).flatMap {
                evidence(of: memory, attachedBy: $0.task, $0.container, index)
            }
        } + evidence(of: state.sharedFiles, user, index)
    }

    /// One for each program outside that a container shares files with, however many they are.
    private static func evidence(
        of files: [SharedFile], _ user: (NodeTask) -> (task: NodeTask, container: Int)?, _ index: NodeIndex
    ) -> [Evidence] {
        var told: Set<String> = []
        return files.flatMap { file -> [Evidence] in
            let tasks = file.processes.compactMap { index.process($0) }
            var seen: Set<Int> = []
            let users = tasks.compactMap(user).filter { seen.insert($0.container).inserted }
            return users.compactMap { user -> Evidence? in
                guard let evidence = evidence(of: file, of: tasks, mappedBy: user.task, user.container, index),
                    told.insert("\(user.container) \(evidence.key)").inserted
                else { return nil }
                return evidence
            }
        }
    }

    private static func evidence(
        of memory: SharedMemory, attachedBy user: NodeTask, _ container: Int, _ index: NodeIndex
    ) -> Evidence? {
        guard let creator = index.process(memory.creator), let owner = index.stranger(creator, to: container)
        else { return nil }
        return evidence(
            user, container, index, key: "\(memory.key) of \(creator.comm)",
            "attached segment \(memory.id) of \(index.name(creator)) of \(owner)",
            [
                "key": .number(Int64(memory.key)), "segment": .number(Int64(memory.id)),
                "creator": .text(creator.comm), "creatorOwner": .text(owner),
            ])
    }

    /// Who made the file nobody tells, and the first process that shares it is named.
    private static func evidence(
        of file: SharedFile, of tasks: [NodeTask], mappedBy user: NodeTask, _ container: Int, _ index: NodeIndex
    ) -> Evidence? {
        let strangers = tasks.lazy.compactMap { task in
            index.stranger(task, to: container).map { (task: task, owner: $0) }
        }
        guard let (other, owner) = strangers.first else { return nil }
        return evidence(
            user, container, index, key: "file of \(other.comm)",
            "has \(file.path) mapped, as has \(index.name(other)) of \(owner)",
            ["file": .text(file.path), "sharer": .text(other.comm), "sharerOwner": .text(owner)])
    }

    private static func evidence(
        _ user: NodeTask, _ container: Int, _ index: NodeIndex, key: String, _ what: String,
        _ values: [String: EvidenceValue]
    ) -> Evidence {
        let isDeclared = index.declaresHost(.ipc, container)
        return Evidence(
            container: container, task: user,
            declaration: isDeclared.map { $0 ? .declaredByRuntime : .undeclared } ?? .unknown,
            key: key, detail: "\(index.name(user)) \(what)", values: values)
    }
}
