/// What every container has, told without a record: its own instances of kernel file systems share their device number
/// with the node's where it shares the namespace behind them, and always for cgroups.
extension NodeIndex {
    /// Whether a mount is one that a runtime gives to every container (runtime-spec config-linux.md, default file
    /// systems); the same file system of the node's anywhere else is not.
    func isOfEveryContainer(_ mount: Mount, _ path: String, in table: MountTable, _ container: Int) -> Bool {
        let point = PathParts(mount.mountPoint)
        // A task that joined one of the host's namespaces later leaves the others behind.
        func sharesHost(_ kind: NamespaceKind) -> Bool {
            tasks(of: container).filter { $0.namespaces[.mount] == table.namespace }
                .allSatisfy { $0.namespaces[kind] != nil && $0.namespaces[kind] == hostNamespace(kind) }
        }
        switch mount.fileSystemType {
        case "proc":
            return PathParts("/proc").contains(point) && sharesHost(.pid)
        case "sysfs":
            return PathParts("/sys").contains(point) && sharesHost(.network)
        case "mqueue":
            return point == PathParts("/dev/mqueue") && sharesHost(.ipc)
        case "tmpfs":
            return point == PathParts("/dev/shm") && PathParts(path) == point && sharesHost(.ipc)
        case "cgroup":
            return PathParts("/sys/fs/cgroup").contains(point) && mount.root.contains(node.containers[container].id)
        case "cgroup2":
            return point == PathParts("/sys/fs/cgroup")
                && (mount.root.contains(node.containers[container].id) || sharesHost(.cgroup))
        case "devpts":
            return point == PathParts("/dev/console")
        case "devtmpfs":
            return Self.isOrdinaryDevice(mount)
        default:
            return false
        }
    }

    /// A device node that every container has (runtime-spec config-linux.md, default devices).
    static func isOrdinaryDevice(_ mount: Mount) -> Bool {
        let devices = ["null", "zero", "full", "random", "urandom", "tty", "console", "ptmx"]
        return devices.contains(String(mount.root.pathComponents().last ?? ""))
    }
}
