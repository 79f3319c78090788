import NodeModel

/// Single programs and libraries of the node that something mounts read-only past the record, as a hook of the runtime
/// does for a driver, with its devices and sockets: one for each file, and worth little.
extension Check {
    /// The place that tells them.
    static let programPlace = "host-path-binaries"

    /// What of the node's `/usr` is mounted read-only and is not in the record, below the directories that hold every
    /// program, and what else a driver's hook mounts, where there is one; a mount table does not tell a file from a
    /// directory.
    static func programsApart(
        _ mounts: [HostPathMount], hasDriver: Bool
    ) -> (programs: [HostPathMount], others: [HostPathMount]) {
        func isProgram(_ mount: HostPathMount) -> Bool {
            let path = PathParts(mount.path)
            guard mount.declaration == .undeclared, mount.submounts.isEmpty else { return false }
            return !mount.isWritable && path.isBelowDirectoryOfUsr
                || hasDriver && isOfDriver(path, isWritable: mount.isWritable)
        }
        return (mounts.filter(isProgram), mounts.filter { !isProgram($0) })
    }

    /// The devices and sockets that NVIDIA's hook mounts, by their names on the node, and what its driver tells of each
    /// GPU (libnvidia-container, src/nvc_mount.c and nvc_internal.h).
    private static func isOfDriver(_ path: PathParts, isWritable: Bool) -> Bool {
        if path.parts.first == "dev" { return path.parts.count > 1 && path.parts[1].hasPrefix("nvidia") }
        if !isWritable, PathParts("/proc/driver/nvidia").contains(path) { return true }
        return ["/run/nvidia-persistenced", "/run/nvidia-fabricmanager", "/tmp/nvidia-mps"].contains {
            PathParts($0).contains(path)
        }
    }

    /// One finding for all of a container: by the record's word, where that has hooks, which mount what they like.
    static func evidence(ofPrograms mounts: [HostPathMount], _ container: Int, _ index: NodeIndex) -> Evidence? {
        guard let first = mounts.first else { return nil }
        let hooks = index.node.containers[container].bundle?.hooks
        let more = mounts.count > 1 ? " and \(mounts.count - 1) more" : ""
        let isReadOnly = mounts.allSatisfy { !$0.isWritable }
        var values: [String: EvidenceValue] = [
            "path": .text(first.path), "mountPoint": .text(first.mountPoint), "readOnly": .flag(isReadOnly),
            "count": .number(Int64(mounts.count)), "reaches": .list([programPlace]),
        ]
        values["hooks"] = hooks.map { .list($0) }
        return Evidence(
            container: container, task: index.processes(of: container).first,
            declaration: hooks == nil ? .undeclared : .declaredByRuntime, weight: .minor, key: "programs",
            detail: "\(first.path) at \(first.mountPoint)\(more)\(isReadOnly ? ", read-only" : ""), not in the record"
                + (hooks?.first.map { ", which has the hook \($0)" } ?? ""),
            values: values)
    }
}

extension NodeIndex {
    /// The container's record has the hook of a driver.
    func hasDriverHook(_ container: Int) -> Bool {
        node.containers[container].bundle?.hooks?.contains(where: Check.isOfDriver) ?? false
    }

    /// A mount is one program of the node's, read-only, for which the runtime's record stands: it has that path at that
    /// place, or a driver's hook and the program is the driver's.
    ///
    /// No process of the container can change the record, nor the names on the node.
    func isProgramOfRecord(_ mount: Mount, _ path: PathParts, _ container: Int) -> Bool {
        guard !mount.isWritable, path.isBelowDirectoryOfUsr, let record = node.containers[container].bundle else {
            return false
        }
        let isInRecord = record.mounts.contains { entry in
            entry.isBind && entry.isReadonly && PathParts(entry.destination) == PathParts(mount.mountPoint)
                && entry.source.map { PathParts($0) } == path
        }
        let isOfDriver = ["nvidia-", "nv-"].contains { path.parts.last?.hasPrefix($0) ?? false }
        return isInRecord || isOfDriver && hasDriverHook(container)
    }
}

extension PathParts {
    /// Not one of the directories of `/usr` as such, which hold every program.
    fileprivate var isBelowDirectoryOfUsr: Bool { parts.first == "usr" && parts.count > 2 }
}

extension Evidence {
    /// What a hook may have mounted: that is the node's own setting, and no field of a pod asks for it.
    var isOfHooks: Bool { values["hooks"] != nil }
}
