import NodeModel
import ProcFS
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct SecondLookTests {
    /// The quiet container's first process, child of a process that stands for `runc create` below the shim.
    private static let starting = Node.quiet.changing { node in
        node.tasks.insert(
            NodeTask(
                pid: 950, tid: 950, parent: 900, startTime: 5090, comm: "runc", namespaces: .host, credentials: .root,
                cgroup: 0, executable: "/usr/sbin/runc"), at: 2)
        node.tasks[4].parent = 950
        node.host.ticksSinceBoot = 5110
    }

    static let rows: [(name: String, isStarting: Bool, change: @Sendable (inout Node) -> Void)] = [
        ("runc starts it", true, { _ in }),
        ("a minute is over", false, { $0.host.ticksSinceBoot = 5090 + 6000 }),
        ("just not over", true, { $0.host.ticksSinceBoot = 5090 + 5999 }),
        (
            "an old parent makes new children", false,
            {
                $0.tasks[2].startTime = 100; $0.host.ticksSinceBoot = 9000
            }
        ),
        ("started after the scan began", true, { $0.host.ticksSinceBoot = 10 }),
        ("the age is not known", true, { $0.host.ticksSinceBoot = nil }),
        ("its parent is the shim", false, { $0.tasks[4].parent = 900 }),
        ("its parent is in a container", false, { $0.tasks[2].container = 0 }),
        ("its parent is not in the host's mounts", false, { $0.tasks[2].namespaces[.mount] = nil }),
        ("no shim", false, { $0.tasks[1].executable = "/usr/bin/bash" }),
    ]

    @Test(arguments: rows)
    func beingStarted(name: String, isStarting: Bool, change: @Sendable (inout Node) -> Void) {
        let node = Self.starting.changing(change)
        let key = TaskKey(pid: 4100, tid: 4100, startTime: 5100)
        #expect(NodeIndex(node).isBeingStarted(key) == isStarting, "\(name)")
    }

    /// A thread of the quiet container's first process below the shim, some moments after its start, as runc's own is.
    private static let thread = Node.quiet.changing { node in
        node.tasks[3].comm = "runc:[2:INIT]"
        node.host.ticksSinceBoot = 5110
    }

    static let threads: [(name: String, tid: Int32, isStarting: Bool, change: @Sendable (inout Node) -> Void)] = [
        ("runc's", 4107, true, { _ in }),
        ("the main thread", 4100, false, { _ in }),
        ("the program's own", 4107, false, { $0.tasks[3].comm = "web" }),
        ("a minute is over", 4107, false, { $0.host.ticksSinceBoot = 5100 + 6000 }),
        ("not of the first process", 4107, false, { $0.containers[$0.tasks[3].container ?? 0].initPID = 4101 }),
        ("of no container", 4107, false, { $0.tasks[3].container = nil }),
        ("below no shim", 4107, false, { $0.tasks[1].executable = "/usr/bin/bash" }),
    ]

    @Test(arguments: threads)
    func threadOfRuntime(name: String, tid: Int32, isStarting: Bool, change: @Sendable (inout Node) -> Void) {
        let key = TaskKey(pid: 4100, tid: tid, startTime: 5100)
        #expect(NodeIndex(Self.thread.changing(change)).isBeingStarted(key) == isStarting, "\(name)")
    }

    private static let gone = TaskKey(pid: 77, tid: 77, startTime: 5000)
    private static let service = TaskKey(pid: 1, tid: 1, startTime: 1)
    private static let web = TaskKey(pid: 4100, tid: 4100, startTime: 5100)

    /// Finding `a` of one task in a look, and what the next shows of the quiet container's first process.
    struct Renewal: CustomTestStringConvertible {
        var name: String
        var earlier = SecondLookTests.gone
        var wasStarting = false
        var finding = "a"
        var isConfirmed: Bool
        var change: @Sendable (inout Node) -> Void = { _ in }

        var testDescription: String { name }
    }

    static let renewals = [
        Renewal(name: "the same task", earlier: web, isConfirmed: true),
        Renewal(name: "the same task for another reason", earlier: web, finding: "b", isConfirmed: false),
        Renewal(name: "the same, whose parent was not seen", earlier: web, isConfirmed: false) {
            $0.tasks[3].parent = 99
        },
        Renewal(name: "the same, whose parent's parent was not seen", earlier: web, isConfirmed: false) {
            $0.tasks[1].parent = 99
        },
        Renewal(name: "the same, which a runtime was starting", earlier: web, wasStarting: true, isConfirmed: false),
        Renewal(name: "another one after it", isConfirmed: true),
        Renewal(name: "the finding of another container", finding: "b", isConfirmed: false),
        Renewal(name: "the one before has left that state", earlier: service, isConfirmed: false),
        Renewal(name: "a zombie", earlier: service, isConfirmed: true) { $0.tasks[0].isExiting = true },
        Renewal(name: "a runtime starts it", isConfirmed: false) { $0 = SecondLookTests.starting },
        Renewal(name: "a runtime started the one before", wasStarting: true, isConfirmed: false),
        Renewal(name: "a parent that was not seen", isConfirmed: false) { $0.tasks[3].parent = 99 },
        Renewal(name: "no parent", isConfirmed: true) { $0.tasks[3].parent = 0 },
    ]

    @Test(arguments: renewals)
    func renewed(row: Renewal) {
        let index = NodeIndex(Node.quiet.changing(row.change), hostPaths: false)
        let confirmed = Suspects(tasks: [Self.web: [row.finding]]).confirmed(
            after: Suspects(tasks: [row.earlier: ["a"]]), starting: row.wasStarting ? [row.earlier] : [], in: index)
        #expect(confirmed == (row.isConfirmed ? [Self.web: [row.finding]] : [:]))
    }

    /// The state and start time of process 42 when its mounts were read, whether they were, and whether it counts.
    static let ends: [(stat: String?, mount: UInt32, table: UInt32, isKept: Bool)] = [
        ("S 500", 7, 8, true), ("R 500", 7, 8, true), ("Z 500", 7, 8, false), ("S 501", 7, 8, false),
        (nil, 7, 8, false), ("Z 500", 7, 7, true), (nil, 7, 7, true), (nil, 1, 8, true),
    ]

    /// One that ended before its mounts were read again is not judged by those it had when it was started.
    @Test(arguments: ends)
    func ended(stat: String?, mount: UInt32, table: UInt32, isKept: Bool) throws {
        try TemporaryDirectory.with { directory in
            if let stat {
                let words = stat.split(separator: " ")
                try directory.file(
                    "42/stat", "42 (sh) \(words[0]) 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 \(words[1]) 0 0\n")
            }
            var reading = TaskReading()
            reading.reference = Host.Reference(pid: 1, namespaces: NamespaceSet([.mount: 1]))
            reading.tasks = [42, 43].map { tid in
                NodeTask(
                    pid: 42, tid: tid, parent: 1, startTime: 500, comm: "sh", namespaces: NamespaceSet([.mount: mount]))
            }
            reading.mountTables = [MountTable(namespace: NamespaceID(rawValue: table), pid: 9, mounts: [])]
            reading.dropEnded(try ProcReader(root: directory.path))
            #expect(reading.tasks.count == (isKept ? 2 : 0))
        }
    }
}
