/// Who can write to the node's files.
extension NodeIndex {
    /// A part of the node's tree as a container sees it.
    package struct Reach: Sendable {
        package var container: Int
        package var path: PathParts
        package var isWritable: Bool
        /// Where the container has it; `nil` for one with a task in the node's own mount namespace, which has all.
        package var mountPoint: String?
        /// The init container that had it and has ended, as far as the API says; `container` is the pod's sandbox then.
        package var initContainer: String?
        /// The container's record asks for it: no task of the container mounted it afterwards.
        package var isDeclared = false

        /// Whether what is written to a path of the node through another part ends here instead, where nothing is written:
        /// this one is mounted below it, over the same files.
        package func covers(_ path: PathParts, of upper: Reach) -> Bool {
            guard isDeclared, !isWritable, container == upper.container, self.path.contains(path), let mountPoint,
                let upperPoint = upper.mountPoint.map({ PathParts($0).parts })
            else { return false }
            let place = upperPoint + path.parts.dropFirst(upper.path.parts.count)
            let point = PathParts(mountPoint).parts
            return point.count > upperPoint.count && place.starts(with: point)
                && place.count - point.count == path.parts.count - self.path.parts.count
        }
    }

    /// Every part of the node's tree that a container sees, or has seen before it ended.
    package var reaches: [Reach] { node.containers.indices.flatMap(reaches) + pods.flatMap(reachesOfInitContainers) }

    /// Whether a container can write to one of some paths of the node or to something below it, or could before it ended.
    package func mayWrite(_ paths: [PathParts]) -> Bool {
        reaches.contains { reach in
            reach.isWritable && paths.contains { $0.contains(reach.path) || reach.path.contains($0) }
        }
    }

    private func reaches(of container: Int) -> [Reach] {
        let mounts = hostPaths(of: container).flatMap { mount in
            let isDeclared = mount.declaration == .declaredByRuntime
            return ([mount.path] + mount.otherPaths).map { ($0, mount.mountPoint, mount.isWritable, isDeclared) }
                + mount.submounts.map { ($0.path, $0.mountPoint, $0.isWritable, false) }
        }
        let isInHostTree = tasks(of: container).contains { !$0.isStarting && isHost(.mount, $0.namespaces[.mount]) }
        return mounts.map { path, point, isWritable, isDeclared in
            Reach(
                container: container, path: PathParts(path), isWritable: isWritable, mountPoint: point,
                isDeclared: isDeclared)
        } + (isInHostTree ? [Reach(container: container, path: PathParts("/"), isWritable: true)] : [])
    }

    /// The runtime forgets a container that has ended; a pod's init containers do so before the others begin.
    private func reachesOfInitContainers(_ view: PodView) -> [Reach] {
        guard let sandbox = view.sandbox, let number = matching.matches[sandbox].pod,
            let pod = node.apiPods?.pods[number]
        else { return [] }
        return pod.allContainers.filter { $0.kind == .initialization }.flatMap { _, container in
            (container.volumeMounts ?? []).compactMap { mount in
                guard mount.readOnly != true, let path = pod.hostPath(of: mount) else { return nil }
                return Reach(
                    container: sandbox, path: PathParts(path), isWritable: true, mountPoint: mount.mountPath ?? "/",
                    initContainer: container.name ?? "?")
            }
        }
    }

    /// When the first task was started that runs now in a container or in others of its pod, in clock ticks after boot;
    /// `nil` where none runs.
    package func start(ofPodOf container: Int) -> UInt64? {
        let pod = podOfContainer[container].map { pods[$0] }
        let all = pod.map { $0.containers + [$0.sandbox].compactMap { $0 } } ?? [container]
        return all.flatMap { tasks(of: $0) }.map(\.startTime).min()
    }
}
