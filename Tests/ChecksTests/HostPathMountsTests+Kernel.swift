import NodeModel
import TestSupport
import Testing

@testable import Checks

/// Mounts of the kernel's own file systems, and of containers whose record or table tells little.
extension HostPathMountsTests {
    static let kernel: [(name: String, minor: UInt32, type: String, point: String, entry: String)] = [
        ("/proc of a hostPID pod", 21, "proc", "/proc", "proc"),
        ("a cover of it", 21, "proc", "/proc/bus", "proc"),
        ("/sys of a hostNetwork pod", 22, "sysfs", "/sys", "sysfs"),
        ("cgroup version 1", 30, "cgroup", "/sys/fs/cgroup/memory", "cgroup"),
        ("cgroup version 2", 31, "cgroup2", "/sys/fs/cgroup", "cgroup"),
        ("the console", 32, "devpts", "/dev/console", "tmpfs"),
    ]

    /// What a container shares with the node because it shares the namespace behind it is no mount of the node's tree.
    @Test(arguments: kernel)
    func kernelFileSystems(name: String, minor: UInt32, type: String, point: String, entry: String) {
        let device = DeviceNumber(major: 0, minor: minor)
        let node = Node.quiet.sharingWithPod(.pid).changing { node in
            node.host.mounts.append(
                Mount(
                    id: 70, parentID: 22, device: device, root: "/", mountPoint: "/x", fileSystemType: type, source: "x"
                ))
        }.changingBundle { bundle in
            let destination =
                point.hasPrefix("/sys/fs/cgroup") ? "/sys/fs/cgroup" : "/" + point.split(separator: "/")[0]
            bundle.mounts.removeAll { $0.destination == destination }
            bundle.mounts.append(BundleMount(destination: destination, type: entry, source: entry))
        }.adding("/", at: point, device, type: type)
        #expect(Self.all(node) == [])
        // The same anywhere else is.
        let moved = node.changing { $0.mountTables[0].mounts[$0.mountTables[0].mounts.count - 1].mountPoint = "/mnt" }
        #expect(Self.all(moved).count == 1)
    }

    private static let ownSysfs = DeviceNumber(major: 0, minor: 350)

    /// The quiet container with a sysfs, and with what its record says of `/sys`.
    private static func sysfs(
        at point: String, _ options: [String], record: [String] = ["nosuid", "ro"], device: DeviceNumber = ownSysfs
    ) -> Node {
        Node.quiet.changingBundle {
            $0.mounts.append(BundleMount(destination: "/sys", type: "sysfs", source: "sysfs", options: record))
        }.adding("/", at: point, device, type: "sysfs").changing { node in
            node.mountTables[0].mounts[node.mountTables[0].mounts.count - 1].options = options
        }
    }

    static let opened: [(name: String, node: Node, points: [String])] = [
        ("as recorded", sysfs(at: "/sys", ["ro"]), []),
        ("remounted", sysfs(at: "/sys", ["rw"]), ["/sys"]),
        (
            "remounted, of a hostNetwork pod", sysfs(at: "/sys", ["rw"], device: DeviceNumber(major: 0, minor: 22)),
            ["/sys"]
        ),
        ("as recorded, of a hostNetwork pod", sysfs(at: "/sys", ["ro"], device: DeviceNumber(major: 0, minor: 22)), []),
        ("writable by the record", sysfs(at: "/sys", ["rw"], record: ["nosuid"]), []),
        ("another", sysfs(at: "/mnt", ["rw"]), ["/mnt"]),
        ("another to read", sysfs(at: "/mnt", ["ro"]), []),
        ("another of a privileged one", sysfs(at: "/mnt", ["rw"]).privileged(), []),
        ("remounted, root of its own", sysfs(at: "/sys", ["rw"]).withUserNamespace(), []),
        ("another, no record", sysfs(at: "/mnt", ["rw"]).changingContainer { $0.bundle = nil }, []),
    ]

    /// A sysfs that the runtime mounts read-only, or not at all, and that is writable.
    @Test(arguments: opened) func openedSysfs(name: String, node: Node, points: [String]) {
        #expect(Self.all(node) == points.map { "host-path-sys partial undeclared /sys at \($0), writable" })
    }

    private static let id = QuietIDs.container
    private static let pods = "/kubepods/burstable/pod0d15f723"

    /// Mounts of a container without a record: what it shares with the host, and whether it is told.
    static let withoutRecord: [(type: String, root: String, point: String, shares: NamespaceKind?, isTold: Bool)] = [
        ("cgroup", "\(pods)/\(id)", "/sys/fs/cgroup/memory", nil, false),
        ("cgroup", "/", "/sys/fs/cgroup/memory", nil, true),
        ("cgroup", "/", "/sys/fs/cgroup/memory", .cgroup, true),
        ("cgroup", "\(pods)/\(id)", "/mnt", nil, true),
        ("cgroup2", "\(pods)/crio-\(id).scope", "/sys/fs/cgroup", nil, false),
        ("cgroup2", "/", "/sys/fs/cgroup", nil, true),
        ("cgroup2", "/", "/sys/fs/cgroup", .cgroup, false),
        ("sysfs", "/", "/sys", nil, true),
        ("sysfs", "/", "/sys", .network, false),
        ("sysfs", "/", "/host/sys", .network, true),
        ("proc", "/", "/proc", nil, true),
        ("proc", "/", "/proc", .pid, false),
        ("proc", "/sys", "/proc/sys", .pid, false),
        ("mqueue", "/", "/dev/mqueue", .ipc, false),
        ("mqueue", "/", "/dev/mqueue", nil, true),
        ("tmpfs", "/", "/dev/shm", .ipc, false),
        ("tmpfs", "/", "/dev/shm", nil, true),
        ("tmpfs", "/", "/dev", .ipc, true),
        ("devpts", "/3", "/dev/console", nil, false),
        ("devpts", "/", "/dev/pts", nil, true),
        ("devtmpfs", "/null", "/dev/null", nil, false),
        ("devtmpfs", "/sda", "/dev/sda", nil, true),
        ("xfs", "/run/containers/storage/overlay-containers/\(id)/userdata/hostname", "/etc/hostname", nil, false),
        ("xfs", "/run/containers/storage/overlay-containers/\(id)/userdata", "/etc/hostname", nil, true),
    ]

    /// Where no record says what the runtime mounted, what every container has is not told; the node's own is.
    @Test(arguments: withoutRecord)
    func noRecord(type: String, root: String, point: String, shares: NamespaceKind?, isTold: Bool) {
        let device = DeviceNumber(major: 0, minor: 77)
        let node = Node.quiet.changingContainer { $0.bundle = nil }.changing { node in
            node.host.mounts.append(
                Mount(
                    id: 70, parentID: 22, device: device, root: "/",
                    mountPoint: type == "tmpfs" ? "/dev/shm" : type == "xfs" ? "/" : "/x", fileSystemType: type,
                    source: "x"))
            node.mountTables[0].mounts = [
                Mount(
                    id: 71, parentID: 701, device: device, root: root, mountPoint: point, fileSystemType: type,
                    source: "x")
            ]
            guard let shares else { return }
            for index in 3...4 { node.tasks[index].namespaces[shares] = NamespaceSet.host[shares] }
        }
        #expect(Self.all(node).map { $0.contains(" unknown ") } == (isTold ? [true] : []), "\(Self.all(node))")
        // One task that joined the host's namespace does not make the container's mounts its own.
        let joined = node.changing { $0.tasks[4].namespaces = Node.quiet.tasks[4].namespaces }
        if shares != nil { #expect(Self.all(joined).count == 1) }
    }

    /// Whatever is declared at /dev/shm is no shared memory for that.
    @Test func rootAtSharedMemory() {
        let node = Self.mounting("/", at: "/dev/shm").changing { $0.mountTables = [] }
        #expect(Self.all(node) == ["host-path-root root-equivalent declared-by-runtime / at /dev/shm, writable"])
    }

    /// A first process that changed its root sees, and shows, only what is below it.
    @Test func changedRoot() {
        let node = Self.mounting("/var/log", at: "/host").changing { node in
            node.mountTables[0].mounts.removeAll { $0.mountPoint != "/host" }
            node.mountTables[0].mounts[0].mountPoint = "/"
        }
        #expect(
            Self.all(node).contains { $0.hasPrefix("host-path-log partial") && $0.contains("/var/log at /") })
        let empty = Self.mounting("/").changing { $0.mountTables[0].mounts = [] }
        #expect(Self.all(empty) == ["host-path-root root-equivalent declared-by-runtime / at /host, writable"])
    }

    /// A mount that only a second mount namespace of the container has.
    @Test func secondMountNamespace() {
        let second = NamespaceID(rawValue: 4_026_539_000)
        let node = Node.quiet.changing { node in
            let disk = Mount(
                id: 950, parentID: 901, device: DeviceNumber(major: 259, minor: 1), root: "/", mountPoint: "/mnt",
                options: ["rw"], fileSystemType: "xfs", source: "/dev/nvme0n1p1")
            node.tasks[4].namespaces[.mount] = second
            node.mountTables.append(MountTable(namespace: second, pid: 4101, mounts: Mount.quietContainer + [disk]))
        }
        #expect(Self.all(node) == ["host-path-root root-equivalent undeclared / at /mnt, writable"])
    }

    /// The table of a namespace that is another container's says nothing of this one.
    @Test func tableOfAnother() {
        let theirs = NamespaceID(rawValue: 4_026_532_710)
        let node = Node.twoPods.changing { node in
            node.tasks[4].namespaces[.mount] = theirs
            var root = Mount.quietContainer[0]
            root.device = DeviceNumber(major: 0, minor: 411)
            let disk = Mount(
                id: 950, parentID: 901, device: DeviceNumber(major: 259, minor: 1), root: "/", mountPoint: "/mnt",
                options: ["rw"], fileSystemType: "xfs", source: "/dev/nvme0n1p1")
            node.mountTables.append(MountTable(namespace: theirs, pid: 5100, mounts: [root, disk]))
        }
        let evidence = Check.hostPaths.flatMap { $0.found(node) }
        #expect(evidence.map(\.container) == [2])
    }

    /// A sandbox that somebody made by hand in another's pod is told of for what it mounts.
    @Test func sandbox() {
        let node = Node.quiet.changingSandbox {
            $0.bundle?.mounts = [BundleMount(destination: "/host", type: "bind", source: "/", options: ["rbind"])]
        }
        #expect(Self.all(node) == ["host-path-root root-equivalent declared-by-runtime / at /host, writable"])
    }
}
