import NodeModel

extension NodeJoin {
    /// A process that left its container's cgroups and mount namespace, and whose parents have ended, is still a child of
    /// its pod's shim, which the kernel makes its parent (PR_SET_CHILD_SUBREAPER, prctl(2)).
    ///
    /// The shim's own children are the runtime and a logger, in the shim's cgroup; and what the runtime starts is in the
    /// container's before it becomes the shim's. In the shim's cgroup only namespaces tell, which the runtime leaves
    /// within a minute.
    static func attributeByShim(_ node: inout Node) {
        var containers: [Int32: Int] = [:]
        var shims: [Int32: NodeTask] = [:]
        let firstProcesses = Dictionary(
            node.containers.enumerated().compactMap { index, container in container.initPID.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        for task in node.tasks where task.isMainThread {
            if let container = task.container {
                let known = containers[task.parent].map { node.containers[$0].kind }
                if known == nil || known == .sandbox { containers[task.parent] = container }
            } else if task.isRuncShim {
                shims[task.pid] = task
            }
        }
        for index in node.tasks.indices where node.tasks[index].container == nil {
            let task = node.tasks[index]
            guard let shim = shims[task.parent], let container = containers[task.parent], !task.isKernelThread,
                isElsewhere(task, shim, isOld: node.host.isYoung(startedAt: task.startTime) == false)
            else { continue }
            // A record that names it tells which of the pod's containers it is the first process of.
            let recorded = firstProcesses[task.pid].flatMap { first in
                node.containers[first].sandboxID == node.containers[container].sandboxID ? first : nil
            }
            node.tasks[index].container = recorded ?? container
            node.tasks[index].attribution = .ancestry
        }
    }

    private static func isElsewhere(_ task: NodeTask, _ shim: NodeTask, isOld: Bool) -> Bool {
        if let own = task.cgroup, let its = shim.cgroup, own != its, task.isExiting != true { return true }
        return isOld
            && [NamespaceKind.pid, .network, .ipc, .uts].contains {
                task.namespaces.differs(in: $0, from: shim.namespaces)
            }
    }
}
