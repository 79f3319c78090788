import LinuxSystem
import NodeModel
import ProcFS
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct MountTableReadingTests {
    /// A line of 38 bytes.
    private static func line(_ id: Int, _ point: String) -> String { "\(id) 1 0:10 / \(point) rw - tmpfs tmpfs rw,x\n" }
    private static let size = 38 + MountBudget.mountSize

    /// Tasks 1 to n, each in a mount namespace of its own with as many mounts as are given, in the cgroup of a pod or of
    /// the node; there is room for ten mounts, and for four of a pod.
    private func read(
        _ namespaces: [(pod: String?, mounts: Int)], roots: [Int: String] = [:], unreadable: Set<Int> = [],
        namespace: UInt32? = nil,
        seconds: Double = 60
    ) throws -> (tables: [String], gaps: [Gap]) {
        try TemporaryDirectory.with { directory in
            let reader = try ProcReader(root: directory.path)
            let tasks = try namespaces.enumerated().map { index, entry in
                let pid = Int32(index + 1)
                let lines = (0..<entry.mounts).map { number in
                    Self.line(100 * (index + 1) + number, roots[index] == nil && number == 0 ? "/" : "/m")
                }
                #expect(lines.allSatisfy { $0.utf8.count <= 38 })
                try directory.file("\(pid)/mountinfo", lines.joined())
                if let root = roots[index] { try directory.link("\(pid)/root", to: root) }
                if unreadable.contains(index) { try directory.file("\(pid)/root") }
                let owner = entry.pod.map { CgroupPlacement.Owner.pod(uid: $0) } ?? .host
                var task = NodeTask(pid: pid, tid: pid, parent: 1, startTime: 1, comm: "x")
                task.namespaces[.mount] = NamespaceID(rawValue: namespace ?? UInt32(1000 + index))
                let group = CgroupMembership(hierarchy: 0, controllers: [], path: "/\(entry.pod ?? "")")
                task.cgroup = reader.adopt(CgroupPlacement(memberships: [group], owner: owner))
                return task
            }
            var reading = MountTableReading(
                reader, KnownMounts(), budget: MountBudget(limit: 10 * Self.size, podLimit: 4 * Self.size))
            reading.read(tasks, host: NamespaceID(rawValue: 1), until: Deadline(secondsFromNow: seconds))
            let tables = reading.tables.map { table in
                "\(table.pid) \(table.mounts.count)" + (table.isPartial == true ? " partial" : "")
            }
            return (tables, reading.gaps)
        }
    }

    private static func cut(_ count: Int, _ pids: [Int]) -> Gap {
        Gap(
            kind: .mounts, reason: "more mounts than are kept of one pod, or of a node", count: count,
            examples: pids.map { "pid \($0)" })
    }

    @Test func roomForAll() throws {
        let (tables, gaps) = try read([("a", 4), ("b", 2), (nil, 4)])
        #expect(tables == ["1 4", "2 2", "3 4"] && gaps == [])
    }

    /// A pod that makes namespaces full of mounts loses the last of its own, and what others have is read.
    @Test func onePodOfMany() throws {
        let (tables, gaps) = try read([("a", 3), ("a", 3), ("a", 3), ("b", 3), (nil, 2)])
        #expect(tables == ["1 3", "2 1", "4 3", "5 2"])
        #expect(gaps == [Self.cut(2, [2, 3])])
    }

    @Test func noRoomAtAll() throws {
        let (tables, gaps) = try read([(nil, 12), ("b", 3)])
        #expect(tables == ["1 10"] && gaps == [Self.cut(2, [1, 2])])
    }

    /// Of roots in one namespace what each task sees counts.
    @Test func parts() throws {
        let (tables, gaps) = try read(
            [("a", 3), ("a", 3), ("a", 3)], roots: [0: "/j", 1: "/k", 2: "/l"], namespace: 1000)
        #expect(tables == ["1 4 partial"] && gaps == [Self.cut(2, [2, 3])])
    }

    /// Whose root cannot be told may see less than there is, and the task that sees all is looked for.
    @Test func unknownRoots() throws {
        let (tables, gaps) = try read([("a", 2), ("a", 2)], unreadable: [0, 1], namespace: 1000)
        #expect(tables == ["1 2 partial"] && gaps == [])
        #expect(try read([("a", 1), ("a", 2)], unreadable: [0], namespace: 1000).tables == ["2 2"])
    }

    @Test func timeIsUp() throws {
        let (tables, gaps) = try read([("a", 1)], seconds: 0)
        #expect(tables == [])
        #expect(gaps == [Gap(kind: .mounts, reason: "mount tables not reached in time", examples: ["pid 1"])])
    }
}
