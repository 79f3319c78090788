/// Where the files that tasks hold lie.
extension NodeIndex {
    /// What stands in for a container that is created and not started is the runtime itself, for as long as that takes.
    func findFiles(of container: Int) -> [(task: NodeTask, files: TaskFiles)] {
        let record = node.containers[container]
        let runtime = record.isCreated ? record.initPID : nil
        return tasks(of: container).compactMap { task in
            guard !task.isStarting, task.pid != runtime, let own = task.namespaces[.mount], !isHost(.mount, own),
                let files = filesOfTask[task.key]
            else { return nil }
            return (task, files)
        }
    }

    /// The node's own mount through which a file is held, where it is none of the container's.
    ///
    /// Ids are one namespace's only as long as the mount is there; one that the container has as well is its own.
    package func hostMount(of file: FileIdentity, _ task: NodeTask) -> Mount? {
        guard ownMount(of: file, task) == nil else { return nil }
        return hostMountOfID[file.mount]
    }

    /// The mount of the task's own namespace through which a file is held.
    package func ownMount(of file: FileIdentity, _ task: NodeTask) -> Mount? {
        task.namespaces[.mount].flatMap { mountTable($0) }?.mounts.first { $0.id == file.mount }
    }

    /// Whose mount namespace a mount is in, by its id, which no two mounts that are there share; none of the host's.
    package var ownersOfMounts: [UInt32: (mount: Mount, container: Int)] {
        var owners: [UInt32: (mount: Mount, container: Int)] = [:]
        for table in node.mountTables {
            guard let container = owner(of: .mount, table.namespace) else { continue }
            for mount in table.mounts where hostMountOfID[mount.id] == nil { owners[mount.id] = (mount, container) }
        }
        return owners
    }

    /// The directory of the node that a file is, of those that tell its tree.
    package func hostDirectory(_ file: FileIdentity) -> String? {
        file.kind != .directory ? nil : node.host.files?.first { $0.file.isSameFile(as: file) }?.path
    }

    /// Where on the node a mount of a container comes from; `nil` where it brings nothing of the node's tree.
    package func hostPath(of mount: Mount, container: Int) -> String? {
        hostPlaces(of: mount, container: container).first
    }

    /// Every path on the node that shows the same files.
    package func hostPlaces(of mount: Mount, container: Int) -> [String] {
        guard let sameDevice = hostMountsOfDevice[mount.device] else { return [] }
        return Self.hostPlaces(of: mount, hostMounts: sameDevice, container: node.containers[container])
    }

    /// What a task holds of the node with a file whose mount no table shows, or that lies beside its mount; `nil` where its
    /// container was given that.
    ///
    /// The node's root as such comes with no volume: one that is given has a mount in the container's table.
    package func strayReach(of file: FileIdentity, container: Int) -> String? {
        guard let reach = file.reach else { return nil }
        return reach == "/" || !isGiven(reach, to: container) ? reach : nil
    }

    /// Whether a task can have opened files by their handles (open_by_handle_at(2)): what it holds beside the mount that it
    /// opened it by has been moved since, where it cannot.
    package func mayOpenByHandle(_ task: NodeTask, _ container: Int) -> Bool {
        let right = CapabilitySet.named(["DAC_READ_SEARCH"]).set
        return node.containers[container].bundle.map { $0.capabilities.isSuperset(of: right) } ?? true
            || task.mayUse(anyOf: right)
    }

    /// A place on the node that a container may hold by a mount that is gone meanwhile: a volume of its pod's, a file of
    /// its runtime's, or what its record or another mount shows it.
    private func isGiven(_ path: String, to container: Int) -> Bool {
        let record = node.containers[container]
        if Self.isKubeletVolume(path, of: record) || Self.isKubeletPlugin(path) || Self.isRuntimeFile(path, of: record)
        {
            return true
        }
        // Where a snapshotter uses plain directories, the root is one of them.
        if record.rootDevice == nil, Self.isSnapshot(path) { return true }
        let place = PathParts(path)
        let asked = (record.bundle?.mounts ?? []).filter(\.isBind).compactMap(\.source)
        let shown = hostPaths(of: container).flatMap { [$0.path] + $0.otherPaths }
        return (asked + shown).contains { PathParts($0).contains(place) }
    }
}
