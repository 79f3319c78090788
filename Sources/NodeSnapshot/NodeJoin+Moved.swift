import NodeModel

extension NodeJoin {
    /// A process whose cgroup, mount namespace and origin are not of one container: it moved, or it entered.
    ///
    /// The cgroup is the easiest to change, a namespace the next, and whoever moves into a victim's must not be told as
    /// the victim: the process is its origin's. What nothing tells the origin of stays where its cgroup is.
    ///
    /// Nor as one of a container that is nothing but the name of a group, which anybody makes who may write to the
    /// cgroup tree; a container inside of a pod's, as docker's in docker, has mounts of its own.
    ///
    /// - Parameter index: of the same node.
    static func attributeMoved(_ node: inout Node, _ index: NodeIndex) {
        var origins = Origins(index)
        var moved: [Int: Int] = [:]
        for (position, task) in node.tasks.enumerated() where !task.isKernelThread {
            guard let container = task.container,
                index.podOfContainer[container] != nil || node.containers[container].isNameAlone
            else { continue }
            let origin = origins.origin(of: task)
            if let owner = index.mountOwner(of: task), owner != container {
                moved[position] = self.owner(of: task, owner, container, origin, index)
            } else if let origin, node.containers[container].bundle != nil,
                index.podOfContainer[origin.container] != index.podOfContainer[container]
            {
                moved[position] = origin.container
            }
        }
        for (position, container) in moved {
            let isInMounts = index.mountOwner(of: node.tasks[position]) == container
            node.tasks[position].container = container
            node.tasks[position].attribution = isInMounts ? .mountNamespace : .ancestry
        }
    }

    /// Whose a task in the mount namespace of one container and the cgroup of another is; `nil` where its cgroup is right.
    private static func owner(
        of task: NodeTask, _ mounts: Int, _ cgroup: Int, _ origin: Origins.Origin?, _ index: NodeIndex
    ) -> Int? {
        if let origin, origin.container == mounts { return mounts }
        let pods = (mounts: index.podOfContainer[mounts], cgroup: index.podOfContainer[cgroup])
        if pods.mounts == pods.cgroup {
            // Where only the pod tells, its cgroup is the likelier to have been changed.
            let isExact = origin.map { $0.isExact && $0.container == cgroup } ?? false
            return isExact || index.node.containers[mounts].kind == .sandbox ? nil : mounts
        }
        guard let origin else { return isMoved(task, from: mounts, to: cgroup, index) ? mounts : nil }
        let pod = index.podOfContainer[origin.container]
        if pod == pods.cgroup { return nil }
        return pod == pods.mounts ? mounts : origin.container
    }

    /// Where nothing tells the origin: the PID namespace of the node is that of pods which share it, and what the task
    /// left of its cgroups and its pod's namespaces tells as well.
    private static func isMoved(_ task: NodeTask, from mounts: Int, to cgroup: Int, _ index: NodeIndex) -> Bool {
        let isShared = [mounts, cgroup].map { index.declaresHost(.pid, $0) == true }
        if index.isHost(.pid, task.namespaces[.pid]), isShared[0] != isShared[1] { return isShared[0] }
        let lines = task.cgroup.map { index.node.cgroups[$0].memberships } ?? []
        if lines.contains(where: { $0.path.containsBytes(of: index.node.containers[mounts].id) }) { return true }
        let pods = [NamespaceKind.network, .ipc, .uts].compactMap { kind in
            task.namespaces[kind].flatMap { index.owner(of: kind, $0) }.flatMap { index.podOfContainer[$0] }
        }
        return !pods.isEmpty && pods.allSatisfy { $0 == index.podOfContainer[mounts] }
    }
}

extension Container {
    /// Nothing but a cgroup's name tells of it: its runtime has no record.
    fileprivate var isNameAlone: Bool { runtimeNamespace == nil && bundle == nil && initPID == nil }
}
