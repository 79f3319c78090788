import NodeModel

extension Check {
    /// A task that belongs to a container is outside the container's cgroup, wholly or in some v1 hierarchies.
    ///
    /// Reads each task's cgroup lines against those of the container's first process. Groups below the container's own
    /// are fine. Silent where the first process is not known and every line names the container.
    static let leftPodCgroup = Check(
        Technique(
            id: "left-pod-cgroup", title: "Left the pod's cgroup", class: .action, weight: .action,
            attack: ["T1611", "T1564"], messageID: "e759bbe9382924644e3f413bf8936823",
            reason: "a task of the container is outside the container's cgroup",
            meaning: """
                Outside its cgroup a process escapes the pod's limits, its device rules and the tools that count by \
                cgroup; writing to the node's cgroup tree needs rights that a pod should not have. An operator who \
                enters a container from the node looks the same: the ancestors tell.
                """,
            remedy: "Look at the ancestors; if they are not an operator's, treat the node as taken and replace it."),
        reads: [.threads, .bundles, .mounts]
    ) { index in
        index.node.containers.indices.compactMap { container in
            for task in index.tasks(of: container) where !task.isStarting && !task.isKernelThread {
                if let evidence = evidence(ofLeaving: task, container, index) { return evidence }
            }
            return nil
        }
    }

    private static func evidence(ofLeaving task: NodeTask, _ container: Int, _ index: NodeIndex) -> Evidence? {
        guard let position = task.cgroup else { return nil }
        let lines = index.node.cgroups[position].memberships
        let left: [CgroupMembership]
        let how: String
        switch task.attribution {
        case .mountNamespace:
            (left, how) = (lines, "is in the container's mount namespace")
        case .ancestry:
            (left, how) = (lines, task.isMainThread ? "descends from the container" : "is a thread of the container")
        case .cgroupMinority, .cgroup:
            left = linesLeft(by: task, lines, container, index)
            how = "is in the container's cgroup in other hierarchies"
        case nil:
            return nil
        }
        guard let first = left.first else { return nil }
        let names = left.map { $0.controllers.isEmpty ? "unified" : $0.controllers.joined(separator: ",") }
        return Evidence(
            container: container, task: task, declaration: .undeclared,
            detail: "\(index.name(task)) \(how), but in cgroup \(first.path)"
                + (names.count == 1 ? " of \(names[0])" : ""),
            values: [
                "hierarchies": .list(names), "cgroup": .text(first.path),
                "attribution": .text(task.attribution?.rawValue ?? ""),
                "parents": .list(index.ancestors(of: task).prefix(8).map { "\($0.pid) \($0.comm)" }),
            ])
    }

    /// The lines of a task that leave the container's own group, as the same hierarchies of its first process show it.
    private static func linesLeft(
        by task: NodeTask, _ lines: [CgroupMembership], _ container: Int, _ index: NodeIndex
    ) -> [CgroupMembership] {
        let id = index.node.containers[container].id
        let first = index.initTask(of: container).flatMap { $0.key == task.key ? nil : $0.cgroup }
        // Nearly every task shares its lines with the first process.
        if first == task.cgroup, task.attribution == .cgroup { return [] }
        guard let reference = first.map({ index.node.cgroups[$0].memberships }) else {
            // Without a first process to compare with, only a task that is elsewhere in most hierarchies stands out.
            return task.attribution == .cgroupMinority ? lines.filter { $0.path != "/" && !$0.path.contains(id) } : []
        }
        let groups = Dictionary(
            reference.compactMap { line in group(of: id, in: line.path).map { (line.hierarchy, $0) } },
            uniquingKeysWith: { first, _ in first })
        return lines.filter { line in
            guard let group = groups[line.hierarchy] else { return false }
            return line.path != group && !line.path.hasPrefix(group + "/")
        }
    }

    /// The container's own group: a path up to the element that names the container.
    ///
    /// Anybody may make a group of that name elsewhere, so the whole path counts.
    private static func group(of id: String, in path: String) -> String? {
        let elements = path.split(separator: "/")
        guard let last = elements.firstIndex(where: { $0.contains(id) }) else { return nil }
        return "/" + elements[...last].joined(separator: "/")
    }
}
