import NodeModel

/// Where each process was made, told by what it cannot change: the runtime's record of it, its parents, the shim that
/// the kernel made its parent, its PID namespace (pid_namespaces(7): setns changes that of its children only).
struct Origins {
    /// A container; where only its pod is certain, any of the pod's.
    struct Origin: Equatable {
        var container: Int
        var isExact: Bool
    }

    private let index: NodeIndex
    private let firstProcesses: [Int32: Int]
    private let shims: [Int32: Origin]
    /// By process; a `nil` in it says that nothing tells.
    private var known: [Int32: Origin?] = [:]

    init(_ index: NodeIndex) {
        self.index = index
        firstProcesses = Dictionary(
            index.node.containers.enumerated().compactMap { number, record in record.initPID.map { ($0, number) } },
            uniquingKeysWith: { first, _ in first })
        shims = Self.findShims(index)
    }

    /// The origin of the task's process.
    mutating func origin(of task: NodeTask) -> Origin? {
        // From the oldest ancestor down, and no function that calls itself: anybody may make a chain of any length.
        var chain: [NodeTask] = []
        var next = index.process(task.pid)
        while let process = next, known[process.pid] == nil {
            // A loop says nothing.
            known.updateValue(nil, forKey: process.pid)
            chain.append(process)
            next = index.process(process.parent)
        }
        for process in chain.reversed() { known.updateValue(find(process), forKey: process.pid) }
        return known[task.pid] ?? nil
    }

    private func find(_ process: NodeTask) -> Origin? {
        // A record may be older than the process that has its number now.
        if let first = firstProcesses[process.pid],
            first == process.container || first == index.mountOwner(of: process)
        {
            return wholeOrPart(first)
        }
        let parents = shims[process.parent] ?? originOfParent(process)
        if let parents, parents.isExact { return parents }
        let space = process.namespaces[.pid].flatMap { index.owner(of: .pid, $0) }.map(wholeOrPart)
        guard let parents else { return space }
        return space.flatMap { index.podOfContainer[$0.container] == pod(of: parents) ? $0 : nil } ?? parents
    }

    private func originOfParent(_ process: NodeTask) -> Origin? {
        guard let parent = index.process(process.parent) else { return nil }
        let origin = known[parent.pid] ?? nil
        // A parent that is in doubt itself says nothing.
        guard origin?.isExact != true, let container = parent.container, index.isUndisputed(parent),
            origin == nil || pod(of: origin) == index.podOfContainer[container]
        else { return origin }
        return wholeOrPart(container)
    }

    private func pod(of origin: Origin?) -> Int? { origin.flatMap { index.podOfContainer[$0.container] } }

    /// What a sandbox has stands for its whole pod: it runs nothing but pause.
    private func wholeOrPart(_ container: Int) -> Origin {
        Origin(container: container, isExact: index.node.containers[container].kind != .sandbox)
    }

    /// The shims all of whose first processes are of one pod, as a kubelet's are.
    private static func findShims(_ index: NodeIndex) -> [Int32: Origin] {
        var containers: [Int32: [Int]] = [:]
        for container in index.node.containers.indices {
            guard let first = index.initTask(of: container), let shim = index.process(first.parent),
                shim.container == nil, shim.isRuncShim
            else { continue }
            containers[shim.pid, default: []].append(container)
        }
        return containers.compactMapValues { containers in
            let pods = Set(containers.map { index.podOfContainer[$0] })
            guard pods.count == 1, pods.first.flatMap({ $0 }) != nil else { return nil }
            let own = containers.first { index.node.containers[$0].kind != .sandbox } ?? containers.first
            return own.map { Origin(container: $0, isExact: false) }
        }
    }
}

extension NodeIndex {
    /// The container of a pod in whose mount namespace the task is.
    func mountOwner(of task: NodeTask) -> Int? {
        guard let owner = task.namespaces[.mount].flatMap({ self.owner(of: .mount, $0) }),
            podOfContainer[owner] != nil
        else { return nil }
        return owner
    }

    /// The container of the task's mount namespace is that of its cgroup, or is not known.
    func isUndisputed(_ task: NodeTask) -> Bool { mountOwner(of: task).map { $0 == task.container } ?? true }
}
