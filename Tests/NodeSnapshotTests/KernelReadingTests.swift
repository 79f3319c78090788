import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct KernelReadingTests {
    /// A node whose `/proc` and root are one directory, and which one container shares the IPC namespace of.
    private static func read(
        _ directory: TemporaryDirectory, parts: NodeParts = .kernel, _ change: (inout Node) throws -> Void = { _ in }
    ) throws -> Node {
        let own = try ProcReader().namespaces(of: getpid())
        var node = Node(host: Host(reference: Host.Reference(pid: 1, namespaces: own)))
        node.containers = [Container(id: "x")]
        node.tasks = [NodeTask(pid: 7, tid: 7, namespaces: own, container: 0)]
        try change(&node)
        let builder = SnapshotBuilder(SnapshotOptions(proc: directory.path, root: directory.path, parts: parts))
        builder.readKernelState(&node, until: Deadline(secondsFromNow: 60))
        return node
    }

    private static let packets = "sk RefCnt Type Proto Iface R Rmem User Inode\n0 3 3 0003 0 1 0 0 25342\n"
    private static let memory = "key shmid perms size cpid lpid nattch\n17 3 1600 4096 812 7 2 0 0 0 0 0 1 0\n"

    @Test func everything() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("sys/kernel/modprobe", "/sbin/modprobe\n")
            try directory.file("usr/bin/kmod")
            try directory.link("sbin", to: "usr/bin")
            try directory.link("usr/bin/modprobe", to: "kmod")
            try directory.file("1/net/packet", Self.packets)
            try directory.file("sysvipc/shm", Self.memory)
            let node = try Self.read(directory)
            let state = try #require(node.host.kernelState)
            #expect(state.helpers.map(\.target) == ["/usr/bin/kmod"] && state.helpers.allSatisfy { !$0.isMissing })
            #expect(state.packetSockets == [25_342])
            #expect(state.sharedMemory == [SharedMemory(key: 17, id: 3, creator: 812, lastUser: 7)])
            #expect(node.gaps == [])
            #expect(try Self.read(directory, parts: .bundles).host.kernelState == nil)
        }
    }

    @Test func nothing() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("1")
            let node = try Self.read(directory)
            #expect(node.host.kernelState == KernelState(sharedMemory: []) && node.gaps == [])
        }
    }

    static let programs: [(program: String, target: String?, isMissing: Bool)] = [
        ("/tmp/x", "/tmp/x", false), ("tmp/x", "/tmp/x", false), ("/tmp/absent", nil, true),
        ("/tmp/dangling", nil, true), ("/tmp/link", "/tmp/x", false),
        // The way goes through another process' root, or through what may hang.
        ("/proc/7/root/x", nil, false), ("/net/x", nil, false),
    ]

    @Test(arguments: programs)
    func whereAProgramIs(program: String, target: String?, isMissing: Bool) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("sys/kernel/core_pattern", "|\(program) %P\n")
            try directory.file("tmp/x")
            try directory.link("tmp/link", to: "/tmp/x")
            try directory.link("tmp/dangling", to: "/tmp/absent")
            try directory.file("proc/7/root/x")
            try directory.file("net/x")
            try directory.directory("1")
            let node = try Self.read(directory) { node in
                node.host.mounts = [Self.mount("/net", 9, "nfs4")]
            }
            let setting = try #require(node.host.kernelState?.helpers.first)
            #expect(setting.target == target && setting.isMissing == isMissing)
        }
    }

    private static func mount(_ point: String, _ minor: UInt32, _ type: String, root: String = "/") -> Mount {
        Mount(
            id: 1, parentID: 0, device: DeviceNumber(major: 0, minor: minor), root: root, mountPoint: point,
            fileSystemType: type, source: "x")
    }

    /// A hierarchy that the node has mounted is read there; of the others, none below a file system that may hang.
    @Test func hierarchiesOfContainers() throws {
        try TemporaryDirectory.with { directory in
            for place in ["cg", "7/root/a", "7/root/b", "7/root/group", "7/root/fuse/c"] {
                try directory.file("\(place)/release_agent", "/cmd\n")
            }
            try directory.directory("1")
            let node = try Self.read(directory) { node in
                node.host.mounts = [Self.mount("/cg", 1, "cgroup")]
                node.mountTables = [
                    MountTable(
                        namespace: NamespaceID(rawValue: 5), pid: 7,
                        mounts: [
                            Self.mount("/", 8, "overlay"), Self.mount("/a", 1, "cgroup"),
                            Self.mount("/group", 2, "cgroup", root: "/s"), Self.mount("/b", 2, "cgroup"),
                            Self.mount("/fuse", 3, "fuse"),
                            Self.mount("/fuse/c", 4, "cgroup"),
                        ])
                ]
            }
            // What is looked at is told, as it is no hierarchy of those numbers.
            let looked = node.gaps.filter { $0.reason == "setting: another file system lies over it" }
            #expect(looked.map(\.examples) == [["/cg/release_agent", "/b/release_agent of pid 7"]])
        }
    }

    /// What is mounted nowhere any more is a gap, on a node that is not inside of another.
    @Test func hierarchiesMountedNowhere() throws {
        func mount(_ point: String, _ options: String..., root: String = "/") -> Mount {
            var mount = Self.mount(point, 40, "cgroup", root: root)
            mount.superOptions = ["rw"] + options
            return mount
        }
        func read(_ cgroup: NamespaceID, _ parts: NodeParts = [.kernel, .mounts]) throws -> [Gap] {
            try TemporaryDirectory.with { directory in
                try directory.directory("1")
                let node = try Self.read(directory, parts: parts) { node in
                    node.host.reference?.namespaces[.cgroup] = cgroup
                    node.host.mounts = [mount("/cpu", "cpu", "cpuacct"), mount("/rt", "xattr", "name=rt")]
                    // A mount of a group does not show the hierarchy's agent.
                    node.host.mounts.append(mount("/group", "name=gone", root: "/s"))
                    node.cgroups = [["0::"], ["4:cpu,cpuacct:", "3:name=rt:", "2:name=gone:", "1:pids:", "0::"]].map {
                        CgroupPlacement(
                            memberships: $0.map { line in
                                let fields = line.split(separator: ":", omittingEmptySubsequences: false)
                                return CgroupMembership(
                                    hierarchy: UInt32(fields[0]) ?? 0,
                                    controllers: fields[1].split(separator: ",").map(String.init), path: "/")
                            }, owner: .host)
                    }
                }
                return node.gaps.filter { !$0.reason.contains("such directory") }
            }
        }
        let gaps = try read(.initialCgroup)
        #expect(
            gaps.map(\.reason) == ["setting: the release agent of a cgroup hierarchy that is mounted nowhere"])
        #expect(gaps.first?.examples == ["name=gone", "pids"] && gaps.first?.kind == .kernel)
        #expect(try read(NamespaceID(rawValue: 7)) == [] && read(.initialCgroup, .kernel) == [])
    }

    @Test func unreadableTables() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("1/net/packet", "sk\nx\n")
            try directory.file("sysvipc/shm", "key\nx\n")
            let node = try Self.read(directory)
            #expect(node.host.kernelState == KernelState())
            #expect(
                node.gaps.map(\.reason) == [
                    "packet sockets: packet line 2 is malformed", "shared memory: shm line 2 is malformed",
                ])
            #expect(node.gaps.allSatisfy { $0.kind == .kernel })
        }
    }

    /// The table of another IPC namespace is nobody's, and matters only where a container shares the host's.
    @Test func otherIPCNamespace() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("1")
            try directory.file("sysvipc/shm", Self.memory)
            let other = NamespaceID(rawValue: 7)
            let blind = try Self.read(directory) { node in
                node.host.reference?.namespaces[.ipc] = other
                node.tasks[0].namespaces[.ipc] = other
            }
            #expect(blind.host.kernelState?.sharedMemory == nil)
            #expect(
                blind.gaps.map(\.reason) == ["shared memory: the reader is not in the host's IPC namespace"])
            let alone = try Self.read(directory) { $0.tasks[0].namespaces[.ipc] = other }
            #expect(alone.host.kernelState == KernelState() && alone.gaps == [])
        }
    }

    // MARK: - Files that processes share

    private static func maps(_ inode: Int, _ path: String) -> String {
        "7f00-7f01 rw-s 00000000 00:1b \(inode) /dev/shm/\(path)\n"
    }

    /// Process 7 is of a container in the host's IPC namespace, 8 and 9 are the node's, 10 sees another `/dev/shm`.
    private static func sharing(
        _ directory: TemporaryDirectory, _ change: (inout Node) -> Void = { _ in }
    ) throws -> Node {
        let own = try ProcReader().namespaces(of: getpid())
        let elsewhere = NamespaceID(rawValue: 5)
        var node = Node(host: Host(reference: Host.Reference(pid: 1, namespaces: own)))
        node.host.mounts = [mount("/dev/shm", 27, "tmpfs")]
        node.host.kernelState = KernelState()
        node.containers = [Container(id: "x")]
        node.mountTables = [MountTable(namespace: elsewhere, pid: 10, mounts: [mount("/", 8, "overlay")])]
        node.tasks = [7, 8, 9, 10].map { NodeTask(pid: $0, tid: $0, namespaces: own) }
        node.tasks[0].container = 0
        node.tasks[3].namespaces[.mount] = elsewhere
        change(&node)
        let options = SnapshotOptions(proc: directory.path, root: directory.path, parts: [.kernel, .mounts])
        SnapshotBuilder(options).readSharedFiles(&node, until: Deadline(secondsFromNow: 60))
        return node
    }

    @Test func sharedFiles() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("7/maps", Self.maps(1, "a") + Self.maps(2, "of the pod") + Self.maps(3, "b (deleted)"))
            try directory.file("8/maps", Self.maps(1, "a") + Self.maps(4, "of the node"))
            try directory.file("9/maps", Self.maps(3, "b (deleted)") + Self.maps(1, "a"))
            try directory.file("10/maps", Self.maps(2, "of the pod"))
            let node = try Self.sharing(directory)
            #expect(
                node.host.kernelState?.sharedFiles == [
                    SharedFile(path: "/dev/shm/a", processes: [7, 8, 9]),
                    SharedFile(path: "/dev/shm/b (deleted)", processes: [7, 9]),
                ])
            #expect(node.gaps == [])
            // A container that has an IPC namespace of its own is not looked at, nor where nobody has a `/dev/shm`.
            let other = try Self.sharing(directory) { $0.tasks[0].namespaces[.ipc] = NamespaceID(rawValue: 6) }
            let bare = try Self.sharing(directory) { $0.host.mounts = [] }
            #expect(other.host.kernelState == KernelState() && bare.host.kernelState == KernelState())
        }
    }

    @Test func unreadableMaps() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("7/maps", Self.maps(1, "a"))
            try directory.file("8/maps", "x\n")
            try directory.file("9/maps", Self.maps(1, "a"))
            let node = try Self.sharing(directory)
            #expect(node.host.kernelState?.sharedFiles == [SharedFile(path: "/dev/shm/a", processes: [7, 9])])
            #expect(node.gaps.map(\.reason) == ["mapped files: maps line 1 is malformed"])
            #expect(node.gaps.map(\.examples) == [["pid 8"]])
        }
    }

    /// A pod may map as many files as there is room for in the node's `/dev/shm`.
    @Test func moreFilesThanAreLookedAt() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("7/maps", (1...50_001).map { Self.maps($0, "x") }.joined())
            let node = try Self.sharing(directory)
            #expect(node.host.kernelState?.sharedFiles == [])
            #expect(node.gaps.map(\.reason) == ["mapped files: more than are looked at"])
            #expect(node.gaps.map(\.kind) == [.kernel])
        }
    }
}
