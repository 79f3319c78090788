import Foundation
import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ProcFS

@Suite struct ProcReaderTests {
    @Test func thisProcess() throws {
        let reader = try ProcReader()
        let own = getpid()
        #expect(try reader.processIDs().contains(own))
        let tasks = reader.readWholeProcess(own)
        let main = try #require(tasks.first)
        #expect(main.isMainThread && main.pid == own && main.parent == getppid())
        for kind in [NamespaceKind.mount, .pid, .network, .ipc, .uts, .user, .cgroup] {
            let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\(kind.rawValue)")
            #expect(try main.namespaces[kind] == parsing(link, NamespaceLink.parse), "\(kind)")
        }
        #expect(main.credentials?.effectiveUID == geteuid())
        #expect(main.executable?.isEmpty == false)
        let cgroup = try #require(main.cgroup)
        #expect(
            try reader.cgroups.placements[cgroup].memberships
                == CgroupFile.parse(reader.file("cgroup", of: own, limit: 65_536)))
        #expect(try reader.namespaces(of: own) == main.namespaces)
        #expect(reader.gaps == [])
    }

    @Test(.enabled(if: HelperProcess.isAvailable, "needs /usr/bin/python3"))
    func everyThread() throws {
        try HelperProcess.with(HelperProcess.threads) { helper in
            let reader = try ProcReader()
            let tasks = reader.readWholeProcess(helper.pid)
            let tids = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(helper.pid)/task")
            #expect(tasks.count == 4)
            #expect(tasks.map(\.tid) == tids.compactMap { Int32($0) }.sorted())
            #expect(tasks.allSatisfy { $0.pid == helper.pid && $0.namespaces == tasks[0].namespaces })
            #expect(tasks.allSatisfy { $0.credentials != nil && $0.cgroup == tasks[0].cgroup })
            #expect(reader.gaps == [])

            #expect(reader.readProcess(helper.pid) { _, _ in false }.map(\.tid) == [helper.pid])
            let fast = try ProcReader(scope: ProcReader.Scope(namespaces: [.pid], credentials: false, threads: false))
            let task = try #require(fast.readWholeProcess(helper.pid).first)
            #expect(fast.readWholeProcess(helper.pid).count == 1)
            #expect(task.credentials == nil && task.executable == nil)
            #expect(NamespaceKind.allCases.filter { task.namespaces[$0] != nil } == [.pid])
        }
    }

    /// What such a process does is done by its other threads: without them it would be nobody.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs /usr/bin/python3"))
    func mainThreadThatHasEnded() throws {
        try HelperProcess.with(HelperProcess.endedMainThread) { helper in
            let reader = try ProcReader()
            let tasks = reader.readProcess(helper.pid) { _, _ in false }
            #expect(tasks.count == 2)
            let main = try #require(tasks.first)
            let other = try #require(tasks.last)
            #expect(main.tid == helper.pid && main.namespaces[.mount] == nil)
            #expect(other.tid != helper.pid && other.pid == helper.pid)
            #expect(try other.namespaces == reader.namespaces(of: getpid()))
            #expect(other.credentials?.effectiveUID == geteuid())
            #expect(reader.gaps == [])
            #expect(reader.endedWhileRead == 0)
        }
    }

    static let hasKthreadd = (try? String(contentsOfFile: "/proc/2/comm", encoding: .utf8)) == "kthreadd\n"

    @Test(.enabled(if: hasKthreadd, "this /proc has no kthreadd"))
    func kernelThread() throws {
        let reader = try ProcReader()
        let stat = try reader.stat(of: 2)
        #expect(stat.comm == "kthreadd" && stat.isKernelThread && stat.parent == 0)
        let tasks = reader.readWholeProcess(2)
        #expect(tasks.map(\.isKernelThread) == [true])
        #expect(tasks.map(\.cgroup) == [nil])
        #expect(reader.gaps == [])
    }

    @Test(arguments: [-1, .min, 0, .max] as [Int32])
    func processesThatCannotBe(pid: Int32) throws {
        let reader = try ProcReader()
        #expect(reader.readWholeProcess(pid) == [])
        #expect(throws: ProcFSError.self) { try reader.namespaces(of: pid) }
        #expect(throws: ProcFSError.self) { try reader.stat(of: pid) }
        #expect(throws: ProcFSError.self) { try reader.file("stat", of: pid, limit: 100) }
        #expect(reader.gaps == [])
        #expect(reader.endedWhileRead == 1)
    }

    @Test func absentRoot() {
        #expect(throws: ProcFSError.system(SystemError(errorNumber: ENOENT, call: "open", path: "/absent"))) {
            _ = try ProcReader(root: "/absent")
        }
    }

    @Test func rootPaths() throws {
        let reader = try ProcReader()
        #expect(try reader.rootPath(of: getpid()) == "/")
        for pid in [Int32(4_194_305), -1] {
            let error = #expect(throws: ProcFSError.self) { try reader.rootPath(of: pid) }
            #expect(error?.isGone == true)
        }
    }

    /// A root that is too deep for a path is none that has ended.
    @Test(.enabled(if: HelperProcess.isAvailable && geteuid() == 0, "needs /usr/bin/python3 and root"))
    func rootTooDeep() throws {
        let script =
            HelperProcess.deep + """
                deepest = os.open(".", os.O_PATH)
                leave()
                os.fchdir(deepest)
                os.chroot(".")
                os.write(1, b"ready")
                os.read(0, 1)
                """
        try HelperProcess.with(script) { helper in
            let error = SystemError(errorNumber: ENAMETOOLONG, call: "readlinkat", path: "root")
            #expect(throws: ProcFSError.system(error)) { try ProcReader().rootPath(of: helper.pid) }
        }
    }

    @Test func longerThanTheLimit() throws {
        #expect(throws: ProcFSError.tooLong(file: "mountinfo", limit: 1)) {
            try ProcReader().file("mountinfo", of: getpid(), limit: 1)
        }
    }
}

/// A made-up `/proc`: what a kernel would never show must be a gap, never a trap.
@Suite struct MadeUpProcTests {
    static let kinds = ["mnt", "pid", "pid_for_children", "net", "ipc", "uts", "user", "cgroup", "time"]

    /// A whole process 42 of one thread, as far as files can imitate it.
    private func make(_ directory: TemporaryDirectory, threads: Int = 1, in path: String = "42") throws {
        try directory.file("\(path)/stat", "42 (sh) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 \(threads) 0 500 0 0\n")
        try directory.file("\(path)/status", TaskStatusTests.text)
        try directory.file("\(path)/cgroup", "0::/\n")
        try directory.link("\(path)/exe", to: "/bin/sh")
        for (number, kind) in Self.kinds.enumerated() {
            try directory.link("\(path)/ns/\(kind)", to: "x:[\(100 + number)]")
        }
    }

    private func read(
        _ change: (TemporaryDirectory) throws -> Void
    ) throws -> (tasks: [NodeTask], gaps: [Gap], ended: Int) {
        try TemporaryDirectory.with { directory in
            try make(directory)
            try change(directory)
            let reader = try ProcReader(root: directory.path)
            return (reader.readWholeProcess(42), reader.gaps, reader.endedWhileRead)
        }
    }

    private func replace(_ name: String, _ directory: TemporaryDirectory, _ make: () throws -> Void) throws {
        try FileManager.default.removeItem(atPath: "\(directory.path)/\(name)")
        try make()
    }

    @Test func whole() throws {
        let (tasks, gaps, ended) = try read { _ in }
        let task = try #require(tasks.first)
        #expect(tasks.count == 1 && gaps == [] && ended == 0)
        #expect(task.pid == 42 && task.parent == 1 && task.startTime == 500 && task.comm == "sh")
        #expect(task.executable == "/bin/sh")
        #expect(task.namespaces[.mount]?.rawValue == 100 && task.namespaces[.time]?.rawValue == 108)
    }

    @Test func otherEntriesAreNoProcesses() throws {
        try TemporaryDirectory.with { directory in
            for name in ["42", "7", "self", "1x", "x1", "-1", "99999999999", "4294967295", "2147483648", "", " 5"]
            where name != "" {
                try directory.directory(name)
            }
            #expect(try ProcReader(root: directory.path).processIDs() == [7, 42])
        }
    }

    static let badFiles: [(file: String, text: String, reason: String)] = [
        ("stat", "", "stat: stat line 1 is malformed"),
        ("stat", "42 (sh) S", "stat: stat line 1 is malformed"),
        ("stat", String(repeating: "x", count: 70_000), "stat: stat is longer than 65536 bytes"),
        ("status", "Name:\tsh\n", "status: status line 1 is malformed"),
        ("cgroup", "0:/\n", "cgroup: cgroup line 1 is malformed"),
        ("cgroup", String(repeating: "x", count: 65_536), "cgroup: cgroup is longer than 65536 bytes"),
    ]

    @Test(arguments: badFiles)
    func badFile(file: String, text: String, reason: String) throws {
        let (tasks, gaps, ended) = try read { try $0.file("42/\(file)", text) }
        #expect(gaps == [Gap(kind: .process, reason: reason, examples: ["pid 42"])])
        #expect(ended == 0)
        #expect(tasks.map(\.pid) == (file == "stat" ? [] : [42]))
        // One costs nothing of the other.
        if file != "stat" {
            #expect(tasks.map { $0.credentials == nil } == [file == "status"])
            #expect(tasks.map { $0.cgroup == nil } == [file == "cgroup"])
        }
        if file != "stat" { #expect(tasks.first?.namespaces[.time]?.rawValue == 108) }
    }

    static let badLinks: [(text: String?, reason: String)] = [
        (nil, "namespaces: Invalid argument"), ("mnt", "namespaces: ns line 1 is malformed"),
        ("mnt:[0]", "namespaces: ns line 1 is malformed"), ("mnt:[99999999999]", "namespaces: ns line 1 is malformed"),
    ]

    /// A kind that could not be read is unknown; the others are read all the same.
    @Test(arguments: badLinks)
    func badNamespaceLink(text: String?, reason: String) throws {
        let (tasks, gaps, _) = try read { directory in
            try replace("42/ns/net", directory) {
                if let text { try directory.link("42/ns/net", to: text) } else { try directory.file("42/ns/net") }
            }
        }
        #expect(gaps == [Gap(kind: .process, reason: reason, examples: ["pid 42"])])
        let task = try #require(tasks.first)
        #expect(task.namespaces[.network] == nil)
        #expect(NamespaceKind.allCases.count { task.namespaces[$0] != nil } == 8)
        #expect(task.credentials != nil && task.cgroup == 0)
    }

    @Test(arguments: ["stat", "status", "cgroup", "ns/mnt"])
    func partThatIsGone(part: String) throws {
        let (tasks, gaps, ended) = try read { directory in try replace("42/\(part)", directory) {} }
        #expect(tasks == [] && gaps == [])
        #expect(ended == 1)
    }

    /// Linux before 5.6 has no time namespaces.
    @Test func olderKernel() throws {
        let (tasks, gaps, _) = try read { directory in
            try replace("42/ns/time", directory) {}
            try replace("42/ns/pid_for_children", directory) {}
        }
        #expect(gaps == [])
        #expect(NamespaceKind.allCases.filter { tasks.first?.namespaces[$0] == nil } == [.pidForChildren, .time])
    }

    @Test func linkInPlaceOfAProcess() throws {
        try TemporaryDirectory.with { directory in
            try make(directory)
            try directory.link("43", to: "42")
            try directory.file("44")
            let reader = try ProcReader(root: directory.path)
            #expect(reader.readWholeProcess(43) == [] && reader.readWholeProcess(44) == [])
            #expect(
                reader.gaps == [
                    Gap(kind: .process, reason: "directory: Not a directory", count: 2, examples: ["pid 43", "pid 44"])
                ])
        }
    }

    @Test func threads() throws {
        try TemporaryDirectory.with { directory in
            try make(directory, threads: 4)
            for tid in [42, 50, 51, 52, 53] { try make(directory, in: "42/task/\(tid)") }
            try directory.file("42/task/50/stat", "x")
            try replace("42/task/51/cgroup", directory) {}
            try replace("42/task/52/ns/net", directory) { try directory.link("42/task/52/ns/net", to: "net:[999]") }
            let reader = try ProcReader(root: directory.path)
            let tasks = reader.readWholeProcess(42)
            #expect(tasks.map(\.tid) == [42, 52, 53])
            #expect(tasks.map(\.pid) == [42, 42, 42])
            #expect(tasks.map { $0.namespaces[.network]?.rawValue } == [103, 999, 103])
            #expect(reader.gaps.map(\.examples) == [["pid 50"]])
            #expect(reader.endedWhileRead == 1)
        }
    }

    @Test func taskListThatIsNone() throws {
        try TemporaryDirectory.with { directory in
            try make(directory, threads: 4)
            try directory.file("42/task")
            let reader = try ProcReader(root: directory.path)
            #expect(reader.readWholeProcess(42).map(\.tid) == [42])
            #expect(
                reader.gaps == [Gap(kind: .process, reason: "task: Not a directory", examples: ["pid 42"])])
        }
    }
}
