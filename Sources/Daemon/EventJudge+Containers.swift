import LinuxSystem
import NodeModel

extension EventJudge {
    /// Takes containers that are about to be started: whose their first processes are is known from now on.
    mutating func take(_ containers: [StartedContainer]) {
        for started in containers {
            unscanned.add(started, at: Clock.monotonicNanoseconds())
            guard let known = lineage[started.pid], let place = place(of: started, in: known.namespaces[.mount])
            else { continue }
            if case .container = known.owner { continue }
            lineage.assign(.container(place), toProcess: started.pid)
        }
    }

    /// Where a container's first process is, as its cgroup tells, or else the runtime's record of it.
    ///
    /// A record that somebody forged may name anybody's process: one in the node's own mounts, or in those of a known
    /// container, is not this one's.
    private func place(of started: StartedContainer, in mount: NamespaceID?) -> ContainerPlace? {
        if let place = started.place { return place }
        guard let mount, let index = view?.index, !index.isHost(.mount, mount), index.owner(of: .mount, mount) == nil
        else { return nil }
        return ContainerPlace(containerID: started.container.id, podUID: started.container.pod?.uid)
    }

    /// The event with the container whose first process its task is, where that was heard of only later.
    func withFirstProcess(_ event: TaskEvent) -> TaskEvent {
        guard event.task.owner == .unknown || event.task.owner == .host,
            let owner = containerOfFirstProcess(event.task, in: event.mountBefore)
        else { return event }
        var event = event
        event.task.owner = owner
        return event
    }

    /// The container whose first process a task is, by the runtime's record.
    func containerOfFirstProcess(_ task: LineageTask, in mount: NamespaceID?) -> CgroupPlacement.Owner? {
        guard let (started, toldAt) = unscanned.container(ofFirstProcess: task.pid),
            task.startTime.map({ $0 <= lineage.ticks(toldAt) }) ?? false
        else { return nil }
        return place(of: started, in: mount).map { .container($0) }
    }

    /// The index with the containers of events that have ended before the scan came to them: what a runtime's record said
    /// of them before they ran, or else their cgroup, which has their pod's uid.
    func adding(containersOf events: [TaskEvent], to index: NodeIndex) -> NodeIndex {
        var node = index.node
        var added: Set<String> = []
        for event in events {
            guard case .container(let place) = event.task.owner, index.container(place.containerID) == nil,
                added.count < Self.addedLimit, added.insert(place.containerID).inserted
            else { continue }
            var container = unscanned[place.containerID] ?? Container(place)
            // By now the number may be another's.
            container.initPID = nil
            node.containers.append(container)
        }
        return added.isEmpty ? index : NodeIndex(node)
    }

    /// How many ended containers are added for one scan's events; what others did is counted.
    private static let addedLimit = 256
}

extension TaskEvent {
    /// The mount namespace that its task was in when it began.
    fileprivate var mountBefore: NamespaceID? {
        if case .change(let change) = self { change.before[.mount] } else { task.namespaces[.mount] }
    }
}
