import NodeModel

extension Check {
    /// A pod as `kubectl debug node/NAME` makes it: by its name, the node's namespaces, and that nothing else owns it.
    ///
    /// Reads the records, and the API's owner where that is known. What the pod has, and what is done in it, is told by
    /// other checks and as urgent as in any pod: everybody may call a pod like this.
    static let nodeDebugPod = Check(
        Technique(
            id: "node-debug-pod", title: "Somebody debugs the node through a pod", class: .action, weight: .minor,
            attack: ["T1609", "T1610", "T1611"], messageID: "3ea7a9a8f3dcb4a6e4bafa2351c5906f",
            reason: "the pod is one that kubectl debug makes to look at its node",
            meaning: """
                Whoever may create such pods is root on the node without logging in to it: the pod is in the node's \
                namespaces and has its root directory at /host. People on duty do that, and so does whoever has their \
                credentials. The API server's audit log tells who it was.
                """,
            remedy: "Ask who is at work, and delete the pod when they are done: it stays until somebody does."),
        reads: [.bundles],
        declares: { request, _ in request.pod.spec.hostPID == true || request.pod.spec.hostNetwork == true }
    ) { index in
        index.tenants.compactMap { container in
            guard let pod = index.podOfContainer[container].map({ index.pods[$0].identity }),
                pod.name?.hasPrefix("node-debugger-") == true,
                index.request(of: container)?.pod.metadata.controller == nil,
                let task = index.processes(of: container).first
            else { return nil }
            let shared = [NamespaceKind.pid, .network, .ipc].filter { index.declaresHost($0, container) == true }
            guard !shared.isEmpty else { return nil }
            let names = shared.map(\.rawValue).joined(separator: ", ")
            return Evidence(
                container: container, task: task, declaration: .declaredByRuntime,
                detail: "in the node's \(names) namespaces", values: ["namespaces": .list(shared.map(\.rawValue))])
        }
    }
}
