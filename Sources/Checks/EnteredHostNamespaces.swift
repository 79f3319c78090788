import NodeModel

extension Check {
    /// A task of a container is in the node's own mount namespace, or in one made from it, as services of the node have:
    /// it sees and changes the node's files as they are.
    ///
    /// Reads every thread. No pod can ask for this, so it is never declared. Silent while the runtime still starts the
    /// task, and where a namespace could not be read.
    static let enteredHostMountNamespace = enteredHost(
        .mount, id: "entered-host-mount-namespace", messageID: "b33803d7b4bb3cd1655a82f8cdd9963b",
        title: "Entered the host mount namespace",
        meaning: """
            A process that belongs to a container works on the node's own file tree, as nsenter into PID 1 does. What \
            it may do there is what root on the node may do.
            """)

    /// A task of a container is in the node's PID namespace, which its pod does not share.
    static let enteredHostPIDNamespace = enteredHost(
        .pid, id: "entered-host-pid-namespace", messageID: "cb5c0ca6d679066788596555ac363e1b",
        title: "Entered the host PID namespace",
        meaning: "A process that belongs to a container sees, signals and may trace every process of the node.")

    /// A task of a container is in the node's network namespace, which its pod does not share.
    static let enteredHostNetworkNamespace = enteredHost(
        .network, id: "entered-host-network-namespace", messageID: "f2720011273f53ff7c8551efb8c04f58",
        title: "Entered the host network namespace",
        meaning: """
            A process that belongs to a container uses the node's network: its loopback, its routes, its identity at \
            the instance metadata service.
            """)

    /// A task of a container is in the node's IPC namespace, which its pod does not share.
    static let enteredHostIPCNamespace = enteredHost(
        .ipc, id: "entered-host-ipc-namespace", messageID: "c089dc294e159cfa162f8be879afa1d8",
        title: "Entered the host IPC namespace",
        meaning: "A process that belongs to a container reaches the shared memory and queues of the node's processes.")

    /// A task of a container is in the node's UTS namespace, which its pod does not share.
    static let enteredHostUTSNamespace = enteredHost(
        .uts, id: "entered-host-uts-namespace", messageID: "54009d5e994ce3ac440a6276faf504e9",
        title: "Entered the host UTS namespace",
        meaning: "A process that belongs to a container can change the node's host name.")

    /// A task of a container is in the node's cgroup namespace, where its record gives it one of its own.
    static let enteredHostCgroupNamespace = enteredHost(
        .cgroup, id: "entered-host-cgroup-namespace", messageID: "4b8630cb48d84c819a8d9a1017d4eccd",
        title: "Entered the host cgroup namespace",
        meaning: """
            A process that belongs to a container sees the node's whole cgroup tree by its own paths, as one does that \
            joins PID 1's namespaces.
            """)

    private static func enteredHost(
        _ kind: NamespaceKind, id: String, messageID: String, title: String, meaning: String
    ) -> Check {
        Check(
            Technique(
                id: id, title: title, class: .action, weight: .action, attack: ["T1611"], messageID: messageID,
                reason:
                    "a task of the container is in the host's \(kind.rawValue) namespace, which its pod does not share",
                meaning: meaning,
                remedy: """
                    Treat the node as taken: cordon it, keep the process and its parents for the investigation, and \
                    replace the node. Then remove what made it possible: hostPID, privileged, added capabilities.
                    """),
            reads: kind == .mount ? [.threads, .bundles, .mounts] : [.threads, .bundles],
            entry: { task, kinds, container, index in
                kinds.contains(kind) ? evidence(kind, [task], container, index) : nil
            }
        ) { index in
            guard index.hostNamespace(kind) != nil else { return [] }
            return index.node.containers.indices.compactMap { evidence(kind, index.tasks(of: $0), $0, index) }
        }
    }

    private static func evidence(
        _ kind: NamespaceKind, _ tasks: [NodeTask], _ container: Int, _ index: NodeIndex
    ) -> Evidence? {
        guard isForbidden(kind, container, index) else { return nil }
        let inside = tasks.filter { !$0.isStarting && entered(kind, $0, index) != nil }
        guard let task = inside.first(where: \.isMainThread) ?? inside.first,
            let namespace = entered(kind, task, index)
        else { return nil }
        let own = index.ownNamespace(kind, of: container)
        var values: [String: EvidenceValue] = [
            "namespace": .number(Int64(namespace.rawValue)), "tasks": .number(Int64(inside.count)),
            "thread": .flag(!task.isMainThread),
        ]
        if let own { values["ownNamespace"] = .number(Int64(own.rawValue)) }
        let parent = index.process(task.parent).map { ", child of \(index.name($0))" } ?? ""
        return Evidence(
            container: container, task: task, declaration: .undeclared,
            detail:
                "\(index.name(task, in: container))\(parent): ns/\(kind.rawValue) \(namespace) is \(index.hostName(kind, namespace))"
                + (own.map { "; the pod's own is \($0)" } ?? ""),
            values: values)
    }

    /// The host's namespace that a task is in, or that its children will be in.
    private static func entered(_ kind: NamespaceKind, _ task: NodeTask, _ index: NodeIndex) -> NamespaceID? {
        [task.namespaces[kind], kind == .pid ? task.namespaces[.pidForChildren] : nil].compactMap { $0 }
            .first { index.isHost(kind, $0) }
    }

    /// Neither the container's record nor its sandbox's lets it into the host's namespace of a kind.
    static func isForbidden(_ kind: NamespaceKind, _ container: Int, _ index: NodeIndex) -> Bool {
        // No container shares the host's mount namespace, whatever is known of it.
        if kind == .mount { return true }
        // A hostNetwork sandbox has the host's UTS namespace too.
        if kind == .uts, index.declaresHost(.network, container) == true {
            return isForbidden(.network, container, index)
        }
        if index.declaresHost(kind, container) == false { return true }
        // These are the pod's, and a runtime always joins the sandbox's: a record that does not was made by hand.
        guard [.network, .ipc, .uts].contains(kind), let sandbox = index.sandbox(of: container) else { return false }
        return index.declaresHost(kind, sandbox) == false
    }
}

extension NodeIndex {
    /// `the host's`, or whose one is that was made from the host's.
    fileprivate func hostName(_ kind: NamespaceKind, _ namespace: NamespaceID) -> String {
        if namespace == hostNamespace(kind) { return "the host's" }
        let service = node.tasks.first { $0.container == nil && $0.namespaces[kind] == namespace }
        return service.map { "that of \(name($0)), a process of the node" } ?? "made from the host's"
    }
}
