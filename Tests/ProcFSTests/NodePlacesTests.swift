import Glibc
import NodeModel
import TestSupport
import Testing

@testable import ProcFS

@Suite struct NodePlacesTests {
    private static func places(
        root: String = "/", hostRoot: String = "/", known: [FileIdentity] = []
    ) -> NodePlaces {
        let mounts = known.map {
            Mount(
                id: $0.mount, parentID: 1, device: $0.device, root: "/", mountPoint: "/", fileSystemType: "ext4",
                source: "/dev/x")
        }
        let table = MountTable(namespace: NamespaceID(rawValue: 7), pid: 7, mounts: mounts)
        let hostFiles = FileIdentity(path: hostRoot).map { [HostFile(path: "/", file: $0)] } ?? []
        let places = NodePlaces(root: root, hostFiles: hostFiles, hostMounts: [], tables: [table])
        places.namespace = table.namespace
        return places
    }

    private static func reach(_ path: String, _ places: NodePlaces) -> String? {
        FileIdentity(path: path).flatMap { places.reach(of: $0, at: path, in: AT_FDCWD) }
    }

    /// The file systems of some build environments have no handles (overlay without nfs_export).
    private static let hasHandles: Bool = {
        let tried = places(hostRoot: "/tmp")
        return isRoot && reach("/tmp", tried) != nil && tried.gaps == []
    }()

    /// A directory leads as far up as the file system goes, whatever is the root of the one who holds it.
    @Test func directories() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("usr/share")
            let isOfRoot = FileIdentity(path: directory.path)?.device == FileIdentity(path: "/")?.device
            let places = Self.places()
            #expect(Self.reach("\(directory.path)/usr/share", places) == (isOfRoot ? "/" : nil))
            #expect(Self.reach("/", places) == "/" && places.gaps == [])
        }
    }

    @Test(.enabled(if: hasHandles, "needs root and a file system with handles"))
    func files() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("etc/shadow")
            let path = "\(directory.path)/etc/shadow"
            let places = Self.places(hostRoot: directory.path)
            #expect(Self.reach(path, places) == path)
            #expect(Self.reach(path, Self.places(root: directory.path, hostRoot: directory.path)) == "/etc/shadow")
            let file = try #require(FileIdentity(path: path))
            let descriptor = open(path, O_RDONLY)
            defer { close(descriptor) }
            try directory.remove("etc/shadow")
            // A file without a name is where it was, or nowhere on the node, as its file system says; never a gap.
            let reach = places.reach(of: file, at: "/proc/self/fd/\(descriptor)", in: AT_FDCWD)
            #expect([nil, path + " (deleted)"].contains(reach))
            #expect(places.gaps == [])
        }
    }

    @Test func whatIsNotLookedUp() throws {
        let root = try #require(FileIdentity(path: "/"))
        // Shown by a table, of a file system that is not the node's, no directory or file, and gone.
        #expect(Self.reach("/", Self.places(known: [root])) == nil)
        #expect(Self.reach("/proc", Self.places()) == nil)
        #expect(Self.reach("/dev/null", Self.places(hostRoot: "/dev")) == nil)
        let places = Self.places()
        #expect(places.reach(of: root, at: "/absent", in: AT_FDCWD) == nil && places.gaps == [])
    }

    private static let space = NamespaceID(rawValue: 7)
    private static let control = DeviceNumber(major: 242, minor: 0)

    /// Mount 10 of the task's own namespace at `/data`, 20 of procfs; 30 of the host, 40 of another container.
    private static func judge(isPartial: Bool? = nil) -> NodePlaces {
        func mount(_ id: UInt32, _ point: String, _ type: String = "xfs") -> Mount {
            Mount(
                id: id, parentID: 1, device: DeviceNumber(major: 259, minor: 1), root: "/", mountPoint: point,
                fileSystemType: type, source: "x")
        }
        let etc = FileIdentity(mount: 0, device: DeviceNumber(major: 259, minor: 1), inode: 9, kind: .directory)
        let places = NodePlaces(
            root: "/absent", hostFiles: [HostFile(path: "/etc", file: etc)], hostMounts: [mount(30, "/")],
            tables: [
                MountTable(
                    namespace: space, pid: 7, mounts: [mount(10, "/data"), mount(20, "/proc", "proc")],
                    isPartial: isPartial),
                MountTable(namespace: NamespaceID(rawValue: 8), pid: 8, mounts: [mount(40, "/")]),
            ], diskControls: [control])
        places.namespace = space
        return places
    }

    static let telling: [(mount: UInt32, path: String, kind: FileIdentity.Kind, inode: UInt64, tellsNothing: Bool)] = [
        (10, "/data/log", .regular, 1, true), (10, "/data", .directory, 1, true),
        (10, "/data (deleted)", .regular, 1, true), (10, "/data/x", .directory, 9, false),
        (10, "/etc/shadow", .regular, 1, false), (10, "/database", .regular, 1, false), (10, "/", .regular, 1, false),
        (20, "/proc/7/status", .regular, 1, true), (20, "/proc/7/mem", .regular, 1, false),
        (30, "/var/log/x", .regular, 1, false), (40, "/x", .regular, 1, false), (50, "/memfd:x", .regular, 1, true),
        (50, "/", .directory, 9, false), (10, "/data/pipe", .other, 1, true),
        (10, "/dev/sda", .blockDevice, 1, false), (10, "/dev/null", .characterDevice, 1, true),
    ]

    @Test(arguments: telling)
    func judged(mount: UInt32, path: String, kind: FileIdentity.Kind, inode: UInt64, tellsNothing: Bool) {
        let file = FileIdentity(
            mount: mount, device: DeviceNumber(major: 259, minor: 1), inode: inode, kind: kind,
            node: DeviceNumber(major: 1, minor: 3))
        #expect(Self.judge().tellsNothing(file, at: path) == tellsNothing)
    }

    @Test func tellingMore() {
        var file = FileIdentity(mount: 50, device: DeviceNumber(major: 259, minor: 1), inode: 1, kind: .regular)
        file.reach = "/etc/shadow"
        #expect(!Self.judge().tellsNothing(file, at: "/etc/shadow"))
        let memory = FileIdentity(
            mount: 10, device: DeviceNumber(major: 0, minor: 5), inode: 1, kind: .characterDevice,
            node: DeviceNumber(major: 1, minor: 1))
        #expect(!Self.judge().tellsNothing(memory, at: "/data/mem"))
        let generic = FileIdentity(
            mount: 10, device: DeviceNumber(major: 0, minor: 5), inode: 1, kind: .characterDevice, node: Self.control)
        #expect(!Self.judge().tellsNothing(generic, at: "/data/x"))
        // Where not all mounts are seen, the place of one says nothing.
        let hidden = FileIdentity(mount: 10, device: DeviceNumber(major: 259, minor: 1), inode: 1, kind: .regular)
        #expect(Self.judge(isPartial: true).tellsNothing(hidden, at: "/elsewhere"))
    }

    /// Where the node's tree cannot be opened, what is held stays unknown.
    @Test func treeThatIsNotThere() {
        let places = Self.places(root: "/absent")
        #expect(Self.reach("/", places) == nil)
        #expect(places.gaps.map(\.kind) == [.mounts] && places.gaps.first?.count == 1)
    }
}
