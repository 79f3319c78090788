import NodeModel

extension Check {
    /// A container in the node's network, with root in it, where container shims listen on names that need no file.
    ///
    /// Reads the abstract names of the node's network namespace. Silent where they were not read, and where nobody in
    /// the container is the node's root, as a shim asks for.
    static let abstractShimSocket = Check(
        Technique(
            id: "abstract-shim-socket", title: "Reaches the abstract sockets of container shims", class: .exposure,
            weight: .rootEquivalent, attack: ["T1611", "T1610"], messageID: "1c1c337c6cbebe25fc68e9d289f0b74f",
            reason: "shims listen on abstract sockets of the network namespace that the container is in",
            meaning: """
                Shims of containerd before 1.3.9 and 1.4.3 listen on abstract sockets (CVE-2020-15257), which every process \
                in the node's network reaches without any file. Root there starts programs on the node by them. A shim \
                that has not been started anew since an update listens still.
                """,
            remedy: "Update containerd and start the pods of the node anew; remove hostNetwork, or root, from the pod."),
        reads: [.credentials, .bundles, .files],
        declares: { request, _ in request.pod.spec.hostNetwork == true }
    ) { index in
        guard let shims = index.node.host.abstractShims, let first = shims.first,
            let host = index.hostNamespace(.network)
        else { return [] }
        return index.tenants.compactMap { container in
            let root = index.processes(of: container).first { task in
                task.namespaces[.network] == host && index.isInHostUserNamespace(task) == true
                    && task.credentials?.effectiveUID == 0
            }
            guard let root else { return nil }
            return Evidence(
                container: container, task: root,
                declaration: index.declaresHost(.network, container) == false ? .undeclared : .declaredByRuntime,
                detail: "@\(first)" + (shims.count > 1 ? " and \(shims.count - 1) more" : ""),
                values: ["sockets": .list(Array(shims.prefix(5))), "count": .number(Int64(shims.count))])
        }
    }
}
