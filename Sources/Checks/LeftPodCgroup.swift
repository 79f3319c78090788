import NodeModel

extension Check {
    /// A task that belongs to a container is outside the container's cgroup, wholly or in some v1 hierarchies.
    ///
    /// Reads each task's cgroup lines against the groups beside the pod's sandbox, where the records put the container,
    /// and against those of its first process, which may have left them itself. Groups below the container's own are
    /// fine. A task that ends has no cgroup of v1 any more, and is left out. Silent where neither is known and every
    /// line names the container; and of a container without a record, which is a gap, where all its tasks are elsewhere
    /// together: one in a node that is nested in this one is, in each hierarchy that its runtime does not use. Tasks that
    /// outlived their container are told by their mounts.
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
        reads: [.threads, .bundles, .mounts],
        act: { task, deed, container, index in
            guard case .movedToCgroup(let line, let mover) = deed, let container else { return nil }
            return evidence(ofMoving: task, to: line, by: mover, container, index)
        }
    ) { index in
        index.node.containers.indices.compactMap { container in
            let groups = OwnGroups(of: container, index)
            // Most tasks of a container are in one group, which need not be looked at for each.
            var inPlace: Set<Int> = []
            for task in index.tasks(of: container)
            where !task.isStarting && !task.isKernelThread && task.isExiting != true {
                if task.attribution == .cgroup, let cgroup = task.cgroup, !inPlace.insert(cgroup).inserted { continue }
                if let evidence = evidence(ofLeaving: task, groups, container, index) { return evidence }
            }
            return nil
        } + evidenceOfSurvivors(index)
    }

    private static func evidence(
        ofLeaving task: NodeTask, _ groups: OwnGroups, _ container: Int, _ index: NodeIndex
    ) -> Evidence? {
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
            left = groups.linesLeft(by: task, lines)
            how = "is in the container's cgroup in other hierarchies"
        case nil:
            return nil
        }
        guard let first = left.mostTelling else { return nil }
        let names = left.map(\.name)
        return Evidence(
            container: container, task: task, declaration: .undeclared,
            detail: "\(index.name(task, in: container)) \(how), but in cgroup \(first.path)"
                + (names.count == 1 ? " of \(names[0])" : ""),
            values: [
                "hierarchies": .list(names), "cgroup": .text(first.path),
                "attribution": .text(task.attribution?.rawValue ?? ""),
                "parents": .list(index.ancestors(of: task).prefix(8).map { "\($0.pid) \($0.comm)" }),
            ])
    }

    /// A move that may have been taken back since; the values are those of a task that stays.
    private static func evidence(
        ofMoving task: NodeTask, to line: CgroupMembership, by mover: LineageTask, _ container: Int, _ index: NodeIndex
    ) -> Evidence? {
        guard !task.isKernelThread, OwnGroups(of: container, index).isLeft(movingTo: line) else { return nil }
        var line = line
        let known = index.node.cgroups.lazy.flatMap(\.memberships).first { $0.hierarchy == line.hierarchy }
        line.controllers = known?.controllers ?? []
        let isItself = mover.tid == task.tid
        let mover = "\(mover.pid) \(mover.name.text)"
        return Evidence(
            container: container, task: task, declaration: .undeclared,
            detail: "\(index.name(task)) was moved to cgroup \(line.path) of \(line.name) by "
                + (isItself ? "itself" : "pid \(mover)"),
            values: [
                "hierarchies": .list([line.name]), "cgroup": .text(line.path), "attribution": .text("move"),
                "mover": .text(mover),
                "parents": .list(index.ancestors(of: task).prefix(8).map { "\($0.pid) \($0.comm)" }),
            ])
    }
}

extension CgroupMembership {
    /// The hierarchy for people.
    var name: String { controllers.isEmpty ? "unified" : controllers.joined(separator: ",") }
}

extension [CgroupMembership] {
    /// A line that says more than that the task is in no group of its hierarchy.
    var mostTelling: CgroupMembership? { first { $0.path != "/" } ?? first }
}

/// Where a container's runtime put it, hierarchy by hierarchy.
private struct OwnGroups {
    private let id: String
    /// The container's own group: beside its sandbox's, or else where its first process is in it.
    private let groups: [UInt32: String]
    /// Hierarchies that the runtime uses for the pod, and in which the first process is not in the container's group.
    private let others: Set<UInt32>
    /// Without a record: the lines of all tasks that any line ties to the container.
    private let common: [CgroupMembership]?
    private let isHybrid: Bool

    init(of container: Int, _ index: NodeIndex) {
        id = index.node.containers[container].id
        let sandbox = index.sandbox(of: container).map { Self.groups(of: $0, index) } ?? [:]
        let besideSandbox = Self.groups(of: container, besideSandboxAt: sandbox, index)
        groups = Self.groups(of: container, index).merging(besideSandbox) { $1 }
        others = Set(sandbox.keys).subtracting(groups.keys)
        common = index.node.containers[container].bundle == nil ? Self.common(to: container, index) : nil
        isHybrid = index.node.host.cgroupVersion == 1
    }

    /// The lines of a task that are outside the container's own group.
    func linesLeft(by task: NodeTask, _ lines: [CgroupMembership]) -> [CgroupMembership] {
        // Without a first process to compare with, a task that is elsewhere in most hierarchies stands out all the same.
        if groups.isEmpty, task.attribution == .cgroupMinority {
            let elsewhere = lines.filter { $0.path != "/" && !$0.path.containsBytes(of: id) }
            guard let common else { return elsewhere }
            let own = lines.first { $0.path.containsBytes(of: id) }?.path ?? "/"
            return elsewhere.filter { !common.contains($0) && !own.hasPrefix($0.path + "/") }
        }
        return lines.filter { line in
            // On cgroup v1 the unified hierarchy has no controllers, and runc does not move what it runs by exec into the
            // container's group there (opencontainers/runc pull request 2087).
            if isHybrid, line.hierarchy == 0 { return false }
            if others.contains(line.hierarchy) { return Self.group(of: id, in: line.path) == nil }
            guard let group = groups[line.hierarchy] else { return false }
            return line.path != group && !line.path.hasPrefix(group + "/")
        }
    }

    private static func common(to container: Int, _ index: NodeIndex) -> [CgroupMembership] {
        let places = index.tasks(of: container).filter {
            $0.isExiting != true && [.cgroup, .cgroupMinority].contains($0.attribution)
        }.compactMap { task in task.cgroup.map { index.node.cgroups[$0].memberships } }
        return places.dropFirst().reduce(places.first ?? []) { common, lines in common.filter(lines.contains) }
    }

    /// Whether a group that a task is moved to, by its path from the hierarchy's root, is outside the container's own.
    ///
    /// The scan may have seen its paths from further down, so theirs are looked for anywhere in it: a copy of the whole path
    /// below another group is for the scan to see.
    func isLeft(movingTo line: CgroupMembership) -> Bool {
        if isHybrid, line.hierarchy == 0 { return false }
        // Where its own group is not known, the name has to do.
        if others.contains(line.hierarchy) || groups.isEmpty { return Self.group(of: id, in: line.path) == nil }
        guard let group = groups[line.hierarchy] else { return false }
        return !(line.path + "/").containsBytes(of: group + "/")
    }

    private static func groups(of container: Int, _ index: NodeIndex) -> [UInt32: String] {
        guard let position = index.initTask(of: container)?.cgroup else { return [:] }
        let id = index.node.containers[container].id
        return Dictionary(
            index.node.cgroups[position].memberships.compactMap { line in
                group(of: id, in: line.path).map { (line.hierarchy, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The container's groups beside those of its sandbox, where both records name one parent for them, as a kubelet
    /// does: a process can make a group of the same name elsewhere, and cannot change a record.
    private static func groups(
        of container: Int, besideSandboxAt sandbox: [UInt32: String], _ index: NodeIndex
    ) -> [UInt32: String] {
        guard let position = index.sandbox(of: container), position != container,
            index.hasCgroupOfSandbox(container) == true
        else { return [:] }
        let (own, its) = (index.node.containers[container].id, index.node.containers[position].id)
        return sandbox.mapValues { path in
            guard let end = path.endOfBytes(of: its) else { return path }
            return path[..<path.utf8.index(end, offsetBy: -its.utf8.count)] + own + path[end...]
        }
    }

    /// The container's own group: a path up to the element that names the container.
    ///
    /// Anybody may make a group of that name elsewhere, so the whole path counts where it is known.
    private static func group(of id: String, in path: String) -> String? {
        guard let end = path.endOfBytes(of: id) else { return nil }
        let next = path.utf8[end...].firstIndex(of: UInt8(ascii: "/"))
        return next.map { String(path[..<$0]) } ?? path
    }
}
