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
        let places = NodePlaces(root: root, hostRoot: FileIdentity(path: hostRoot), hostMounts: [], tables: [table])
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

    /// Where the node's tree cannot be opened, what is held stays unknown.
    @Test func treeThatIsNotThere() {
        let places = Self.places(root: "/absent")
        #expect(Self.reach("/", places) == nil)
        #expect(places.gaps.map(\.kind) == [.mounts] && places.gaps.first?.count == 1)
    }
}
