import NodeModel

extension Check {
    /// A container that runs in the node's own PID namespace, as its record asks.
    ///
    /// It sees and signals every process of the node; with the right to trace them it is root there. Silent where the
    /// record says otherwise (that is an action), and where a namespace could not be read.
    static let hostPIDNamespace = hostNamespace(
        .pid,
        Technique(
            id: "host-pid-namespace", title: "Runs in the host PID namespace", class: .exposure, weight: .partial,
            attack: ["T1611", "T1610"], messageID: "844bf185a8e259de65f2ab7e3badb056",
            reason: "runs in the host PID namespace",
            meaning: """
                The container sees every process of the node, reads what /proc shows of them and may signal them. With \
                CAP_SYS_PTRACE or CAP_SYS_ADMIN it can enter any of them, and so become root on the node.
                """,
            remedy: "Remove hostPID from the pod. An agent that must see processes needs no added capability for that."),
        declares: { request, _ in request.pod.spec.hostPID == true },
        weight: { index, container in
            let tracing: CapabilitySet = CapabilitySet.named(["SYS_PTRACE", "SYS_ADMIN"]).set
            let canTrace = index.processes(of: container).contains { task in
                guard let credentials = task.credentials, index.isInHostUserNamespace(task) == true else {
                    return false
                }
                return !credentials.effective.isDisjoint(with: tracing)
            }
            return canTrace ? .rootEquivalent : .partial
        })

    /// A container that runs in the node's own network namespace, as its record asks.
    static let hostNetworkNamespace = hostNamespace(
        .network,
        Technique(
            id: "host-network-namespace", title: "Runs in the host network namespace", class: .exposure,
            weight: .partial, attack: ["T1611", "T1610", "T1040"], messageID: "7f3827a893ab92be17398bb68a6906fc",
            reason: "runs in the host network namespace",
            meaning: """
                The container reaches what listens on the node's loopback, abstract sockets of the node and the \
                instance metadata service with the node's identity; with CAP_NET_RAW, a default capability, it reads \
                the traffic of every pod.
                """,
            remedy: "Remove hostNetwork from the pod, or drop NET_RAW and limit what listens on the node's loopback."),
        declares: { request, _ in request.pod.spec.hostNetwork == true })

    /// A container that runs in the node's own IPC namespace, as its record asks.
    static let hostIPCNamespace = hostNamespace(
        .ipc,
        Technique(
            id: "host-ipc-namespace", title: "Runs in the host IPC namespace", class: .exposure, weight: .partial,
            attack: ["T1611", "T1610", "T1005"], messageID: "17380a6924d55cb367bb2ae54b2ecda1",
            reason: "runs in the host IPC namespace",
            meaning: """
                The container reaches the System V and POSIX shared memory, semaphores and message queues of the \
                node's own processes.
                """,
            remedy: "Remove hostIPC from the pod; containers of one pod share memory without it."),
        declares: { request, _ in request.pod.spec.hostIPC == true })

    /// A container that runs in the node's own UTS namespace although its pod is not in the host's network.
    ///
    /// Silent for a hostNetwork pod: containerd gives its sandbox no UTS namespace either
    /// (internal/cri/server/podsandbox/sandbox_run_linux.go).
    static let hostUTSNamespace = hostNamespace(
        .uts,
        Technique(
            id: "host-uts-namespace", title: "Runs in the host UTS namespace", class: .exposure, weight: .minor,
            attack: ["T1611"], messageID: "876af1e14b2c165eef8471d9e2ec4ca3",
            reason: "runs in the host UTS namespace",
            meaning: "The container can change the node's host name, by which agents and logs know the node.",
            remedy: "Give the container a UTS namespace of its own; no pod setting asks for the host's alone."),
        declares: { request, _ in request.pod.spec.hostNetwork == true },
        isExpected: { index, container in index.declaresHost(.network, container) == true })

    /// A container in the node's cgroup namespace where its runtime normally gives it one.
    ///
    /// Silent on cgroup v1, for privileged containers and for sandboxes, where the host's is the rule
    /// (containerd internal/cri/server/podsandbox/sandbox_run_linux.go).
    static let hostCgroupNamespace = hostNamespace(
        .cgroup,
        Technique(
            id: "host-cgroup-namespace", title: "Runs in the host cgroup namespace", class: .exposure, weight: .minor,
            attack: ["T1611"], messageID: "e147ff8972180c121d4408f5c8eab1c4",
            reason: "runs in the host cgroup namespace",
            meaning: "The container sees the node's whole cgroup tree, and so the names of every pod and container.",
            remedy:
                "Let the runtime make a cgroup namespace, as it does on cgroup v2 for every container not privileged."),
        declares: { request, _ in request.isPrivileged },
        isExpected: { index, container in
            let record = index.node.containers[container]
            return index.node.host.cgroupVersion != 2 || record.kind == .sandbox || record.bundle?.isPrivileged == true
        })

    /// A container in the node's user namespace although its record gives it one of its own.
    ///
    /// Silent where the record gives none: nearly every pod is in the host's.
    static let hostUserNamespace = Check(
        Technique(
            id: "host-user-namespace", title: "Runs in the host user namespace against its record", class: .exposure,
            weight: .rootEquivalent, attack: ["T1611"], messageID: "967ba00b4c22809c98e308b692bea13f",
            reason: "runs in the host user namespace although its record gives it one of its own",
            meaning: """
                The pod counts on root inside being nobody outside, and that does not hold: its root and its \
                capabilities are real on the node.
                """,
            remedy:
                "Find out how the process got there; restart the pod, and check the runtime's support for hostUsers: false."
        ),
        reads: [.bundles], namespaces: [.user]
    ) { index in
        index.node.containers.indices.compactMap { container in
            guard index.node.containers[container].bundle?.namespace(.user) != nil,
                let host = index.hostNamespace(.user),
                let task = index.processes(of: container).first(where: { $0.namespaces[.user] == host })
            else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared,
                detail: "\(index.name(task)): ns/user \(host) is the host's",
                values: ["namespace": .number(Int64(host.rawValue))])
        }
    }

    /// The exposure of one namespace kind: a process is in the host's, and the record asks for it or there is none.
    private static func hostNamespace(
        _ kind: NamespaceKind, _ technique: Technique, declares: @escaping @Sendable (PodRequest, Evidence) -> Bool?,
        weight: (@Sendable (NodeIndex, Int) -> Weight)? = nil,
        isExpected: @escaping @Sendable (NodeIndex, Int) -> Bool = { _, _ in false }
    ) -> Check {
        Check(technique, reads: [.bundles], namespaces: [kind], declares: declares) { index in
            guard let host = index.hostNamespace(kind) else { return [] }
            return index.tenants.compactMap { container in
                let inHost = index.processes(of: container).filter { $0.namespaces[kind] == host }
                let declares = index.declaresHost(kind, container)
                guard let task = inHost.first, !isForbidden(kind, container, index), !isExpected(index, container)
                else { return nil }
                return Evidence(
                    container: container, task: task, declaration: declares == nil ? .unknown : .declaredByRuntime,
                    weight: weight?(index, container),
                    detail: "ns/\(kind.rawValue) \(host) is the host's",
                    values: ["namespace": .number(Int64(host.rawValue)), "processes": .number(Int64(inHost.count))])
            }
        }
    }
}
