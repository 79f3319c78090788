import NodeModel

extension PodRequest {
    /// The path on the node that the pod asks for at a place in the container, as the specification writes it; `nil`
    /// where it asks for none there.
    package func hostPath(at mountPoint: String) -> String? {
        let point = PathParts(mountPoint)
        guard let mount = volumeMount(over: point), let path = pod.hostPath(of: mount) else { return nil }
        return Self.path(path, mount, below: point)
    }

    /// Whether a mount of the node's tree in the container is one that the pod asks for.
    ///
    /// A path that is a link on the node stands for what it leads to. `nil` where nothing here can tell: a plugin knows
    /// alone where its volume lies, a device plugin may have added the mount, or a link may have led elsewhere when the
    /// container started. A link that leads to more than was asked for is no excuse.
    ///
    /// - Parameter paths: every path on the node that shows the mounted files.
    package func asksForHostPath(_ paths: [String], isWritable: Bool, at mountPoint: String) -> Bool? {
        let point = PathParts(mountPoint)
        guard let mount = volumeMount(over: point), let volume = pod.volume(of: mount) else {
            return container?.resources?.hasExtendedResource == true ? nil : false
        }
        let worth = paths.map { SensitivePlace.worth(of: $0, isWritable: isWritable).rank }.max() ?? 0
        guard let hostPath = volume.hostPath?.path else {
            // The kubelet keeps these in the pod's own directory, wherever that is.
            let isKept = Set(["configMap", "downwardAPI", "emptyDir", "projected", "secret"])
                .isSuperset(of: volume.sources)
            return isKept && worth > Weight.minor.rank ? false : nil
        }
        guard let asked = pod.hostPath(of: mount) else {
            // An expression is known to the kubelet alone, and stays below the volume.
            if paths.contains(where: { PathParts(hostPath).contains(PathParts($0)) }) { return true }
            return worth > SensitivePlace.worth(of: hostPath, isWritable: isWritable).rank ? false : nil
        }
        let seen = paths.map { PathParts($0) }
        let wanted = Self.path(asked, mount, below: point)
        if seen.contains(PathParts(wanted)) { return true }
        if worth > SensitivePlace.worth(of: wanted, isWritable: isWritable).rank { return false }
        let target = pathTargets?[asked]
        let reached = PathParts(Self.path(target ?? asked, mount, below: point))
        if seen.contains(reached) { return true }
        let isNoLink = target.map { PathParts($0) == PathParts(asked) } ?? false
        return isNoLink || seen.contains { $0.contains(reached) } ? false : nil
    }

    /// The mount of the container's specification that covers a place in it.
    private func volumeMount(over point: PathParts) -> VolumeMount? {
        let covering = (container?.volumeMounts ?? []).filter { PathParts($0.mountPath ?? "/").contains(point) }
        return covering.max {
            PathParts($0.mountPath ?? "/").parts.count < PathParts($1.mountPath ?? "/").parts.count
        }
    }

    /// The path on the node that shows at a place in or below a mount of another.
    private static func path(_ path: String, _ mount: VolumeMount, below point: PathParts) -> String {
        let rest = point.parts.dropFirst(PathParts(mount.mountPath ?? "/").parts.count)
        return rest.isEmpty ? path : ([path] + rest.map(String.init)).joined(separator: "/")
    }
}

extension SensitivePlace {
    /// What a path on the node is worth to whoever mounts it.
    static func worth(of path: String, isWritable: Bool) -> Weight {
        let parts = PathParts(path)
        let weights = all.filter { $0.relation(parts) != nil }.map { $0.weight(of: parts, isWritable: isWritable) }
        return weights.max { $0.rank < $1.rank } ?? .minor
    }
}
