package import Checks
package import NodeModel

/// What a change of namespaces, of a file of the node, or another act of a task comes to, judged against the latest scan.
package enum EntryJudgement: Sendable, Equatable {
    /// Nothing that a check speaks of.
    case nothing
    case findings([Finding])
    /// The task seems to be a container's of which the scan knows nothing: a new scan is needed to tell.
    case unknownContainer
}

extension EntryJudgement {
    /// Judges one change.
    ///
    /// The task is the container's that its cgroup names, or, as nobody tells of a task that moves to a cgroup, the one in
    /// whose mount namespace it was before. A process of the node that looks into a container and comes back, as
    /// nvidia-container-cli and perf do, is the node's as long as it runs no program there.
    package init(of change: NamespaceChange, in index: NodeIndex, by checks: [Check] = Check.all) {
        let kinds = change.kinds.filter { Self.isSensitive($0, change, index) }
        // A runtime that the kernel told to be in the container's cgroup already, with its own program.
        guard !kinds.isEmpty, !change.task.isStarting else {
            self = .nothing
            return
        }
        let owner = Self.container(of: change.task, from: change.before[.mount], in: index)
        self.init(of: change.task, owner) { task, container in
            guard let container else { return [] }
            return checks.compactMap { check in
                check.entry?(task, kinds, container, index).map { Finding(check, $0, in: index) }
            }
        }
    }

    /// Judges another act.
    package init(of act: TaskAct, in index: NodeIndex, by checks: [Check] = Check.all) {
        guard !act.task.isStarting else {
            self = .nothing
            return
        }
        let owner = Self.container(of: act.task, from: act.task.namespaces[.mount], in: index)
        self.init(of: act.task, owner) { task, container in
            checks.compactMap { check in
                check.act?(task, act.deed, container, index).map { Finding(check, $0, in: index) }
            }
        }
    }

    /// What checks find of a task, as far as its container is known; `nil` is the node itself.
    init(of task: LineageTask, _ owner: Owner, findings: (NodeTask, _ container: Int?) -> [Finding]) {
        let container: Int?
        switch owner {
        case .unknown:
            self = .unknownContainer
            return
        case .none: container = nil
        case .known(let known): container = known
        }
        let findings = findings(NodeTask(task, in: container), container)
        self = findings.isEmpty ? .nothing : .findings(findings)
    }

    enum Owner {
        case none
        case unknown
        case known(Int)
    }

    /// The namespace that was entered is the host's, or a pod's.
    private static func isSensitive(_ kind: NamespaceKind, _ change: NamespaceChange, _ index: NodeIndex) -> Bool {
        guard let now = change.after[kind] else { return false }
        if index.owner(of: kind, now) != nil { return true }
        return index.isHost(kind, now) && !(kind == .mount && index.isPassingHostTree(now))
    }

    /// - Parameter mount: the mount namespace in which the task was.
    private static func container(of task: LineageTask, from mount: NamespaceID?, in index: NodeIndex) -> Owner {
        if case .container(let place) = task.owner {
            return index.container(place.containerID).map { .known($0) } ?? .unknown
        }
        // A process of the node: a network plugin that comes back from a pod's network, a runtime.
        guard let mount, !index.isHost(.mount, mount), !index.isVisitor(task) else { return .none }
        return index.owner(of: .mount, mount).map { .known($0) } ?? .unknown
    }
}

extension NodeIndex {
    /// A process of the node that has run no program since it left the node's own mounts.
    func isVisitor(_ task: LineageTask) -> Bool { task.owner == .host && isHost(.mount, task.home) }
}

extension NodeTask {
    /// A task of the lineage table as a check sees one; what no event tells is unknown.
    init(_ task: LineageTask, in container: Int?) {
        self.init(
            pid: task.pid, tid: task.tid, parent: task.parent, startTime: task.startTime ?? 0, comm: task.name.text,
            isKernelThread: task.isKernelThread, namespaces: task.namespaces, container: container,
            isStarting: task.isStarting)
    }
}
