import NodeModel

extension Check {
    /// The very process that the runtime started for a container is in a host namespace: its command is the escape.
    ///
    /// The expectation is the pod's sandbox and the record, never this process. Silent for a container that its runtime
    /// has not started yet, and where the process is gone.
    static let firstProcessInHostNamespace = Check(
        Technique(
            id: "first-process-in-host-namespace", title: "The container's first process is the escape",
            class: .action, weight: .action, attack: ["T1611", "T1610"], messageID: "2eccffc6801479a0a4ab5b7c9ca63e10",
            reason: "the container's first process is in a host namespace that its pod does not share",
            meaning: """
                The pod was made to escape: its command itself enters the node, as `nsenter --mount=/proc/1/ns/mnt` does. \
                Whoever may create such a pod is root on the node.
                """,
            remedy: """
                Find out who created the pod, cordon and replace the node, and refuse such pods at admission: Pod \
                Security level baseline does.
                """),
        reads: [.bundles, .mounts]
    ) { index in
        index.node.containers.indices.compactMap { container in
            guard !index.node.containers[container].isCreated, let task = firstProcess(of: container, index),
                !task.isStarting
            else { return nil }
            let kinds = [NamespaceKind.mount, .pid, .network, .ipc, .uts].filter { kind in
                index.isHost(kind, task.namespaces[kind]) && isForbidden(kind, container, index)
            }
            guard !kinds.isEmpty else { return nil }
            let names = kinds.map(\.rawValue)
            return Evidence(
                container: container, task: task, declaration: .undeclared,
                detail: "\(index.name(task)): host \(names.joined(separator: ", ")) namespace",
                values: ["namespaces": .list(names)])
        }
    }

    /// The process that the runtime started, also where only its parent still ties it to the container.
    ///
    /// One that left both the mount namespace and the cgroup belongs to nobody. The runtime's record names its pid, and
    /// the parent tells that the pid was not used again: one shim is the parent of every first process of a pod
    /// (containerd, runtime/v2/README.md, grouping).
    private static func firstProcess(of container: Int, _ index: NodeIndex) -> NodeTask? {
        if let task = index.initTask(of: container) { return task }
        guard let pid = index.node.containers[container].initPID, let task = index.process(pid), task.container == nil,
            let sandbox = index.sandbox(of: container), let pause = index.initTask(of: sandbox),
            task.parent > 1, task.parent == pause.parent
        else { return nil }
        return task
    }
}
