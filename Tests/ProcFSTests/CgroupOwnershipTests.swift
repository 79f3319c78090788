import NodeModel
import Testing

@testable import ProcFS

@Suite struct CgroupOwnershipTests {
    static let a = String(repeating: "a1", count: 32)
    static let b = String(repeating: "b2", count: 32)
    static let uid = "07e5bede-1743-4946-beac-d1003d723dd2"

    static func place(
        _ id: String, _ uid: String? = nil, outer: [String] = [], naming: Int = 1, elsewhere: Int = 0
    ) -> CgroupPlacement.Owner {
        .container(
            ContainerPlace(containerID: id, podUID: uid, outerContainerIDs: outer, naming: naming, elsewhere: elsewhere)
        )
    }

    static let pathOwners: [(path: String, owner: CgroupPlacement.Owner)] = [
        ("/", .host),
        ("/system.slice/sshd.service", .host),
        ("/system.slice/containerd.service", .host),
        ("/kubepods", .host),
        ("/kubepods.slice/kubepods-burstable.slice", .host),
        ("/kubepods/burstable/pod\(uid)", .pod(uid: uid)),
        ("/kubepods.slice/kubepods-pod07e5bede_1743_4946_beac_d1003d723dd2.slice", .pod(uid: uid)),
        ("/kubepods/burstable/pod\(uid)/\(a)", place(a, uid)),
        ("/kubepods/pod\(uid)/crio-\(a)", place(a, uid)),
        ("/kubepods.slice/kubepods-pod\(uid).slice/crio-\(a).scope", place(a, uid)),
        ("/kubepods.slice/kubepods-pod\(uid).slice/crio-conmon-\(a).scope", .pod(uid: uid)),
        ("/kubepods/poddev-1/\(a)", place(a, "dev-1")),
        // A combining mark after a separator, which the kernel sees as one.
        ("/kubepods/pod\u{301}/\(a)", place(a, "\u{301}")),
        ("/kubepods/pod\(uid)/\u{301}-\(a)", place(a, uid)),
        ("/kubepods/pod\(uid)/é-\(a):\u{301}", place(a, uid)),
        ("/docker/\(a)", place(a)),
        ("/system.slice/docker-\(a).scope", place(a)),
        ("/user.slice/libpod-\(a).scope/container", place(a)),
        // A container that makes cgroups below its own does not become another one.
        ("/kubepods/pod\(uid)/\(a)/\(b)", place(a, uid)),
        ("/kubepods/pod\(uid)/\(a)/pod11111111-1111-1111-1111-111111111111/\(b)", place(a, uid)),
        ("/docker/\(b)/kubepods/pod\(uid)/\(a)", place(a, uid, outer: [b])),
        // No ids: too short, too long, capitals, no hex.
        ("/kubepods/x/\(a.dropLast())", .host),
        ("/x/\(a)0", .host),
        ("/x/\(a.uppercased())", .host),
        ("/x/g\(a.dropFirst())", .host),
        ("/x/y\(a)", .host),
        ("/pods/podium", .host),
        ("/system.slice/podman.service", .host),
        ("/system.slice/pod\u{1B}[31m", .host),
        ("/" + String(repeating: "/", count: 5000), .host),
    ]

    @Test(arguments: pathOwners)
    func paths(path: String, owner: CgroupPlacement.Owner) {
        let memberships = [CgroupMembership(hierarchy: 0, controllers: [], path: path)]
        #expect(CgroupPlacement(memberships, reader: .host).owner == owner)
    }

    static let hierarchyOwners: [(paths: [String], owner: CgroupPlacement.Owner)] = [
        ([], .host),
        (["/", "/"], .host),
        (["/docker/\(a)", "/", "/docker/\(a)"], place(a, naming: 2)),
        (["/docker/\(a)", "/docker/\(b)", "/docker/\(b)"], place(b, naming: 2, elsewhere: 1)),
        (["/docker/\(a)", "/docker/\(b)"], place(a, naming: 1, elsewhere: 1)),
        (["/user.slice", "/docker/\(a)", "/user.slice"], place(a, naming: 1, elsewhere: 2)),
        (["/user.slice", "/kubepods/pod\(uid)"], .pod(uid: uid)),
    ]

    @Test(arguments: hierarchyOwners)
    func hierarchies(paths: [String], owner: CgroupPlacement.Owner) {
        let memberships = paths.enumerated().map {
            CgroupMembership(hierarchy: UInt32($0.offset + 1), controllers: [], path: $0.element)
        }
        #expect(CgroupPlacement(memberships, reader: .host).owner == owner)
    }

    @Test func minority() {
        #expect(!ContainerPlace(containerID: Self.a, naming: 1, elsewhere: 1).isMinority)
        #expect(ContainerPlace(containerID: Self.a, naming: 1, elsewhere: 2).isMinority)
    }

    static let relativeOwners: [(reader: ReaderCgroup, path: String, owner: CgroupPlacement.Owner)] = [
        (.unknown, "/", .unknown),
        (.unknown, "/system.slice/x.service", .unknown),
        (.unknown, "/../..", .unknown),
        (.unknown, "/../\(b)", place(b)),
        (.unknown, "/docker/\(a)", place(a)),
    ]

    @Test(arguments: relativeOwners)
    func relative(reader: ReaderCgroup, path: String, owner: CgroupPlacement.Owner) {
        let memberships = [CgroupMembership(hierarchy: 0, controllers: [], path: path)]
        #expect(CgroupPlacement(memberships, reader: reader).owner == owner)
    }
}

@Suite struct CgroupTableTests {
    @Test func equalContentsShareAnIndex() throws {
        var table = CgroupTable(reader: .host)
        let texts = ["0::/a\n", "0::/b\n", "0::/a\n", "0::/c\n", "0::/b\n", ""]
        let indices = try texts.map { text in
            try parsing(text) { bytes throws(ProcFSError) in try table.index(of: bytes) }
        }
        #expect(indices == [0, 1, 0, 2, 1, 3])
        #expect(table.placements.map { $0.memberships.first?.path } == ["/a", "/b", "/c", nil])
    }

    @Test func malformedContentTakesNoIndex() throws {
        var table = CgroupTable(reader: .host)
        #expect(throws: ProcFSError.malformed(file: "cgroup", line: 1)) {
            try parsing("x") { bytes throws(ProcFSError) in try table.index(of: bytes) }
        }
        #expect(try parsing("0::/\n") { bytes throws(ProcFSError) in try table.index(of: bytes) } == 0)
    }
}
