import NodeModel

extension NodeIndex {
    /// The containers that shared namespaces and missing confinement are told of: those of a pod, and a sandbox only
    /// where none of them uses it.
    ///
    /// The sandbox shares what its pod shares; telling it twice helps nobody. One that is young waits for its containers,
    /// or has just lost them.
    var tenants: [Int] {
        node.containers.indices.filter { container in
            guard node.containers[container].kind == .sandbox, let pod = podOfContainer[container] else { return true }
            return !isInUse(container, pods[pod]) && !tasks(of: container).isEmpty && isYoung(container) != true
        }
    }

    /// The sandbox is the pod's own, and a container names it, or has no record to name any.
    private func isInUse(_ sandbox: Int, _ pod: PodView) -> Bool {
        let id = node.containers[sandbox].id
        return pod.sandbox == sandbox && pod.containers.contains { (node.containers[$0].sandboxID ?? id) == id }
    }

    /// The processes of a container that run its own program, one task for each; none that its runtime still starts.
    func processes(of container: Int) -> [NodeTask] {
        tasks(of: container).filter { !$0.isStarting && process($0.pid)?.tid == $0.tid }
    }

    /// `pid 4711 (sh)`, or `tid 4712 of pid 4711 (sh)` for a thread.
    func name(_ task: NodeTask) -> String {
        task.isMainThread ? "pid \(task.pid) (\(task.comm))" : "tid \(task.tid) of pid \(task.pid) (\(task.comm))"
    }

    /// The same of a task of a container, with what is certain of one that was not made in it.
    func name(_ task: NodeTask, in container: Int) -> String {
        name(task) + (isFromOutside(task, container) ? " from outside the pod" : "")
    }

    /// A task in the node's PID namespace, and the container's first process is in another.
    ///
    /// No process changes its own, and none gets its children into one that is not below it (pid_namespaces(7)): it came
    /// from the node, or from another pod that shares the node's, and the container is where it works.
    func isFromOutside(_ task: NodeTask, _ container: Int) -> Bool {
        guard let first = initTask(of: container), let own = first.namespaces[.pid] else { return false }
        return task.pid != first.pid && !isHost(.pid, own) && isHost(.pid, task.namespaces[.pid])
    }

    /// The namespace of a kind that the container's pod has for itself: its sandbox's, or its own first process's.
    func ownNamespace(_ kind: NamespaceKind, of container: Int) -> NamespaceID? {
        let sandbox = sandbox(of: container).flatMap { initTask(of: $0) }
        let own = initTask(of: container)
        let candidates = kind == .mount || kind == .pid || kind == .cgroup ? [own, sandbox] : [sandbox, own]
        return candidates.compactMap { $0?.namespaces[kind] }.first { !isHost(kind, $0) }
    }

    /// Whether the records put the container's cgroup beside that of its sandbox, as every kubelet asks; `nil` where
    /// they do not tell.
    func hasCgroupOfSandbox(_ container: Int) -> Bool? {
        guard let sandbox = sandbox(of: container),
            let own = node.containers[container].cgroupsPathPattern,
            let its = node.containers[sandbox].cgroupsPathPattern
        else { return nil }
        return own == its
    }
}

extension Container {
    /// What is before its own id and after it in the path of its cgroup by its record.
    fileprivate var cgroupsPathPattern: [Substring]? {
        guard let path = bundle?.cgroupsPath else { return nil }
        guard !id.isEmpty, let end = path.endOfBytes(of: id) else { return [path[...]] }
        return [path[..<path.utf8.index(end, offsetBy: -id.utf8.count)], path[end...]]
    }
}
