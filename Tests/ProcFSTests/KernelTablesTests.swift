import NodeModel
import Testing

@testable import ProcFS

@Suite struct KernelTablesTests {
    private static let packetHead = "sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n"
    private static let row = "0000000000000000 3      3    0003   0     1 0      0      25342 \n"

    static let packets: [(text: String, inodes: [UInt64])] = [
        ("", []), (packetHead, []), (packetHead + row, [25_342]),
        (packetHead + row + "000000003cf0c4d1 3 2 88cc 2 1 0 192 18446744073709551615\n", [25_342, .max]),
    ]

    @Test(arguments: packets)
    func packetSockets(text: String, inodes: [UInt64]) throws {
        #expect(try PacketSockets.parse(Array(text.utf8)) == inodes)
    }

    @Test(arguments: [
        "1 2 3\n", "0 3 3 0003 0 1 0 0 -1\n", "0 3 3 0003 0 1 0 0 x\n", "0 3 3 0003 0 1 0 0 1 2\n", "\u{FFFD}\n",
    ])
    func malformedPackets(line: String) {
        let text = Self.packetHead + Self.row + line
        #expect(throws: ProcFSError.malformed(file: "packet", line: 3)) { try PacketSockets.parse(Array(text.utf8)) }
    }

    private static let memoryHead =
        "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime\n"

    @Test func sharedMemory() throws {
        let text =
            Self.memoryHead
            + "        17          3  1600                  4096   812  4100      2     0     0     0     0  1  0  1  4096  0\n"
            + "-559038737      32769   600             524288     1     0      0     0     0     0     0  0  0  1\n"
        #expect(
            try SharedMemoryTable.parse(Array(text.utf8)) == [
                SharedMemory(key: 17, id: 3, creator: 812, lastUser: 4100),
                SharedMemory(key: -559_038_737, id: 32_769, creator: 1, lastUser: 0),
            ])
        #expect(try SharedMemoryTable.parse([]) == [])
    }

    @Test(arguments: ["17 3 1600\n", "x 3 1600 1 812 1 1 1 1 1 1 1 1 1\n", "1 3 1600 1 2147483648 1 1 1 1 1 1 1 1 1\n"])
    func malformedMemory(line: String) {
        let text = Self.memoryHead + line
        #expect(throws: ProcFSError.malformed(file: "shm", line: 2)) { try SharedMemoryTable.parse(Array(text.utf8)) }
    }

    private static let program = "55d0c0000000-55d0c0001000 r-xp 00001000 103:01 4711       /usr/bin/x\n"
    private static let object = "7f0000000000-7f0000001000 rw-s 00000000 00:1b 7            /dev/shm/a b\n"

    static let mapped: [(text: String, files: [UInt64: String])] = [
        ("", [:]), (program, [:]), (program + object, [7: "/dev/shm/a b"]), (object + object, [7: "/dev/shm/a b"]),
        ("7f00-7f01 r--p 00000000 00:1b 18446744073709551615 /dev/shm/x (deleted)\n", [.max: "/dev/shm/x (deleted)"]),
        // What has no name, another device, and one whose digits are the same in decimal.
        ("7f00-7f01 rw-s 00000000 00:1b 9 \n", [9: ""]), ("7f00-7f01 rw-p 00000000 00:00 0 \n", [:]),
        ("7f00-7f01 rw-p 00000000 00:00 0\n", [:]), ("7f00-7f01 rw-s 0 1b:00 9 /x\n", [:]),
        ("7f00-7f01 rw-s 0 00:27 9 /x\n", [:]), ("7f00-7f01 rw-s 0 10000000000:1b 9 /x\n", [:]),
        ("7f00-7f01 rw-s 0 00:1b 9 /dev/shm/a\\012b\n", [9: "/dev/shm/a\\012b"]),
    ]

    @Test(arguments: mapped)
    func mappedFiles(text: String, files: [UInt64: String]) throws {
        #expect(try MappedFiles.parse(Array(text.utf8), on: DeviceNumber(major: 0, minor: 27)) == files)
    }

    @Test(arguments: [
        "x\n", "\n", "7f00-7f01 rw-s 0 00:1b\n", "7f00-7f01 rw-s 0 00:1b x /x\n", "7f00-7f01 rw-s 0 001b 7 /x\n",
        "7f00-7f01 rw-s 0 00: 7 /x\n", "7f00-7f01 rw-s 0 00:1bx 7 /x\n", "7f00-7f01 rw-s 0 00:1b 7",
        "7f00-7f01 rw-s 0 00:1b 18446744073709551616 /x\n", "7f00-7f01 rw-s 0 00:11111111111111111 7 /x\n",
    ])
    func malformedMaps(line: String) {
        let text = Self.program + line
        #expect(throws: ProcFSError.malformed(file: "maps", line: 2)) {
            try MappedFiles.parse(Array(text.utf8), on: DeviceNumber(major: 0, minor: 27))
        }
    }

    static let information: [(text: String, name: String, number: Int64?)] = [
        ("pos:\t0\nflags:\t02\nPid:\t812\nNSpid:\t812\n", "Pid", 812), ("Pid:\t-1\n", "Pid", -1),
        ("pos:\t0\nmnt_id:\t15\n", "mnt_id", 15), ("prog_id: 7\n", "prog_id", 7), ("NSpid:\t812\n", "Pid", nil),
        ("Pid:\t\n", "Pid", nil), ("Pid:\t1 2\n", "Pid", nil), ("Pid", "Pid", nil), ("", "Pid", nil),
        ("Pid:\t99999999999999999999\n", "Pid", nil),
    ]

    @Test(arguments: information)
    func descriptorInfo(text: String, name: String, number: Int64?) {
        #expect(DescriptorInfo.number(name, in: Array(text.utf8)) == number)
    }
}

@Suite struct HeldObjectLinkTests {
    static let described: [(link: String, name: String?, object: HeldObject?)] = [
        ("anon_inode:bpf-prog", "prog_id", .program(7)), ("anon_inode:bpf-map", "map_id", .map(7)),
        ("anon_inode:bpf_link", "link_id", .link(7)), ("anon_inode:[pidfd]", "Pid", .process(7)),
        ("pidfd:[4711]", "Pid", .process(7)), ("anon_inode:[eventpoll]", nil, nil), ("pipe:[4711]", nil, nil),
        ("socket:[]", nil, nil), ("socket:[x]", nil, nil), ("socket:[1", nil, nil), ("mnt:[0]", nil, nil),
        ("mnt:[4294967296]", nil, nil), ("pid_for_children:[7]", nil, nil), ("", nil, nil), (":[", nil, nil),
    ]

    @Test(arguments: described)
    func fromInformation(link: String, name: String?, object: HeldObject?) {
        guard case .described(let found, let make) = HeldObjectLink(link) else {
            #expect(name == nil && HeldObjectLink(link) == nil)
            return
        }
        #expect(found == name && make(7) == object)
        // Another PID namespace's, one that has ended, and a number that is none.
        #expect(make(-1) == nil && make(.max) == nil)
        if case .process = object { #expect(make(0) == nil) }
    }

    @Test func numbered() {
        guard case .socket(4711) = HeldObjectLink("socket:[4711]") else {
            Issue.record("no socket")
            return
        }
        guard case .namespace(.network, let id) = HeldObjectLink("net:[4026531840]") else {
            Issue.record("no namespace")
            return
        }
        #expect(id.rawValue == 4_026_531_840)
    }
}
