/// A part of the node's file tree that a container sees.
package struct HostPathMount: Sendable, Equatable {
    /// On the node.
    package var path: String
    /// Other paths on the node that show the same files, such as that of a bind mount there.
    package var otherPaths: [String] = []
    /// Where the kubelet has the same files mounted as a volume of the pod, as a disk that is local to the node.
    package var volumePath: String?
    package var mountPoint: String
    package var isWritable: Bool
    package var declaration: Declaration
    /// Where on the node parts of it are mounted as well, as directories of a local disk are at the kubelet's usual places.
    package var placesOfParts: [String] = []
    /// Mounts of the node's that came along below it.
    package var submounts: [Submount] = []

    /// One mount below another.
    package struct Submount: Sendable, Equatable {
        package var path: String
        package var placesOfParts: [String] = []
        package var mountPoint: String
        package var isWritable: Bool
    }
}

extension NodeIndex {
    /// Where on the node a mount comes from, or `nil` when it brings nothing of the node's tree.
    ///
    /// The mount's file system must be one that the node has mounted; which part of it is the mount's root field. Not
    /// the node's are the container's own root, the volumes that the kubelet keeps for the pod, and the files that the runtime
    /// makes for its sandbox. A mount of an unknown container counts as its own pod's.
    package static func hostPath(of mount: Mount, hostMounts: [Mount], container: Container?) -> String? {
        hostPlaces(of: mount, hostMounts: hostMounts, container: container).first
    }

    /// Every such path that shows the same files.
    static func hostPlaces(of mount: Mount, hostMounts: [Mount], container: Container?) -> [String] {
        places(of: mount, hostMounts: hostMounts, container: container, ownRoot: container?.rootDevice)
    }

    /// Every path on the node that shows the same files as a mount, the one nearest to the root of their file system
    /// first; none when the mount brings nothing of the node's tree.
    private static func places(
        of mount: Mount, hostMounts: [Mount], container: Container?, ownRoot: DeviceNumber?
    ) -> [String] {
        let root = mount.root.pathComponents()
        let above = hostMounts.filter { host in
            host.device == mount.device && root.starts(with: host.root.pathComponents())
                && !(host.device == ownRoot && isRootOfContainer(host))
        }
        let depths = above.map { $0.root.pathComponents().count }
        let paths = zip(above, depths).enumerated().sorted { left, right in
            (left.element.1, left.offset) < (right.element.1, right.offset)
        }.map { _, entry in
            "/" + (entry.0.mountPoint.pathComponents() + root.dropFirst(entry.1)).joined(separator: "/")
        }
        // A disk or a share is mounted once for the kubelet and again for each pod that uses it.
        if paths.contains(where: { isKubeletVolume($0, of: container) }),
            paths.allSatisfy({ isKubeletVolume($0, of: nil) || isKubeletPlugin($0) })
        {
            return []
        }
        guard let first = paths.first, !isRuntimeFile(first, of: container) else { return [] }
        // The root of a container whose snapshotter uses plain directories.
        if mount.mountPoint == "/", isSnapshot(first) { return [] }
        return paths
    }

    /// Where the node has mounted what lies below a mount's root; volumes, of which the kubelet mounts each for its pod, are
    /// none of the node's own places.
    private static func placesOfParts(of mount: Mount, hostMounts: [Mount]) -> [String] {
        let root = PathParts(mount.root)
        return hostMounts.filter { host in
            let part = PathParts(host.root)
            return host.device == mount.device && root.contains(part) && root != part && !isRootOfContainer(host)
                && !isKubeletVolume(host.mountPoint, of: nil) && !isKubeletPlugin(host.mountPoint)
        }.map(\.mountPoint)
    }

    /// A container's root file system, as the runtime mounts it on the node.
    private static func isRootOfContainer(_ mount: Mount) -> Bool {
        mount.fileSystemType == "overlay" && ["rootfs", "merged"].contains(PathParts(mount.mountPoint).parts.last)
    }

    /// A directory that containerd's snapshotters or docker's storage drivers keep a root file system in.
    static func isSnapshot(_ path: String) -> Bool {
        let parts = PathParts(path).parts
        if parts.contains(where: { $0.hasPrefix("io.containerd.snapshotter.") }) { return true }
        let drivers = ["vfs", "btrfs", "zfs", "devicemapper", "fuse-overlayfs", "storage"]
        return parts.indices.dropFirst().contains { index in
            ["docker", "containers"].contains(parts[index - 1]) && drivers.contains(String(parts[index]))
        }
    }

    /// Where volume plugins mount what they hand on to pods, below `/var/lib/kubelet/plugins`.
    static func isKubeletPlugin(_ path: String) -> Bool {
        let parts = PathParts(path).parts
        return parts.indices.dropFirst().contains { parts[$0 - 1] == "kubelet" && parts[$0] == "plugins" }
    }

    /// Where the kubelet mounts a part of a volume: a link in the volume may have led it anywhere (CVE-2021-25741).
    private static func isSubPath(_ path: String) -> Bool { PathParts(path).parts.contains("volume-subpaths") }

    /// Below the kubelet's directory of the pod itself (kubernetes pkg/kubelet/config/defaults.go).
    package static func isKubeletVolume(_ path: String, of container: Container?) -> Bool {
        let parts = PathParts(path).parts
        guard let pods = parts.firstIndex(of: "pods"), pods > 0, parts[pods - 1] == "kubelet", parts.count > pods + 2
        else {
            return false
        }
        let kinds = ["volumes", "volume-subpaths", "volumeDevices", "etc-hosts", "containers", "plugins"]
        guard kinds.contains(String(parts[pods + 2])) else { return false }
        // A container that no kubelet made has no volumes.
        if container?.kind == .plain { return false }
        return container?.pod?.uid.map { parts[pods + 1] == $0 } ?? true
    }

    /// What the runtime makes for the pod's sandbox, or for a volume that the image declares.
    package static func isRuntimeFile(_ path: String, of container: Container?) -> Bool {
        let parts = PathParts(path).parts
        guard parts.count >= 3, let container else { return false }
        let names = ["hostname", "hosts", "resolv.conf", "shm"]
        let ids = [container.id, container.sandboxID].compactMap { $0 }
        let directories = ["sandboxes", "containers", "overlay-containers"]
        for (index, part) in parts.enumerated().dropLast(2) where directories.contains(String(part)) {
            // Without a record the sandbox is not known; the directory is the runtime's all the same.
            guard container.bundle == nil || ids.contains(String(parts[index + 1])) else { continue }
            let isCRI = index > 0 && parts[index - 1] == "io.containerd.grpc.v1.cri"
            let isDocker = part == "containers" && index > 0 && parts[index - 1] == "docker"
            let rest = parts[(index + 2)...]
            // CRI-O's, in containers/storage.
            if part == "overlay-containers", index > 0, parts[index - 1] == "storage", rest.first == "userdata" {
                return rest.dropFirst().first.map {
                    names.contains(String($0)) || [".containerenv", "run"].contains($0)
                }
                    ?? false
            }
            if (isCRI || isDocker) && rest.contains(where: { names.contains(String($0)) }) { return true }
            if isCRI && rest.first == "volumes" { return true }
        }
        return false
    }

    /// Works out every part of the node's tree that a container sees, the mounts of one declared bind together.
    func findHostPaths(of container: Int) -> [HostPathMount] {
        let record = node.containers[container]
        let tables = ownMountTables(of: container)
        guard let table = tables.first else { return declaredHostPaths(container) }
        var found = hostPaths(in: table, of: container)
        // A process that changed its root shows only what is below: the record tells of the rest.
        let root = table.mounts.last { $0.mountPoint == "/" }
        if root == nil || (record.rootDevice != nil && root?.device != record.rootDevice) {
            let points = Set(table.mounts.map { PathParts($0.mountPoint) })
            found += declaredHostPaths(container).filter { !points.contains(PathParts($0.mountPoint)) }
        }
        // Another mount namespace of the container counts for what it shows beyond that.
        for table in tables.dropFirst() {
            let known = found.map { (path: PathParts($0.path), isWritable: $0.isWritable) }
            found += hostPaths(in: table, of: container).filter { mount in
                let path = PathParts(mount.path)
                return !known.contains { $0.path.contains(path) && ($0.isWritable || !mount.isWritable) }
            }
        }
        return found
    }

    private static func hostPath(
        _ mount: Mount, _ path: String, _ places: [String], _ sameDevice: [Mount], _ record: Container,
        _ declaration: Declaration
    ) -> HostPathMount {
        HostPathMount(
            path: path, otherPaths: places.dropFirst().filter { !isKubeletVolume($0, of: nil) && !isKubeletPlugin($0) },
            volumePath: places.first { isKubeletVolume($0, of: record) && !isSubPath($0) },
            mountPoint: mount.mountPoint, isWritable: mount.isWritable, declaration: declaration,
            placesOfParts: placesOfParts(of: mount, hostMounts: sameDevice))
    }

    private func hostPaths(in table: MountTable, of container: Int) -> [HostPathMount] {
        let record = node.containers[container]
        let ownRoot = record.rootDevice ?? table.mounts.last { $0.mountPoint == "/" }?.device
        // Most containers see nothing of the node's, and need neither.
        lazy var tops = Dictionary(
            table.mounts.indices.map { (PathParts(table.mounts[$0].mountPoint), $0) }, uniquingKeysWith: max)
        lazy var entries = (record.bundle?.mounts ?? []).map { (mount: $0, destination: PathParts($0.destination)) }
        var found: [HostPathMount] = []
        var groups: [PathParts: Int] = [:]
        for (number, mount) in table.mounts.enumerated() {
            let sameDevice = hostMountsOfDevice[mount.device] ?? openedSysfs(mount, record)
            guard !sameDevice.isEmpty else { continue }
            let places = Self.places(of: mount, hostMounts: sameDevice, container: record, ownRoot: ownRoot)
            guard let path = places.first else { continue }
            if record.bundle == nil, isOfEveryContainer(mount, path, in: table, container) { continue }
            let point = PathParts(mount.mountPoint)
            let nearest = Self.entry(for: point, entries)
            if let nearest, !nearest.isBind, isOwn(mount, below: nearest, container) { continue }
            if let nearest, isHostSharedMemory(nearest, container), PathParts(path) == PathParts("/dev/shm") {
                continue
            }
            // What another mount covers came along with an entry further up: that of its own place is the cover's.
            let entry = tops[point] == number ? nearest : Self.entry(for: point, isCovered: true, entries)
            let isDeclared =
                entry.map { entry in
                    entry.isBind && PathParts(entry.destination) == point
                        && !Self.isVolumeElsewhere(entry, places, record)
                } ?? false
            // The root of every container comes along below the directory that the runtime mounts them in.
            if !isDeclared, sameDevice.contains(where: Self.isRootOfContainer),
                found.contains(where: { Self.cameAlong(point, places, with: $0) })
            {
                continue
            }
            if let entry, entry.isBind, let group = groups[PathParts(entry.destination)],
                Self.isOfOwnRoot(mount, record, table) || Self.cameAlong(point, places, with: found[group])
            {
                found[group].submounts.append(
                    HostPathMount.Submount(
                        path: path, placesOfParts: Self.placesOfParts(of: mount, hostMounts: sameDevice),
                        mountPoint: mount.mountPoint, isWritable: mount.isWritable))
                continue
            }
            if isDeclared, groups[point] == nil { groups[point] = found.count }
            let declaration: Declaration =
                record.bundle == nil ? .unknown : isDeclared ? .declaredByRuntime : .undeclared
            found.append(Self.hostPath(mount, path, places, sameDevice, record, declaration))
        }
        return found
    }

    /// The record asks for a volume of the pod, and something else is mounted: the path led out of the volume when the
    /// runtime followed it (CVE-2021-30465).
    ///
    /// Where the kubelet did (CVE-2017-1002101, CVE-2021-25741), the node has a mount in the pod's directory, as with the
    /// subPath of a hostPath: that it is not asked for, only the API tells.
    private static func isVolumeElsewhere(_ entry: BundleMount, _ places: [String], _ container: Container) -> Bool {
        guard let source = entry.source, isKubeletVolume(source, of: container) else { return false }
        return !places.contains { isKubeletVolume($0, of: container) }
    }

    /// Whether a mount below a declared one came along with it, or was made later by somebody else.
    ///
    /// Its path goes on from the declared one as its mount point does. So did that of a volume which the node has
    /// unmounted since, and keeps for another pod.
    private static func cameAlong(_ point: PathParts, _ places: [String], with top: HostPathMount) -> Bool {
        guard PathParts(top.mountPoint).contains(point) else { return false }
        let below = point.parts.dropFirst(PathParts(top.mountPoint).parts.count)
        let path = PathParts("/" + (PathParts(top.path).parts + below).joined(separator: "/"))
        if places.contains(where: { PathParts($0) == path }) { return true }
        return isKubeletVolume("/" + path.parts.joined(separator: "/"), of: nil)
            && places.contains { isKubeletVolume($0, of: nil) }
    }

    /// A mount of the container's own root, told at its place there.
    ///
    /// A bind of the directory that the runtime keeps roots in brings along what runc had mounted there by then.
    private static func isOfOwnRoot(_ mount: Mount, _ container: Container, _ table: MountTable) -> Bool {
        let parts = PathParts(mount.mountPoint).parts
        guard
            let root = parts.indices.dropFirst().first(where: {
                parts[$0] == "rootfs" && parts[$0 - 1] == container.id
            })
        else {
            return false
        }
        let place = PathParts("/" + parts[(root + 1)...].joined(separator: "/"))
        let kernel = ["proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts", "tmpfs"]
        return kernel.contains(mount.fileSystemType)
            || table.mounts.contains {
                $0.device == mount.device && $0.root == mount.root && PathParts($0.mountPoint) == place
            }
    }

    /// The entry of the record that a mount point belongs to: the one with the longest destination above it, and of
    /// those the last, which covers the others; without the one of its own place where that is another mount's.
    private static func entry(
        for point: PathParts, isCovered: Bool = false, _ entries: [(mount: BundleMount, destination: PathParts)]
    ) -> BundleMount? {
        let above = entries.filter { $0.destination.contains(point) && !(isCovered && $0.destination == point) }
        let depth = above.map(\.destination.parts.count).max()
        return above.last { $0.destination.parts.count == depth }?.mount
    }

    /// A container's own instance of a kernel file system, or a device node that every container has: they can share
    /// their device number with the node's.
    private func isOwn(_ mount: Mount, below entry: BundleMount, _ container: Int) -> Bool {
        switch mount.fileSystemType {
        case "proc":
            // There is one for each PID namespace: with one of its own, the node's was mounted by somebody else.
            return entry.type == "proc" && declaresHost(.pid, container) != false
        case "cgroup", "cgroup2":
            return entry.type?.hasPrefix("cgroup") == true || entry.type == "sysfs"
        case "sysfs":
            return entry.type == "sysfs" && !(mount.isWritable && entry.isReadonly)
        case "mqueue":
            return entry.type == "mqueue"
        case "devpts":
            return entry.type == "devpts" || PathParts(mount.mountPoint) == PathParts("/dev/console")
        case "devtmpfs":
            return Self.isOrdinaryDevice(mount)
        default:
            return false
        }
    }

    /// The node's sysfs where a container has another instance of it, and writable.
    ///
    /// There is an instance for each network namespace, and they differ in network devices alone (fs/sysfs/mount.c). A
    /// privileged container has it so, and root of another user namespace may not write its files.
    private func openedSysfs(_ mount: Mount, _ container: Container) -> [Mount] {
        guard mount.fileSystemType == "sysfs", mount.isWritable, let bundle = container.bundle, !bundle.isPrivileged,
            bundle.namespace(.user) == nil
        else { return [] }
        return [
            Mount(
                id: 0, parentID: 0, device: mount.device, root: "/", mountPoint: "/sys", fileSystemType: "sysfs",
                source: "sysfs")
        ]
    }

    /// What a container in the host's IPC namespace gets.
    private func isHostSharedMemory(_ entry: BundleMount, _ container: Int) -> Bool {
        let shared = PathParts("/dev/shm")
        return entry.isBind && PathParts(entry.destination) == shared && PathParts(entry.source ?? "") == shared
            && declaresHost(.ipc, container) == true
    }

    /// What the record alone says, for a container without a process to look at.
    private func declaredHostPaths(_ container: Int) -> [HostPathMount] {
        let record = node.containers[container]
        return (record.bundle?.mounts ?? []).compactMap { mount in
            guard mount.isBind, let source = mount.source, source.utf8.first == UInt8(ascii: "/"),
                !Self.isKubeletVolume(source, of: record), !Self.isRuntimeFile(source, of: record),
                !isHostSharedMemory(mount, container)
            else { return nil }
            return HostPathMount(
                path: source, mountPoint: mount.destination, isWritable: !mount.isReadonly,
                declaration: .declaredByRuntime)
        }
    }
}

extension NodeIndex {
    /// The mounts of the container's own mount namespace, as one of its processes there sees them.
    package func ownMountTable(of container: Int) -> MountTable? { ownMountTables(of: container).first }

    /// The mounts of each mount namespace of the container's tasks that is neither the host's nor another container's,
    /// that of its first process before all; none that show the node's tree as it is, from its root on.
    package func ownMountTables(of container: Int) -> [MountTable] {
        guard let host = hostNamespace(.mount) else { return [] }
        let first = initTask(of: container).map { $0.isStarting ? [] : [$0] } ?? []
        let running = tasks(of: container).filter { !$0.isStarting }
        var seen = nodeTrees.union([host])
        return (first + running.filter(\.isMainThread) + running.filter { !$0.isMainThread })
            .compactMap { $0.namespaces[.mount] }
            .filter { seen.insert($0).inserted && (owner(of: .mount, $0) ?? container) == container }
            .compactMap { mountTable($0) }
    }
}
