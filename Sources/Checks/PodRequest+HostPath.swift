import NodeModel

extension PodRequest {
    /// Whether a mount of the node's tree in the container is one that the pod asks for.
    ///
    /// `nil` where nothing here can tell: a plugin knows alone where its volume lies, a device plugin may have added the
    /// mount, or a link on the node may lead from the path that was asked for to another one. A link that leads to more than
    /// was asked for is no excuse.
    package func asksForHostPath(_ path: String, isWritable: Bool, at mountPoint: String) -> Bool? {
        let point = PathParts(mountPoint)
        let covering = (container?.volumeMounts ?? []).filter { PathParts($0.mountPath ?? "/").contains(point) }
        let mount = covering.max {
            PathParts($0.mountPath ?? "/").parts.count < PathParts($1.mountPath ?? "/").parts.count
        }
        guard let mount, let volume = (pod.spec.volumes ?? []).first(where: { $0.name == mount.name }) else {
            return container?.resources?.hasExtendedResource == true ? nil : false
        }
        let worth = SensitivePlace.worth(of: path, isWritable: isWritable)
        if let hostPath = volume.hostPath {
            let asked = Self.path(asked: hostPath.path ?? "/", mount, below: point)
            if PathParts(asked) == PathParts(path) { return true }
            // An expression is known to the kubelet alone, and stays below the volume.
            if mount.subPathExpr != nil, PathParts(hostPath.path ?? "/").contains(PathParts(path)) { return true }
            let isMore = worth.rank > SensitivePlace.worth(of: asked, isWritable: isWritable).rank
            return isMore ? false : nil
        }
        // The kubelet keeps these in the pod's own directory, wherever that is.
        let isKept = Set(["configMap", "downwardAPI", "emptyDir", "projected", "secret"]).isSuperset(of: volume.sources)
        return isKept && worth.rank > Weight.minor.rank ? false : nil
    }

    /// The path on the node that shows at a place in or below a volume's mount.
    private static func path(asked: String, _ mount: VolumeMount, below point: PathParts) -> String {
        let rest = point.parts.dropFirst(PathParts(mount.mountPath ?? "/").parts.count)
        return ([asked, mount.subPath].compactMap { $0 } + rest.map(String.init)).joined(separator: "/")
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
