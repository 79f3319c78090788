import NodeModel

extension NodeJoin {
    /// A process in the mount namespace of one container and the cgroup of another: it came from the first and moved, or
    /// from the second and entered.
    ///
    /// The cgroup is the easier to change, and whoever moves into a victim's group must not be told as the victim. What
    /// a process cannot change tells where it was made: the runtime's record of it, its parents, its PID namespace
    /// (pid_namespaces(7): setns changes that of its children only).
    static func attributeMoved(_ node: inout Node) {
        let index = NodeIndex(node, hostPaths: false)
        var moved: [Int: Int] = [:]
        for (position, task) in node.tasks.enumerated() {
            guard let owner = otherContainer(task, index), let origin = origin(of: task, index) else { continue }
            // Within a pod only the container itself tells, as its sandbox stands for all of them.
            let isWithinPod = index.podOfContainer[owner] == task.container.flatMap { index.podOfContainer[$0] }
            if origin == owner || !isWithinPod && index.podOfContainer[origin] == index.podOfContainer[owner] {
                moved[position] = owner
            }
        }
        for (position, owner) in moved {
            node.tasks[position].container = owner
            node.tasks[position].attribution = .mountNamespace
        }
    }

    /// The owner of the task's mount namespace, where that is not the container of its cgroup.
    private static func otherContainer(_ task: NodeTask, _ index: NodeIndex) -> Int? {
        guard let container = task.container, let namespace = task.namespaces[.mount],
            let owner = index.owner(of: .mount, namespace), owner != container, index.podOfContainer[owner] != nil
        else { return nil }
        return owner
    }

    /// The container that the task was made in.
    private static func origin(of task: NodeTask, _ index: NodeIndex) -> Int? {
        if let first = index.node.containers.firstIndex(where: { $0.initPID == task.pid }) { return first }
        // A parent that is in doubt itself says nothing.
        let parents = (task.isMainThread ? [] : index.process(task.pid).map { [$0] } ?? []) + index.ancestors(of: task)
        let sure = parents.lazy.filter { otherContainer($0, index) == nil }.compactMap(\.container).first
        return sure ?? task.namespaces[.pid].flatMap { index.owner(of: .pid, $0) }
    }
}
