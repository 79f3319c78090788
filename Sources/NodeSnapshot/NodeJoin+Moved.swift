import NodeModel

extension NodeJoin {
    /// A process in the mount namespace of one pod and the cgroup of another: it came from the first and moved, or from
    /// the second and entered.
    ///
    /// The cgroup is the easier to change, and whoever moves into a victim's group must not be told as the victim. What
    /// a process cannot change tells where it was made: the runtime's record of it, its parents, its PID namespace
    /// (pid_namespaces(7): setns changes that of its children only).
    static func attributeMoved(_ node: inout Node) {
        let index = NodeIndex(node, hostPaths: false)
        var moved: [Int: Int] = [:]
        for position in node.tasks.indices {
            guard let (owner, pod) = otherPod(of: node.tasks[position], index) else { continue }
            if cameFrom(pod, node.tasks[position], index) { moved[position] = owner }
        }
        for (position, owner) in moved {
            node.tasks[position].container = owner
            node.tasks[position].attribution = .mountNamespace
        }
    }

    /// The owner of the task's mount namespace and its pod, where they are not those of its cgroup.
    private static func otherPod(of task: NodeTask, _ index: NodeIndex) -> (owner: Int, pod: Int)? {
        guard let container = task.container, let namespace = task.namespaces[.mount],
            let owner = index.owner(of: .mount, namespace), owner != container,
            let pod = index.podOfContainer[owner], pod != index.podOfContainer[container]
        else { return nil }
        return (owner, pod)
    }

    private static func cameFrom(_ pod: Int, _ task: NodeTask, _ index: NodeIndex) -> Bool {
        let isFirst = index.node.containers.enumerated().contains { container, record in
            record.initPID == task.pid && index.podOfContainer[container] == pod
        }
        if isFirst { return true }
        // A parent that is in doubt itself says nothing.
        let parents = (task.isMainThread ? [] : index.process(task.pid).map { [$0] } ?? []) + index.ancestors(of: task)
        for parent in parents where otherPod(of: parent, index) == nil {
            if let container = parent.container { return index.podOfContainer[container] == pod }
        }
        let born = task.namespaces[.pid].flatMap { index.owner(of: .pid, $0) }
        return born.map { index.podOfContainer[$0] == pod } ?? false
    }
}
