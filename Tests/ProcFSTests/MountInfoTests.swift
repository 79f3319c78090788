import NodeModel
import Testing

@testable import ProcFS

@Suite struct MountInfoTests {
    @Test func everyField() throws {
        let text = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n"
        #expect(
            try MountInfo.parse(Array(text.utf8)) == [
                Mount(
                    id: 36, parentID: 35, device: DeviceNumber(major: 98, minor: 0), root: "/mnt1", mountPoint: "/mnt2",
                    options: ["rw", "noatime"], propagation: ["master:1", "shared:7"], fileSystemType: "ext3",
                    source: "/dev/root", superOptions: ["rw", "errors=continue"])
            ])
    }

    static let oddLines: [(line: String, mountPoint: String, source: String, propagation: [String])] = [
        ("1 1 0:1 / /a - tmpfs - rw", "", "", []),
        ("1 1 0:1 / /a rw - tmpfs - rw", "/a", "-", []),
        ("1 1 0:1 / /a rw - tmpfs  rw", "/a", "", []),
        ("1 1 0:1 / /- rw - - - rw", "/-", "-", []),
        ("1 1 0:1 / /a-b rw - tmpfs tmpfs rw", "/a-b", "tmpfs", []),
        ("1 1 0:1 / /a\\040b rw x:1 - tmpfs tmpfs rw", "/a b", "tmpfs", ["x:1"]),
        ("1 1 0:1 / /a\\04 rw - tmpfs tmpfs rw", "/a\\04", "tmpfs", []),
        ("1 1 0:1 / /a\\ rw - tmpfs tmpfs rw", "/a\\", "tmpfs", []),
        ("1 1 0:1 / /a\\999 rw - tmpfs tmpfs rw", "/a\\999", "tmpfs", []),
        ("1 1 0:1 / /a\\777 rw - tmpfs tmpfs rw", "/a\\777", "tmpfs", []),
        ("1 1 0:1 / /a\\377 rw - tmpfs tmpfs rw", "/a\\xff", "tmpfs", []),
        ("1 1 0:1 / /a\\134040 rw - tmpfs tmpfs rw", "/a\\040", "tmpfs", []),
        ("1 1 0:1 / /a\\043b rw - tmpfs a\\040-\\040b rw", "/a#b", "a - b", []),
        ("1 1 0:1 net:[4026531840] /run/netns/x rw - nsfs nsfs rw", "/run/netns/x", "nsfs", []),
    ]

    @Test(arguments: oddLines)
    func odd(line: String, mountPoint: String, source: String, propagation: [String]) throws {
        if mountPoint.isEmpty {
            #expect(throws: ProcFSError.malformed(file: "mountinfo", line: 1)) { try MountInfo.parse(Array(line.utf8)) }
            return
        }
        let mount = try #require(try MountInfo.parse(Array(line.utf8)).first)
        #expect(mount.mountPoint == mountPoint)
        #expect(mount.source == source)
        #expect(mount.propagation == propagation)
    }

    /// A file that was deleted, or replaced by another, since it was mounted.
    @Test func deleted() throws {
        let line = "9 1 254:0 /etc/a.conf//deleted /f//deleted rw - ext4 /dev/root rw\n"
        let mount = try #require(try MountInfo.parse(Array(line.utf8)).first)
        #expect(mount.root == "/etc/a.conf" && mount.mountPoint == "/f")
    }

    static let good = "1 1 0:1 / / rw - tmpfs tmpfs rw\n"
    static let malformedTexts: [(text: String, line: Int)] = [
        (" ", 1), ("1", 1), (good + "x\n", 2), ("1 1 0:1 / / rw\n", 1), ("1 1 0:1 / / rw shared:1 tmpfs tmpfs rw\n", 1),
        ("x 1 0:1 / / rw - tmpfs tmpfs rw\n", 1), ("1 1 0 / / rw - tmpfs tmpfs rw\n", 1),
        ("1 1 0:1:2 / / rw - tmpfs tmpfs rw\n", 1), ("1 1 0:x / / rw - tmpfs tmpfs rw\n", 1),
        ("4294967296 1 0:1 / / rw - tmpfs tmpfs rw\n", 1), ("1\t1\t0:1\t/\t/\trw\t-\ttmpfs\ttmpfs\trw\n", 1),
        ("1 1 0:1 / / rw shared:1 -\n", 1), ("1 1 0:1 / / rw a b - tmpfs\n", 1),
        ("1 1 0:1 / /a\nb rw - tmpfs tmpfs rw\n", 1), (good + good + "\u{0}\n", 3),
    ]

    @Test(arguments: malformedTexts)
    func malformed(text: String, line: Int) {
        #expect(throws: ProcFSError.malformed(file: "mountinfo", line: line)) { try MountInfo.parse(Array(text.utf8)) }
    }

    /// What is taken from a list that was parsed before is the same, in either place.
    @Test func sharedLists() throws {
        let lines = [
            "1 1 0:1 / / rw,nosuid - tmpfs tmpfs rw,size=1k", "2 1 0:2 / /a rw,size=1k - tmpfs tmpfs rw,nosuid",
            "3 1 0:3 / /b rw,\(String(repeating: "x,", count: 100))ro - tmpfs tmpfs",
        ]
        var lists = OptionLists()
        for line in lines + lines {
            let bytes = Array(line.utf8)
            #expect(try MountInfo.parse(bytes, &lists) == MountInfo.parse(bytes))
        }
        let mounts = try MountInfo.parse(Array(lines[1].utf8), &lists)
        #expect(mounts.map(\.options) == [["rw", "size=1k"]] && mounts.map(\.superOptions) == [["rw", "nosuid"]])
    }

    @Test(arguments: [(255, 0), (256, 1), (1024, 4)]) func pauses(mounts: Int, count: Int) throws {
        let text = String(repeating: "1 1 0:1 / / rw - tmpfs tmpfs rw\n", count: mounts)
        var (lists, pauses) = (OptionLists(), 0)
        #expect(try MountInfo.parse(Array(text.utf8), &lists) { pauses += 1 }.count == mounts)
        #expect(pauses == count)
    }

    @Test func emptyFile() throws { #expect(try MountInfo.parse([]) == []) }

    /// An overlay's layers are kilobytes of paths, of which only the upper one is asked for.
    @Test func longOptionsAreLeftOut() throws {
        let long = "lowerdir=" + String(repeating: "/a:", count: 10_000)
        let mounts = try MountInfo.parse(Array("1 1 0:1 / / rw - overlay overlay ro,\(long),uuid=on\n".utf8))
        #expect(mounts.first?.superOptions == ["ro", "uuid=on"])
        #expect(mounts.first?.isWritable == false)
        let upper = "upperdir=/" + String(repeating: "a", count: 100)
        let layers = try MountInfo.parse(Array("1 1 0:1 / / rw - overlay overlay rw,\(long),\(upper)\n".utf8))
        #expect(layers.first?.superOptions == ["rw", upper])
    }
}
