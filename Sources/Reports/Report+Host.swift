package import NodeModel

extension Report {
    /// A process of the node itself that is in other namespaces than the host's: services with private mounts, say.
    package struct HostTask: Sendable, Equatable {
        package var pid: Int32
        package var comm: String
        package var executable: String?
        /// The kinds that differ from the host's.
        package var namespaces: [NamespaceKind]
    }

    /// These processes in ascending order of pid; `nil` when not asked for, or when the host's namespaces are unknown.
    package var hostTasks: [HostTask]? {
        guard options.showHost, let host = node.host.reference?.namespaces else { return nil }
        return node.tasks.compactMap { task in
            guard task.container == nil, task.isMainThread, !task.isKernelThread else { return nil }
            let kinds = NamespaceKind.allCases.filter { task.namespaces.differs(in: $0, from: host) }
            if kinds.isEmpty { return nil }
            return HostTask(pid: task.pid, comm: task.comm, executable: task.executable, namespaces: kinds)
        }
    }
}

extension Node {
    /// How long the reading took.
    var seconds: Double { Double(max(duration, 0)) / 1_000_000 }

    /// The container runtimes seen, in the order of their names; `nil` where no container tells.
    var runtimes: [String]? {
        let known = Set(containers.map(\.runtime)).filter { $0 != .unknown }
        return known.isEmpty ? nil : known.map(\.rawValue).sorted()
    }
}
