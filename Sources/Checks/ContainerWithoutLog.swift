import NodeModel

extension Check {
    /// A container whose pod has no log directory for it, while others have theirs.
    ///
    /// The kubelet makes `/var/log/pods/NAMESPACE_POD_UID/CONTAINER` before it asks for a container
    /// (pkg/kubelet/kuberuntime/kuberuntime_container.go), and whoever forges annotations forgets it. Silent in the first
    /// minute, where a part of the log tree could not be read, and where no running container has a directory there: the
    /// kubelet may keep its logs elsewhere (podLogsDir).
    static let containerWithoutLog = Check(
        Technique(
            id: "container-without-log", title: "Runs without a log directory", class: .residue,
            weight: .runnableResidue, attack: ["T1610", "T1036"], messageID: "3b996675c0670f532d203bdef89b929e",
            reason: "the kubelet keeps no log directory for a container that its record gives to a pod",
            meaning: """
                Somebody asked the container runtime directly and wrote a pod's name into the record, or removed the log \
                directory of a container that runs. Either hides what the container does from kubectl logs and from \
                whatever collects logs.
                """,
            remedy: """
                Compare with the API (kubectl get pod) and with crictl ps; look for pods that mount the runtime's socket \
                or the log directory.
                """),
        reads: [.bundles, .podLogs]
    ) { index in
        guard !index.node.gaps.contains(where: { $0.kind == .podLogs }) else { return [] }
        var logged: [String: Set<String>] = [:]
        for directory in index.node.podLogs {
            guard let uid = directory.pod?.uid else { continue }
            logged[uid, default: []].formUnion(directory.containers.map(\.name))
        }
        let running = index.node.containers.indices.compactMap { position -> (Int, NodeTask, Bool)? in
            let container = index.node.containers[position]
            guard container.kind == .container, let name = container.name, let uid = container.pod?.uid,
                let task = index.processes(of: position).first(where: { $0.isExiting != true })
            else { return nil }
            return (position, task, logged[uid]?.contains(name) == true)
        }
        guard running.contains(where: \.2) else { return [] }
        return running.compactMap { position, task, hasLog in
            guard !hasLog, index.isYoung(position) == false else { return nil }
            let container = index.node.containers[position]
            return Evidence(
                container: position, task: task, declaration: .undeclared,
                detail: "\(container.id.prefix(13)): no log directory for \(container.name ?? "") of its pod")
        }
    }
}
