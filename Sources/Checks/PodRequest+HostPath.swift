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
    /// A path that is a link on the node stands for what it leads to. `nil` where nothing here can tell: a volume's disk
    /// may be mounted on the node as well, a device plugin may have added the mount, or a link may have led elsewhere when
    /// the container started. What is worth more than was asked for is no such case.
    ///
    /// - Parameters:
    ///   - paths: every path on the node that shows the mounted files.
    ///   - isVolume: the kubelet has them mounted as a volume of the pod, too.
    package func asksForHostPath(
        _ paths: [String], isWritable: Bool, isVolume: Bool = false, at mountPoint: String
    ) -> Bool? {
        let point = PathParts(mountPoint)
        guard let mount = volumeMount(over: point), let volume = pod.volume(of: mount) else {
            guard container?.resources?.hasExtendedResource == true else { return false }
            return paths.contains { SensitivePlace.isBeyondDevicePlugins($0, isWritable: isWritable) } ? false : nil
        }
        let worth = paths.map { SensitivePlace.worth(of: $0, isWritable: isWritable).rank }.max() ?? 0
        guard let hostPath = volume.hostPath?.path else {
            // The kubelet keeps or mounts these in the pod's own directory, wherever that is, and mounts what is local to
            // the node there (pkg/volume/local). A claim on a hostPath is none that any admission check of pods saw.
            let isKept = isVolume || (volume.sources == ["image"] && paths.allSatisfy(Self.isOfContainerd))
            return !isKept && worth > Weight.minor.rank ? false : nil
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

    /// In a directory that one of containerd's plugins keeps, as it does images that are mounted as volumes.
    private static func isOfContainerd(_ path: String) -> Bool {
        path.pathComponents().contains { $0.hasPrefix("io.containerd.") }
    }

    /// The mount of the container's specification that covers a place in it.
    func volumeMount(over point: PathParts) -> VolumeMount? {
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
    /// Whether no device plugin has a reason to mount the path.
    ///
    /// It gives root on the node, or is a whole place of those that are more than a directory. Plugins mount devices, and
    /// single files of a driver read-only.
    static func isBeyondDevicePlugins(_ path: String, isWritable: Bool) -> Bool {
        let parts = PathParts(path)
        if worth(of: path, isWritable: isWritable).rank >= Weight.rootEquivalent.rank { return true }
        return all.contains { place in
            place.weight(of: parts, isWritable: isWritable).rank > Weight.minor.rank
                && (place.paths.contains(parts) || place.relation(parts)?.relation == .above)
        }
    }

    /// What a path on the node is worth to whoever mounts it.
    static func worth(of path: String, isWritable: Bool) -> Weight {
        let parts = PathParts(path)
        let weights = all.filter { $0.relation(parts) != nil }.map { $0.weight(of: parts, isWritable: isWritable) }
        return weights.max { $0.rank < $1.rank } ?? .minor
    }
}
