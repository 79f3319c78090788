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

    private static func mount(_ point: String, _ minor: UInt32, _ type: String) -> Mount {
        Mount(
            id: 1, parentID: 0, device: DeviceNumber(major: 0, minor: minor), root: "/", mountPoint: point,
            fileSystemType: type, source: "x")
    }

    /// A hierarchy that the node has mounted is read there; of the others, none below a file system that may hang.
    @Test func hierarchiesOfContainers() throws {
        try TemporaryDirectory.with { directory in
            for place in ["cg", "7/root/a", "7/root/b", "7/root/fuse/c"] {
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
                            Self.mount("/b", 2, "cgroup"), Self.mount("/fuse", 3, "fuse"),
                            Self.mount("/fuse/c", 4, "cgroup"),
                        ])
                ]
            }
            // What is looked at is told, as it is no hierarchy of those numbers.
            let looked = node.gaps.filter { $0.reason == "setting: another file system lies over it" }
            #expect(looked.map(\.examples) == [["/cg/release_agent", "/b/release_agent of pid 7"]])
        }
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
}
