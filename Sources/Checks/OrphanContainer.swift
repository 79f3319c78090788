import NodeModel

extension Check {
    /// A container that no kubelet made: its record has no pod annotations, or names a sandbox that is not there or whose
    /// namespaces and cgroup it does not have, or its pod runs another container of that name; or it is a sandbox itself,
    /// of a pod that runs in another.
    ///
    /// Reads the runtimes' records. Silent for containers known by their cgroup alone, which the node lists as a gap, for
    /// a second one in its first minute, as the kubelet may be replacing the other, and of missing sandboxes where the
    /// time was up before every record was read.
    static let orphanContainer = Check(
        Technique(
            id: "orphan-container", title: "Runs a container that belongs to no pod", class: .residue,
            weight: .runnableResidue, attack: ["T1610", "T1611"], messageID: "a8c0ebe0302c1a587dfaeea69126172f",
            reason: "a container of the runtime belongs to no pod sandbox",
            meaning: """
                Somebody asked the container runtime directly, past the API server and every admission check. A pod \
                with the runtime's socket can do that and give itself the whole node. Operators with ctr, nerdctl or \
                docker on the node do it too.
                """,
            remedy: "Find out who made it (`ctr -n NAMESPACE containers info ID`); look for pods that mount the socket."
        ),
        reads: [.bundles]
    ) { index in
        // A record that could not be read may be a sandbox's; one that could and is a container's is none.
        let sandboxes = Dictionary(
            index.node.containers.filter {
                $0.kind == .sandbox || ($0.kind == .unknown && ($0.bundle != nil || $0.runtimeNamespace != nil))
            }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return index.node.containers.indices.compactMap { position in
            let container = index.node.containers[position]
            let why: String
            switch container.kind {
            case .plain: why = "its record has no pod annotations"
            case .container:
                guard let sandbox = container.sandboxID else {
                    why = "its record names no sandbox"
                    break
                }
                if let found = sandboxes[sandbox], found.runtimeNamespace == container.runtimeNamespace {
                    guard let difference = difference(from: found, position, index) ?? double(of: position, index)
                    else {
                        return nil
                    }
                    why = difference
                } else if index.node.lacksRecords == true {
                    return nil
                } else {
                    why = "its sandbox \(sandbox.prefix(13)) is not on this node"
                }
            case .sandbox:
                guard let pod = index.podOfContainer[position].map({ index.pods[$0] }), let own = pod.sandbox,
                    pod.secondSandboxes.contains(position)
                else { return nil }
                why = "its pod runs in another sandbox, \(index.node.containers[own].id.prefix(13))"
            case .unknown: return nil
            }
            return evidence(position, why, index)
        }
    }

    /// The older container of the same name and sandbox, where both have run for longer than a replacement takes.
    private static func double(of position: Int, _ index: NodeIndex) -> String? {
        let own = index.node.containers[position]
        guard let name = own.name, let pod = index.podOfContainer[position], let start = lastingStart(position, index)
        else { return nil }
        let older = index.pods[pod].containers.first { other in
            let record = index.node.containers[other]
            return other != position && record.name == name && record.sandboxID == own.sandboxID
                && lastingStart(other, index).map { ($0, record.id) < (start, own.id) } ?? false
        }
        return older.map { "its pod runs another container \(name), \(index.node.containers[$0].id.prefix(13))" }
    }

    /// When the container started, in clock ticks after boot; `nil` where it does not run, or not for a minute yet.
    private static func lastingStart(_ container: Int, _ index: NodeIndex) -> UInt64? {
        let start = index.processes(of: container).filter { $0.isExiting != true }.map(\.startTime).min()
        return start.flatMap { index.node.host.isYoung(startedAt: $0) == false ? $0 : nil }
    }

    private static func evidence(_ position: Int, _ why: String, _ index: NodeIndex) -> Evidence {
        let container = index.node.containers[position]
        var values: [String: EvidenceValue] = [:]
        if let namespace = container.runtimeNamespace { values["runtimeNamespace"] = .text(namespace) }
        if let path = container.bundle?.cgroupsPath { values["cgroupsPath"] = .text(path) }
        if let sandbox = container.sandboxID { values["sandboxID"] = .text(sandbox) }
        return Evidence(
            container: position, task: index.processes(of: position).first, declaration: .undeclared,
            detail: "\(container.id): \(why)", values: values)
    }

    /// What shows that nobody made the container for the sandbox that its annotations name.
    ///
    /// A container joins its sandbox's network, IPC and UTS namespaces by their paths, and has its cgroup beside the
    /// sandbox's (containerd, internal/cri/server/container_create.go); docker keeps no such paths.
    private static func difference(from sandbox: Container, _ container: Int, _ index: NodeIndex) -> String? {
        let record = index.node.containers[container]
        guard record.runtime == .containerd else { return nil }
        let made = [NamespaceKind.network, .ipc, .uts].filter { kind in
            record.bundle?.namespace(kind).map { $0.path == nil } ?? false
        }
        if !made.isEmpty {
            let names = made.map(\.rawValue).joined(separator: ", ")
            return "its \(names) namespaces are not those of its sandbox \(sandbox.id.prefix(13))"
        }
        guard index.hasCgroupOfSandbox(container) == false else { return nil }
        return "its cgroup is not that of its pod"
    }
}
