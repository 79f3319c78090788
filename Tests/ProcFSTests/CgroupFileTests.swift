import NodeModel
import Testing

@testable import ProcFS

@Suite struct CgroupFileTests {
    static let texts: [(text: String, memberships: [CgroupMembership])] = [
        ("", []),
        ("0::/\n", [CgroupMembership(hierarchy: 0, controllers: [], path: "/")]),
        ("0::/", [CgroupMembership(hierarchy: 0, controllers: [], path: "/")]),
        (
            "4:cpu,cpuacct:/a:b:c\n1:name=systemd:/\n",
            [
                CgroupMembership(hierarchy: 4, controllers: ["cpu", "cpuacct"], path: "/a:b:c"),
                CgroupMembership(hierarchy: 1, controllers: ["name=systemd"], path: "/"),
            ]
        ),
        ("0::/x (deleted)\n", [CgroupMembership(hierarchy: 0, controllers: [], path: "/x (deleted)")]),
    ]

    @Test(arguments: texts)
    func parsed(text: String, memberships: [CgroupMembership]) throws {
        #expect(try CgroupFile.parse(Array(text.utf8)) == memberships)
    }

    @Test func bytesThatAreNoText() throws {
        let memberships = try CgroupFile.parse(Array("0::/a".utf8) + [0xFF, 0x1B])
        #expect(memberships.map(\.path) == ["/a\\xff\u{1B}"])
    }

    static let malformedTexts: [(text: String, line: Int)] = [
        ("0", 1), ("0:", 1), ("0::", 1), ("0::relative", 1), ("::/", 1), ("x::/", 1), ("-1::/", 1),
        ("4294967296::/", 1),
        ("0::/\n1:cpu\n", 2), ("0;;/\n", 1), (" 0::/\n", 1), ("0::/a\nb\n", 2),
    ]

    @Test(arguments: malformedTexts)
    func malformed(text: String, line: Int) {
        #expect(throws: ProcFSError.malformed(file: "cgroup", line: line)) { try CgroupFile.parse(Array(text.utf8)) }
    }

    @Test func longPath() throws {
        let path = String(repeating: "/" + String(repeating: "a", count: 254), count: 1000)
        #expect(try CgroupFile.parse(Array("0::\(path)\n".utf8)).first?.path == path)
    }
}

@Suite struct NamespaceLinkTests {
    @Test(arguments: [("mnt:[4026531841]", 4_026_531_841), ("pid:[1]", 1), ("net:[4294967295]", 4_294_967_295)])
    func links(text: String, inode: UInt32) throws {
        #expect(try parsing(text, NamespaceLink.parse).rawValue == inode)
    }

    @Test(arguments: [
        "", "mnt", "mnt:", "mnt:[", "mnt:[]", "mnt:[0]", "mnt:[x]", "mnt:[1", "mnt:[1]x", "mnt:[1] ",
        "mnt:[4294967296]",
        "mnt:[-1]", "mnt:[1][2]", "mnt:[ 1]", "mnt:(1)", "[\u{FFFD}]",
    ])
    func malformed(text: String) {
        #expect(throws: ProcFSError.malformed(file: "ns", line: 1)) { try parsing(text, NamespaceLink.parse) }
    }
}
