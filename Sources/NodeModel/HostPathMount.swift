/// A path as components, without `.` and empty parts; `/var/run` is `/run` (a link on every supported node).
package struct PathParts: Hashable, Sendable {
    package let parts: [Substring]

    package init(_ path: String) {
        var parts = path.split(separator: "/").filter { $0 != "." }
        if parts.count >= 2, parts[0] == "var", parts[1] == "run" { parts.removeFirst() }
        self.parts = parts
    }

    /// The other path is this one or lies below it.
    package func contains(_ other: PathParts) -> Bool { other.parts.starts(with: parts) }
}

/// A part of the node's file tree that a container sees.
package struct HostPathMount: Sendable, Equatable {
    /// On the node.
    package var path: String
    package var mountPoint: String
    package var isWritable: Bool
    package var declaration: Declaration
    /// Mounts of the node's that came along below it.
    package var submounts: [Submount] = []

    /// One mount below another.
    package struct Submount: Sendable, Equatable {
        package var path: String
        package var mountPoint: String
        package var isWritable: Bool
    }
}

extension NodeIndex {
    /// Where on the node a mount comes from, or `nil` when it brings nothing of the node's tree.
    ///
    /// The mount's file system must be one that the node has mounted; which part of it is the mount's root field. Not
    /// the node's are a container's root, the volumes that the kubelet keeps for the pod, and the files that the runtime
    /// makes for its sandbox. A mount of an unknown container counts as its own pod's.
    package static func hostPath(of mount: Mount, hostMounts: [Mount], container: Container?) -> String? {
        let sameDevice = hostMounts.filter { $0.device == mount.device }
        guard mount.fileSystemType != "overlay", !sameDevice.isEmpty else { return nil }
        let root = PathParts(mount.root).parts
        let candidates = sameDevice.filter { root.starts(with: PathParts($0.root).parts) }
        guard let host = candidates.min(by: { PathParts($0.root).parts.count < PathParts($1.root).parts.count })
        else { return nil }
        let rest = root.dropFirst(PathParts(host.root).parts.count)
        let path = "/" + (host.mountPoint.split(separator: "/") + rest).joined(separator: "/")
        if isKubeletVolume(path, of: container) || isRuntimeFile(path, of: container) { return nil }
        // The root of a container whose snapshotter uses plain directories.
        if mount.mountPoint == "/", path != "/" { return nil }
        return path
    }

    /// Below the kubelet's directory of the pod itself (kubernetes pkg/kubelet/config/defaults.go).
    static func isKubeletVolume(_ path: String, of container: Container?) -> Bool {
        let parts = PathParts(path).parts
        guard let pods = parts.firstIndex(of: "pods"), pods > 0, parts[pods - 1] == "kubelet", parts.count > pods + 2
        else {
            return false
        }
        let kinds = ["volumes", "volume-subpaths", "volumeDevices", "etc-hosts", "containers", "plugins"]
        guard kinds.contains(String(parts[pods + 2])) else { return false }
        return container?.pod?.uid.map { parts[pods + 1] == $0 } ?? true
    }

    /// What the runtime makes for the pod's sandbox, or for a volume that the image declares.
    static func isRuntimeFile(_ path: String, of container: Container?) -> Bool {
        let parts = PathParts(path).parts
        guard parts.count >= 3, let container else { return false }
        let names = ["hostname", "hosts", "resolv.conf", "shm"]
        let ids = [container.id, container.sandboxID].compactMap { $0 }
        for (index, part) in parts.enumerated().dropLast(2) where part == "sandboxes" || part == "containers" {
            guard ids.contains(String(parts[index + 1])) else { continue }
            let isCRI = index > 0 && parts[index - 1] == "io.containerd.grpc.v1.cri"
            let isDocker = part == "containers" && index > 0 && parts[index - 1] == "docker"
            let rest = parts[(index + 2)...]
            if (isCRI || isDocker) && rest.contains(where: { names.contains(String($0)) }) { return true }
            if isCRI && rest.first == "volumes" { return true }
        }
        return false
    }

    /// Works out every part of the node's tree that a container sees, the mounts of one declared bind together.
    func findHostPaths(of container: Int, _ hostMounts: [DeviceNumber: [Mount]]) -> [HostPathMount] {
        let record = node.containers[container]
        guard let table = ownMountTable(of: container) else { return declaredHostPaths(record) }
        var found: [HostPathMount] = []
        var groups: [PathParts: Int] = [:]
        for mount in table.mounts {
            guard let sameDevice = hostMounts[mount.device],
                let path = Self.hostPath(of: mount, hostMounts: sameDevice, container: record)
            else { continue }
            let point = PathParts(mount.mountPoint)
            let entry = Self.entry(for: point, record.bundle)
            if let entry, !entry.isBind, Self.isOwn(mount, below: entry) { continue }
            if let entry, entry.isBind, PathParts(entry.source ?? "") == PathParts("/dev/shm"),
                entry.destination == "/dev/shm"
            {
                // What a container in the host's IPC namespace gets.
                continue
            }
            let key = entry?.isBind == true ? PathParts(entry?.destination ?? "") : point
            if let group = groups[key] {
                found[group].submounts.append(
                    HostPathMount.Submount(path: path, mountPoint: mount.mountPoint, isWritable: mount.isWritable))
                continue
            }
            groups[key] = found.count
            let declaration: Declaration =
                record.bundle == nil ? .unknown : entry?.isBind == true ? .declaredByRuntime : .undeclared
            found.append(
                HostPathMount(
                    path: path, mountPoint: mount.mountPoint, isWritable: mount.isWritable, declaration: declaration))
        }
        return found
    }

    /// The entry of the record that a mount point belongs to: the one with the longest destination above it.
    private static func entry(for point: PathParts, _ bundle: Bundle?) -> BundleMount? {
        (bundle?.mounts ?? []).filter { PathParts($0.destination).contains(point) }
            .max { PathParts($0.destination).parts.count < PathParts($1.destination).parts.count }
    }

    /// A container's own instance of a kernel file system, or a device node that every container has: they can share
    /// their device number with the node's.
    private static func isOwn(_ mount: Mount, below entry: BundleMount) -> Bool {
        let kernelTypes = ["proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts"]
        if kernelTypes.contains(mount.fileSystemType) { return true }
        let devices = ["null", "zero", "full", "random", "urandom", "tty", "console", "ptmx"]
        return mount.fileSystemType == "devtmpfs"
            && devices.contains(String(mount.root.split(separator: "/").last ?? ""))
    }

    /// What the record alone says, for a container without a process to look at.
    private func declaredHostPaths(_ container: Container) -> [HostPathMount] {
        (container.bundle?.mounts ?? []).compactMap { mount in
            guard mount.isBind, let source = mount.source, source.hasPrefix("/"),
                !Self.isKubeletVolume(source, of: container), !Self.isRuntimeFile(source, of: container),
                mount.destination != "/dev/shm"
            else { return nil }
            return HostPathMount(
                path: source, mountPoint: mount.destination, isWritable: !mount.isReadonly,
                declaration: .declaredByRuntime)
        }
    }
}

extension NodeIndex {
    /// The mounts of the container's own mount namespace, as one of its processes there sees them.
    package func ownMountTable(of container: Int) -> MountTable? {
        guard let host = hostNamespace(.mount) else { return nil }
        let first = initTask(of: container).map { [$0] } ?? []
        return (first + tasks(of: container).filter { $0.isMainThread && !$0.isStarting }).lazy
            .compactMap { $0.namespaces[.mount] }
            .filter { $0 != host && (self.owner(of: .mount, $0) ?? container) == container }
            .compactMap { self.mountTable($0) }.first
    }
}
