package import NodeModel

extension NodeIndex {
    /// Whether a deed reaches what is the node's or a pod's, so that it matters who did it.
    package func isOfConcern(_ deed: TaskAct.Deed) -> Bool {
        switch deed {
        case .movedToCgroup, .loadedModule: true
        case .signalled(let target, _): isOfNode(target)
        case .traced(let target), .wroteMemory(let target): target.owner != .unknown
        case .called(let call): isOfConcern(call)
        }
    }

    private func isOfConcern(_ call: KernelCall) -> Bool {
        switch call {
        case .fileSystem(let device): isDiskOfNode(device)
        case .handle(let device): diskOfNode(device) != nil
        case .mount(let place): hostPath(of: place).map { NodeFilePlace.covered(by: $0) != nil } ?? false
        case .root(let place): hostPath(of: place)?.parts.isEmpty ?? false
        case .helper(let path, let arguments): Check.isUnusualHelper(path, arguments)
        case .setting(let name): Check.isOfConcern(setting: name)
        case .program: true
        // By their numbers nobody is known: they come as deeds of their own.
        case .trace, .memory: false
        }
    }

    /// Where the node itself has the file system of a device.
    func diskOfNode(_ device: DeviceNumber) -> Mount? {
        node.host.mounts.first { $0.device == device && $0.isOfNode }
    }

    /// Whether the node's own file system is on a device, or reached through it, as through a loop device.
    func isDiskOfNode(_ device: DeviceNumber) -> Bool {
        diskOfNode(device) != nil || node.host.disks?.contains(device) == true
    }

    /// Where the node has a directory or file in its own tree; of several places the one with most of the file system.
    func hostPath(of place: FilePlace) -> PathParts? {
        guard let path = place.path.map({ PathParts($0) }) else { return nil }
        let mounts = node.host.mounts.lazy.filter { $0.device == place.device }
            .map { (root: PathParts($0.root), point: PathParts($0.mountPoint)) }
            .filter { $0.root.contains(path) }
        guard let mount = mounts.min(by: { $0.root.parts.count < $1.root.parts.count }) else { return nil }
        let below = path.parts.dropFirst(mount.root.parts.count)
        return PathParts((mount.point.parts + below).joined(separator: "/"))
    }

    /// Neither its cgroup nor its mounts are a container's: what a runtime starts in a container may have the runtime's
    /// cgroup, as far as events tell.
    func isOfNode(_ task: LineageTask) -> Bool { task.owner == .host && containerByMounts(of: task) == nil }

    /// Whose another task is that is not of the container's pod: `the node`, or another pod's name; `nil` of one of its
    /// own, and of one that nobody is known of.
    func stranger(_ task: LineageTask, to container: Int) -> String? {
        if isOfNode(task) { return "the node" }
        let other: Int?
        switch task.owner {
        case .unknown: return nil
        case .pod(let uid): return node.containers[container].pod?.uid == uid ? nil : "another pod"
        case .host: other = containerByMounts(of: task)
        case .container(let place): other = self.container(place.containerID)
        }
        return other.flatMap { stranger($0, to: container) }
    }

    /// The same of a task that a scan shows.
    func stranger(_ task: NodeTask, to container: Int) -> String? {
        guard let other = task.container else { return "the node" }
        return stranger(other, to: container)
    }

    private func stranger(_ other: Int, to container: Int) -> String? {
        guard other != container else { return nil }
        guard let pod = podOfContainer[other] else { return node.containers[other].id }
        return pod == podOfContainer[container] ? nil : pods[pod].identity.displayName
    }

    private func containerByMounts(of task: LineageTask) -> Int? {
        task.namespaces[.mount].flatMap { owner(of: .mount, $0) }
    }
}

extension LineageTask {
    /// `pid 812 (kubelet)`.
    var label: String { "pid \(pid) (\(name.text))" }
}
