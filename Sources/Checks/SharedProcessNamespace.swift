import NodeModel

extension Check {
    /// Containers of one pod see each other's processes.
    ///
    /// Reads the record and the PID namespaces. Silent where the PID namespace is the host's, which is another finding.
    static let sharedProcessNamespace = Check(
        Technique(
            id: "shared-process-namespace", title: "Shares a PID namespace with its pod", class: .exposure,
            weight: .minor, attack: ["T1611", "T1552"], messageID: "0d8b6d42219cca842a343d67d746bee8",
            reason: "the containers of the pod share one PID namespace",
            meaning: """
                Each container of the pod sees the others' processes, and through /proc their environment and files. It \
                reaches no further than the pod.
                """,
            remedy: "Remove shareProcessNamespace unless a sidecar needs it."),
        reads: [.bundles], namespaces: [.pid],
        declares: { request, _ in
            request.pod.spec.shareProcessNamespace == true || request.container?.targetContainerName != nil
        }
    ) { index in
        index.tenants.compactMap { container in
            guard index.node.containers[container].kind != .sandbox, let host = index.hostNamespace(.pid),
                let task = index.processes(of: container).first(where: { $0.namespaces[.pid] != nil }),
                let own = task.namespaces[.pid], own != host,
                index.node.containers[container].bundle?.namespace(.pid)?.path != nil
            else { return nil }
            return Evidence(
                container: container, task: task, declaration: .declaredByRuntime,
                detail: "ns/pid \(own) is the pod's", values: ["namespace": .number(Int64(own.rawValue))])
        }
    }
}
