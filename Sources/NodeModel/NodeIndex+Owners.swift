/// Whose each namespace is.
extension NodeIndex {
    /// The mount namespaces whose table shows the node's own root: its file system, from the same directory on.
    static func findNodeTrees(_ node: Node) -> Set<NamespaceID> {
        func root(_ mounts: [Mount]) -> Mount? { mounts.last { $0.mountPoint == "/" } }
        guard let host = root(node.host.mounts) else { return [] }
        return Set(
            node.mountTables.filter { table in
                root(table.mounts).map { $0.device == host.device && $0.root == host.root } ?? false
            }.map(\.namespace))
    }

    /// Those of them that are no container's.
    ///
    /// A table shows what is below the root of the task that it was read of: one whose container has the node's `/`
    /// mounted may have changed its root to that, in a namespace that no process of the node is in.
    static func findHostTrees(
        among trees: Set<NamespaceID>, _ node: Node, _ processes: [Int32: Int]
    ) -> Set<NamespaceID> {
        if trees.isEmpty { return [] }
        let withRoot = node.containers.indices.filter { node.containers[$0].mountsRootOfNode }
        let first = withRoot.compactMap { container in
            node.containers[container].initPID.flatMap { processes[$0] }.map { node.tasks[$0] }
                .flatMap { $0.container == container ? $0.namespaces[.mount] : nil }
        }
        let ofNode = node.tasks.lazy.filter { $0.container == nil }.compactMap { $0.namespaces[.mount] }
        return trees.subtracting(Set(first).subtracting(ofNode))
    }

    /// Whether a mount namespace that shows the node's root is one that a runtime has just made for a container, as far as
    /// the node shows: it becomes the container's own, or its number another's.
    package func isPassingHostTree(_ namespace: NamespaceID) -> Bool {
        guard namespace != hostNamespace(.mount), isHost(.mount, namespace) else { return false }
        return !node.tasks.contains { task in
            task.namespaces[.mount] == namespace
                && (task.container == nil || node.host.isYoung(startedAt: task.startTime) == false)
        }
    }

    static func findOwners(
        _ node: Node, _ pods: [PodView], _ podOfContainer: [Int?], _ processes: [Int32: Int],
        hostTrees: Set<NamespaceID>
    ) -> [NamespaceKind: [NamespaceID: Int]] {
        var owners: [NamespaceKind: [NamespaceID: Int]] = [:]
        func claim(_ kind: NamespaceKind, _ namespace: NamespaceID?, _ container: Int) {
            // Without the host's there is no telling whether it is the container's own.
            guard let namespace, let host = node.host.reference?.namespaces[kind], namespace != host else { return }
            if kind == .mount, hostTrees.contains(namespace) { return }
            if owners[kind]?[namespace] == nil { owners[kind, default: [:]][namespace] = container }
        }
        let byDevice = Dictionary(
            node.containers.enumerated().compactMap { index, container in container.rootDevice.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        for table in node.mountTables {
            guard let root = table.mounts.last(where: { $0.mountPoint == "/" }) else { continue }
            if let container = byDevice[root.device] { claim(.mount, table.namespace, container) }
        }
        for container in claimants(node, pods) {
            guard let pid = node.containers[container].initPID, let index = processes[pid],
                node.tasks[index].container == container
            else { continue }
            let sandbox = podOfContainer[container].flatMap { pods[$0].sandbox }.map { node.containers[$0] }
            for kind in [NamespaceKind.mount, .pid, .network, .ipc, .uts, .cgroup]
            where !node.containers[container].isGivenNamespace(kind, ofOthersThan: sandbox) {
                claim(kind, node.tasks[index].namespaces[kind], container)
            }
        }
        return owners
    }

    /// The containers in the order in which their first processes are believed: those of sandboxes run nothing but
    /// pause, and who has no CAP_SYS_ADMIN cannot have entered another's namespace (setns(2)).
    private static func claimants(_ node: Node, _ pods: [PodView]) -> [Int] {
        func mayEnter(_ container: Int) -> Bool {
            node.containers[container].bundle?.capabilities.isSuperset(of: CapabilitySet.named(["SYS_ADMIN"]).set)
                ?? true
        }
        let others = node.containers.indices.filter { node.containers[$0].kind != .sandbox }
        return pods.compactMap(\.sandbox) + others.filter { !mayEnter($0) } + others.filter(mayEnter)
    }
}

extension Container {
    fileprivate var mountsRootOfNode: Bool {
        bundle?.mounts.contains { $0.isBind && $0.source.map { PathParts($0).parts.isEmpty } ?? false } ?? false
    }

    /// Whether the record puts the container into the namespace of a process that is not its pod's sandbox's.
    fileprivate func isGivenNamespace(_ kind: NamespaceKind, ofOthersThan sandbox: Container?) -> Bool {
        guard let path = bundle?.namespace(kind)?.path,
            let pid = NodeIndex.processOfNamespacePath(path, kind)
        else { return false }
        return pid != sandbox?.initPID
    }
}
