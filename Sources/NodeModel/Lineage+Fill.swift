extension Lineage {
    /// Takes over what a scan found, at the start and after a loss of records; apply first what the rings hold.
    ///
    /// Events stand above the scan as long as none was lost: the scan read each task at some moment of its run, and
    /// the events have gone on since. Owners are the scan's, which knows the runtimes' records, but for what only events
    /// tell. After a loss that was told while the scan ran, another scan is needed.
    /// - Parameter start: when the scan began, in nanoseconds of CLOCK_MONOTONIC.
    package mutating func fill(from node: Node, scanBegan start: UInt64) {
        lacksRunning = false
        let told = lastLoss < start ? losses : losses &- 1
        for task in node.tasks { merge(task, of: node, losses: told) }
        // A scan that was cut, or met processes that it could not read, has not seen everything that runs.
        let isWhole = !node.gaps.contains { [.timeLimit, .reference, .process].contains($0.kind) }
        if isWhole { endMissing(from: node, scanBegan: start) }
    }

    /// Takes over one task that was found, as sure as the scan is.
    private mutating func merge(_ found: NodeTask, of node: Node, losses told: UInt32) {
        let scanned = LineageTask(found, of: node)
        guard let slot = slotOfThread[scanned.tid] else {
            insert(scanned, losses: told)
            return
        }
        let known = slots[slot].task
        guard isSame(known, scanned) else {
            // A number that was given anew while the scan ran is told by its events.
            if known.startTime ?? 0 < scanned.startTime ?? 0 { insert(scanned, losses: told) }
            return
        }
        let isCertain = slots[slot].losses == losses
        var task = isCertain ? known : scanned
        task.endedAt = known.endedAt
        task.owner = owner(of: self.told(slots[slot]), scanned.owner, found.attribution, on: node.host)
        task.startTime = scanned.startTime
        if known.startTime == nil {
            task.parent = scanned.parent
            task.isKernelThread = scanned.isKernelThread
        }
        if task.namespaces.isEmpty { (task.namespaces, task.home) = (scanned.namespaces, scanned.home) }
        put(Slot(task: task, losses: isCertain ? losses : told, movedIn: slots[slot].movedIn), in: slot)
    }

    /// Whose a task is of which events and a scan tell.
    ///
    /// The scan sees where the task is, not where it came from: a container's that is in no group, mounts or shim of its
    /// container is nobody's there, and a process of the node that looks into a container is that container's.
    private func owner(
        of known: LineageTask, _ scanned: CgroupPlacement.Owner, _ attribution: NodeTask.Attribution?, on host: Host
    ) -> CgroupPlacement.Owner {
        switch (known.owner, scanned) {
        case (_, .unknown): return known.owner
        // What a runtime moved in, it may move out again as long as that is its own program.
        case (.container, .host), (.container, .pod):
            return known.isCertain && !known.isStarting ? known.owner : scanned
        case (.host, .container):
            guard attribution == .mountNamespace, let home = known.home else { return scanned }
            return home == host.reference?.namespaces[.mount] ? .host : scanned
        default: return scanned
        }
    }

    /// Whether both are one task; the start that an event tells may be a tick later.
    private func isSame(_ known: LineageTask, _ scanned: LineageTask) -> Bool {
        guard known.pid == scanned.pid else { return false }
        guard let start = known.startTime, let other = scanned.startTime else { return true }
        return start == other || start == other + 1
    }

    /// Ends what had started before the scan and is not in it: the record of its end was lost, or is still to come.
    ///
    /// Threads beside the main one are not told by every scan; they end with their process.
    private mutating func endMissing(from node: Node, scanBegan start: UInt64) {
        let running = Set(node.tasks.lazy.map(\.pid))
        for slot in slots.indices {
            guard slots[slot].isRunning, !running.contains(slots[slot].task.pid) else { continue }
            if slots[slot].task.startTime ?? 0 < ticks(start) { end(slot, at: start) }
        }
    }
}

extension LineageTask {
    /// What a scan found of a task.
    init(_ task: NodeTask, of node: Node) {
        var namespaces = NamespaceSet()
        for kind in KernelEvent.namespaceKinds { namespaces[kind] = task.namespaces[kind] }
        self.init(
            pid: task.pid, tid: task.tid, parent: task.parent, startTime: task.startTime,
            name: TaskName(task.comm), isKernelThread: task.isKernelThread, owner: Self.owner(of: task, in: node),
            namespaces: namespaces, home: namespaces[.mount])
    }

    /// The container that the scan counts a task to, whose cgroup need not be the task's own; else whose its cgroup is.
    private static func owner(of task: NodeTask, in node: Node) -> CgroupPlacement.Owner {
        let byCgroup = task.cgroup.map { node.cgroups[$0].owner } ?? .unknown
        guard let container = task.container.map({ node.containers[$0] }) else { return byCgroup }
        if case .container(let place) = byCgroup, place.containerID == container.id { return byCgroup }
        return .container(
            ContainerPlace(
                containerID: container.id, podUID: container.pod?.uid,
                outerContainerIDs: container.outerContainerIDs))
    }
}
