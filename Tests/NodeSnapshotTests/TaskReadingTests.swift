import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct TaskReadingTests {
    static let id = String(repeating: "a1", count: 32)

    /// A process, or a thread of one, of a made-up `/proc`.
    private func task(
        _ path: String, parent: Int, threads: Int = 1, state: String = "S", namespaces: UInt32? = 100,
        cgroup: String = "/", in directory: TemporaryDirectory
    ) throws {
        let number = path.split(separator: "/").last.map(String.init) ?? ""
        try directory.file(
            "\(path)/stat", "\(number) (x) \(state) \(parent) 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 \(threads) 0 7 0 0\n")
        try directory.file("\(path)/status", "Uid:\t0\t0\t0\t0\nCapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapBnd:\t0\n")
        try directory.file("\(path)/cgroup", "0::\(cgroup)\n")
        try directory.file("\(path)/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n")
        guard let namespaces else { return try directory.directory("\(path)/ns") }
        for (offset, kind) in NamespaceKind.allCases.enumerated() where kind != .cgroup {
            try directory.link("\(path)/ns/\(kind.rawValue)", to: "x:[\(namespaces + UInt32(offset))]")
        }
    }

    private func read(
        _ directory: TemporaryDirectory, parts: NodeParts = .all, firstProcesses: Set<Int32> = [],
        until deadline: Deadline = Deadline(secondsFromNow: 60)
    ) -> TaskReading {
        // Without the cgroup namespace, which a made-up reader cannot share with the one that runs the test.
        let kinds = NamespaceKind.allCases.filter { $0 != .cgroup }
        return TaskReading.read(
            SnapshotOptions(proc: directory.path, root: directory.path, parts: parts, namespaces: kinds), OwnMounts(),
            until: deadline, firstProcesses: { firstProcesses })
    }

    private func makeNode(in directory: TemporaryDirectory) throws {
        try task("1", parent: 0, in: directory)
        try directory.link("1/ns/cgroup", to: "cgroup:[107]")
        // A host process with two threads, a container's, and its child that looks like the host's own.
        for (pid, parent, cgroup) in [(40, 1, "/"), (41, 1, "/../../docker/\(Self.id)"), (42, 41, "/")] {
            try task(
                "\(pid)", parent: parent, threads: 2, namespaces: pid == 41 ? 200 : 100, cgroup: cgroup, in: directory)
            for tid in [pid, pid + 1000] {
                try task("\(pid)/task/\(tid)", parent: parent, namespaces: 300, cgroup: cgroup, in: directory)
            }
        }
    }

    /// A process may leave a container with one thread only: the threads of what descends from one are read.
    @Test func threadsOfWhatDescendsFromAContainer() throws {
        try TemporaryDirectory.with { directory in
            try makeNode(in: directory)
            let reading = read(directory)
            #expect(reading.tasks.map(\.tid).filter { $0 != 1040 } == [1, 40, 41, 1041, 42, 1042])
            #expect(reading.tasks.first { $0.tid == 1042 }?.namespaces[.mount]?.rawValue == 300)
            #expect(reading.tasks.first { $0.tid == 1042 }?.pid == 42)
            #expect(read(directory, parts: []).tasks.map(\.tid) == [1, 40, 41, 42])
        }
    }

    /// New processes count where they are a container's that is known, or in its mount namespace, or children of some that are
    /// named; with their parents, and with nobody else.
    @Test(
        arguments: [
            (cgroup: "/../../docker/\(id)", namespaces: 500, parent: 41, parents: [], isRead: true),
            ("/", 200, 41, [], true), ("/", 100, 41, [], false), ("/", 100, 41, [41], true),
            ("/../../docker/\(String(repeating: "b2", count: 32))", 500, 41, [], false), ("/", 500, 60, [], false),
            ("/../../docker/\(id)", 500, 60, [], true),
        ] as [(cgroup: String, namespaces: UInt32, parent: Int, parents: Set<Int32>, isRead: Bool)])
    func newcomers(cgroup: String, namespaces: UInt32, parent: Int, parents: Set<Int32>, isRead: Bool) throws {
        try TemporaryDirectory.with { directory in
            try makeNode(in: directory)
            let kinds = NamespaceKind.allCases.filter { $0 != .cgroup }
            let options = SnapshotOptions(proc: directory.path, root: directory.path, namespaces: kinds)
            var reading = read(directory)
            let reader = try TaskReading.makeReader(options)
            let kin = TaskReading.Kinship(
                to: reading.tasks, reading.cgroups, host: reading.reference?.namespaces, parents: parents)
            let known = Set(reading.tasks.map(\.pid))
            try task("70", parent: parent, namespaces: namespaces, cgroup: cgroup, in: directory)
            try task("60", parent: 1, in: directory)
            reading.readNewcomers(reader, known: known, kin: kin, until: Deadline(secondsFromNow: 60))
            let found = reading.tasks.filter { !known.contains($0.pid) }.map(\.pid)
            #expect(found == (isRead ? (parent == 60 ? [60, 70] : [70]) : []))
        }
    }

    /// A process that ended and was not waited for is still there, and has no mounts any more.
    @Test func mountsOfAZombie() throws {
        var pid = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { free(arguments[0]) }
        try #require(posix_spawn(&pid, "/bin/true", nil, nil, &arguments, environ) == 0)
        defer { waitpid(pid, nil, 0) }
        var information = siginfo_t()
        try #require(waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == 0)
        var reading = TaskReading()
        reading.reference = Host.Reference(pid: getpid(), namespaces: NamespaceSet([.mount: 1]))
        reading.tasks = [
            NodeTask(pid: pid, tid: pid, parent: 1, startTime: 1, comm: "true", namespaces: NamespaceSet([.mount: 2]))
        ]
        reading.readMounts(
            try ProcReader(root: "/proc"), KnownMounts(), firstProcesses: [], until: Deadline(secondsFromNow: 60))
        #expect(reading.gaps == [] && reading.mountTables == [] && !reading.hostMounts.isEmpty)
    }

    /// The threads of an ended main thread are all that there is to see.
    @Test func endedMainThread() throws {
        try TemporaryDirectory.with { directory in
            try makeNode(in: directory)
            try task("50", parent: 1, threads: 2, state: "Z", namespaces: nil, in: directory)
            try task("50/task/50", parent: 1, state: "Z", namespaces: nil, in: directory)
            try task("50/task/51", parent: 1, namespaces: 400, in: directory)
            let tasks = read(directory).tasks.filter { $0.pid == 50 }
            #expect(tasks.map(\.tid) == [50, 51])
            #expect(tasks.map { $0.namespaces[.mount]?.rawValue } == [nil, 400])
        }
    }

    @Test func partsThatAreNotAskedFor() throws {
        try TemporaryDirectory.with { directory in
            try makeNode(in: directory)
            let reading = read(directory, parts: [])
            #expect(reading.mountTables == [] && reading.hostMounts == [] && reading.userNamespaces == [])
            #expect(reading.tasks.allSatisfy { $0.credentials == nil && $0.executable == nil })
        }
    }

    /// A task that changed its root shows only what is below it: the container's first process is asked before it.
    @Test(arguments: [(first: [45], read: 45), ([], 44), ([46], 44), ([99], 44)] as [(first: Set<Int32>, read: Int32)])
    func mountTableOfTheFirstProcess(first: Set<Int32>, read pid: Int32) throws {
        try TemporaryDirectory.with { directory in
            try task("1", parent: 0, in: directory)
            for pid in 44...45 { try task("\(pid)", parent: 1, namespaces: 200, in: directory) }
            try task("46", parent: 1, namespaces: 400, in: directory)
            let tables = read(directory, firstProcesses: first).mountTables
            #expect(
                Dictionary(uniqueKeysWithValues: tables.map { ($0.namespace.rawValue, $0.pid) }) == [200: pid, 400: 46])
        }
    }

    /// The mounts of a namespace by the roots of tasks 44 to 46 in it, and what each sees.
    static let roots: [(name: String, roots: [String?], files: [String], mounts: [String], isPartial: Bool?)] = [
        ("the first process has another", ["/", "/j", "/"], ["1 9 0:7 / /", "", ""], ["1 /"], nil),
        ("a decoy of lower number", ["/bin", "/", nil], ["5 1 0:8 / /", "1 9 0:7 / /", ""], ["1 /"], nil),
        ("only the last has the root", ["/j", "/j", "/"], ["", "", "1 9 0:7 / /"], ["1 /"], nil),
        // As by chroot into /proc/1/root: the path is the same, and nothing of the namespace is below it.
        ("the root of another namespace", ["/", "/", "/"], ["", "", "1 9 0:7 / /"], ["1 /"], nil),
        ("none", ["/j", "/k", "/j"], ["", "3 2 0:8 / /x", "9 9 0:9 / /"], ["3 /k/x"], true),
        (
            "several roots", ["/j", "/j/k", "/m (deleted)"],
            ["2 1 0:8 / /\n3 2 0:9 / /k", "3 2 0:9 / /\n4 3 0:9 / /l", ""], ["3 /j/k", "4 /j/k/l", "2 /j"], true
        ),
        ("all in another's", ["/", "/", "/"], ["", "", ""], [], true),
    ]

    @Test(arguments: roots)
    func mountTableByRoots(name: String, roots: [String?], files: [String], mounts: [String], isPartial: Bool?) throws {
        try TemporaryDirectory.with { directory in
            try task("1", parent: 0, in: directory)
            for (pid, (root, file)) in zip(44...46, zip(roots, files)) {
                try task("\(pid)", parent: 1, namespaces: 200, in: directory)
                if let root { try directory.link("\(pid)/root", to: root) }
                let lines = file.split(separator: "\n").map { "\($0) rw - tmpfs tmpfs rw\n" }
                try directory.file("\(pid)/mountinfo", lines.joined())
            }
            let reading = read(directory, firstProcesses: [45])
            #expect(reading.mountTables.map(\.isPartial) == [isPartial] && reading.gaps == [])
            #expect(reading.mountTables.first?.mounts.map { "\($0.id) \($0.mountPoint)" } == mounts)
        }
    }

    /// A part of a namespace's mounts does not take the place of all of them; anything else that is newer does.
    @Test func newerMountTables() {
        func table(_ namespace: UInt32, _ pid: Int32, isPartial: Bool? = nil) -> MountTable {
            MountTable(namespace: NamespaceID(rawValue: namespace), pid: pid, mounts: [], isPartial: isPartial)
        }
        var node = Node()
        node.mountTables = [table(1, 10), table(2, 20), table(3, 30, isPartial: true), table(4, 40, isPartial: true)]
        node.replaceMountTables([
            table(1, 11, isPartial: true), table(2, 21), table(3, 31), table(4, 41, isPartial: true), table(5, 51),
        ])
        #expect(
            node.mountTables == [
                table(1, 10), table(2, 21), table(3, 31), table(4, 41, isPartial: true), table(5, 51),
            ])
    }

    /// One that has ended meanwhile leaves the table to the next; one that cannot be read is a gap.
    @Test func mountTableOfAnotherTask() throws {
        try TemporaryDirectory.with { directory in
            try task("1", parent: 0, in: directory)
            for pid in 44...46 { try task("\(pid)", parent: 1, namespaces: 200, in: directory) }
            try directory.remove("45/mountinfo")
            let reading = read(directory, firstProcesses: [45])
            #expect(reading.mountTables.map(\.pid) == [44] && reading.gaps == [])
            try directory.file("44/mountinfo", "x\n")
            let malformed = read(directory, firstProcesses: [45])
            #expect(malformed.mountTables == [] && malformed.gaps.map(\.examples) == [["pid 44"]])
        }
    }

    @Test func timeIsUp() throws {
        try TemporaryDirectory.with { directory in
            try makeNode(in: directory)
            let reading = read(directory, until: Deadline(secondsFromNow: 0))
            #expect(reading.tasks == [])
            #expect(
                reading.gaps == [Gap(kind: .timeLimit, reason: "processes not reached", count: 4, examples: ["pid 1"])])
        }
    }

    @Test func newerReadings() {
        func task(_ pid: Int32, _ tid: Int32, _ start: UInt64) -> NodeTask {
            NodeTask(pid: pid, tid: tid, startTime: start)
        }
        var tasks = [task(1, 1, 0), task(5, 5, 0), task(5, 2, 0), task(9, 9, 0)]
        tasks.replaceProcesses([(9, []), (5, [task(5, 3, 1), task(5, 5, 1)]), (7, [task(7, 7, 1)])])
        #expect(tasks == [task(1, 1, 0), task(5, 5, 1), task(5, 3, 1), task(7, 7, 1)])
    }
}

@Suite struct HostFactsTests {
    private func mount(_ type: String) -> Mount {
        Mount(
            id: 1, parentID: 0, device: DeviceNumber(major: 0, minor: 1), root: "/", mountPoint: "/",
            fileSystemType: type,
            source: type)
    }

    static let mountTypes: [(types: [String], version: Int?)] = [
        ([], nil), (["xfs"], nil), (["cgroup2"], 2), (["cgroup", "tmpfs"], 1), (["cgroup2", "cgroup"], 1),
    ]

    @Test(arguments: mountTypes)
    func cgroupVersion(types: [String], version: Int?) {
        #expect(HostFacts.cgroupVersion(types.map(mount)) == version)
    }

    @Test func names() throws {
        let host = HostFacts.read(proc: "/proc", root: "/")
        #expect(host.name?.isEmpty == false && host.kernel?.isEmpty == false)
        #expect(host.bootID?.utf8.count == 36)
        #expect(HostFacts.read(proc: "/absent", root: "/").bootID == nil)
        try TemporaryDirectory.with { directory in
            try directory.file("sys/kernel/random/boot_id", [0x61, 0xFF, 0x0A])
            #expect(HostFacts.read(proc: directory.path, root: "/").bootID == "a\\xff")
            try directory.file("sys/kernel/random/boot_id", String(repeating: "a", count: 65))
            #expect(HostFacts.read(proc: directory.path, root: "/").bootID == nil)
        }
    }

    /// Of a node whose root directory is elsewhere its own file tells; what is none is not taken for one.
    @Test(arguments: [
        ("node-1\n", "node-1"), ("node-1.example second\n", "node-1.example"), ("\n", nil), ("", nil), (nil, nil),
        ("a\u{1B}b\n", "a"), (String(repeating: "a", count: 257), nil),
    ])
    func nameOfAnotherRoot(text: String?, name: String?) throws {
        try TemporaryDirectory.with { directory in
            if let text { try directory.file("etc/hostname", text) }
            let own = HostFacts.read(proc: "/proc", root: "/").name
            #expect(HostFacts.read(proc: "/proc", root: directory.path).name == name ?? own)
            guard text != nil else { return }
            try #require(rename("\(directory.path)/etc/hostname", "\(directory.path)/etc/other") == 0)
            try directory.link("etc/hostname", to: "other")
            #expect(HostFacts.read(proc: "/proc", root: directory.path).name == own)
        }
    }
}
