import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct FileReadingTests {
    private static func mount(_ device: DeviceNumber) -> Mount {
        Mount(
            id: 1, parentID: 0, device: device, root: "/", mountPoint: "/", fileSystemType: "ext4", source: "/dev/x")
    }

    private static let disk = DeviceNumber(major: 8, minor: 1)

    private static func read(
        _ wanted: [FileReading.Wanted] = [], proc: String = "/proc", in directory: TemporaryDirectory
    ) -> FileReading {
        FileReading.read(
            wanted, SnapshotOptions(proc: proc, root: directory.path), host: Host(mounts: [mount(disk)]),
            until: Deadline(secondsFromNow: 60))
    }

    private static func own() throws -> NodeTask { try #require(try ProcReader().readWholeProcess(getpid()).first) }

    /// Only directories that are there tell the node's tree.
    @Test func filesOfTheNode() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("etc")
            try directory.directory("var/lib")
            let reading = Self.read(in: directory)
            #expect(reading.hostFiles.map(\.path) == ["/", "/etc", "/var", "/var/lib"])
            #expect(reading.hostFiles.first?.file == FileIdentity(path: directory.path))
            #expect(reading.disks.devices == [Self.disk] && reading.files == [] && reading.gaps == [])
        }
    }

    @Test func rootOfTheReferenceProcess() throws {
        try TemporaryDirectory.with { directory in
            let reference = Host.Reference(pid: getpid(), namespaces: NamespaceSet())
            let reading = FileReading.read(
                [], SnapshotOptions(root: directory.path), host: Host(reference: reference),
                until: Deadline(secondsFromNow: 60))
            #expect(reading.hostFiles.map(\.path) == ["/"])
            #expect(reading.hostFiles.first?.file == FileIdentity(path: "/"))
            #expect(reading.disks == HostDisks())
        }
    }

    @Test func tasks() throws {
        try TemporaryDirectory.with { directory in
            let own = try Self.own().key
            var another = own
            another.startTime += 1
            let wanted = [another, own].map { FileReading.Wanted(task: $0) }
            let reading = FileReading.read(
                wanted, SnapshotOptions(root: directory.path), host: Host(), until: Deadline(secondsFromNow: 60))
            #expect(reading.files.map(\.task) == [own] && reading.gaps == [])
            // Without any mount to compare with, nothing is looked up.
            #expect(reading.files.first?.root?.reach == nil)
        }
    }

    /// Whoever is shown what may hang, or nobody knows what, is looked at last.
    @Test(arguments: [("nfs4", false), ("fuse.sshfs", false), ("ext4", true), (nil, false)] as [(String?, Bool)])
    func mountsOfServers(fileSystem: String?, isPartial: Bool) throws {
        try TemporaryDirectory.with { directory in
            let own = try Self.own()
            let parent = try #require(try ProcReader().readWholeProcess(own.parent).first)
            var served = Self.mount(Self.disk)
            served.fileSystemType = fileSystem ?? ""
            let mounts = [NamespaceID(rawValue: 7): served, NamespaceID(rawValue: 8): Self.mount(Self.disk)]
            let tables = mounts.filter { $0.value.fileSystemType != "" }.map { namespace, mount in
                MountTable(
                    namespace: namespace, pid: 7, mounts: [mount], isPartial: isPartial && namespace.rawValue == 7)
            }
            let wanted = [(own, UInt32(7)), (parent, 8)].map {
                FileReading.Wanted(task: $0.0.key, mount: NamespaceID(rawValue: $0.1))
            }
            let reading = FileReading.read(
                wanted, SnapshotOptions(root: directory.path), host: Host(), tables: tables,
                until: Deadline(secondsFromNow: 60))
            #expect(reading.files.map(\.task) == [parent.key, own.key] && reading.gaps == [])
            #expect(reading.hostFiles.map(\.path) == ["/"])
        }
    }

    /// Neither the node's table nor another has the mount of this process' root.
    @Test(.enabled(if: isRoot, "needs root"))
    func mountsOfNoTable() throws {
        try TemporaryDirectory.with { directory in
            let own = try Self.own().key
            let root = try #require(FileIdentity(path: "/"))
            var mount = Self.mount(root.device)
            mount.id = root.mount
            let table = MountTable(namespace: NamespaceID(rawValue: 7), pid: 7, mounts: [mount])
            func reach(from namespace: UInt32) -> String? {
                let wanted = FileReading.Wanted(task: own, mount: NamespaceID(rawValue: namespace))
                let host = Host(
                    reference: Host.Reference(pid: getpid(), namespaces: NamespaceSet()),
                    mounts: [Self.mount(Self.disk)])
                let reading = FileReading.read(
                    [wanted], SnapshotOptions(), host: host, tables: [table], until: Deadline(secondsFromNow: 60))
                return reading.files.first?.root?.reach
            }
            #expect(reach(from: 7) == nil)
            // The mount is one of another namespace.
            #expect(reach(from: 8) == "/")
        }
    }

    @Test func whatIsNotLookedAtIsAGap() throws {
        try TemporaryDirectory.with { directory in
            let wanted = [Int32(7), 8].map {
                FileReading.Wanted(task: TaskKey(pid: $0, tid: $0, startTime: 1), descriptors: .files)
            }
            let gap = Gap(kind: .timeLimit, reason: "files of tasks not looked at", count: 2, examples: ["pid 7"])
            #expect(Self.read(wanted, proc: "/absent", in: directory).gaps == [gap])
        }
    }

    /// What holds more than is looked at at first is looked at again, and is a gap only where that is too much as well.
    @Test(.enabled(if: HelperProcess.isAvailable && isRoot, "needs /usr/bin/python3 and root"))
    func manyDescriptors() throws {
        try HelperProcess.with(HelperProcess.hoarder) { helper in
            let key = try #require(try ProcReader().readWholeProcess(helper.pid).first).key
            let reading = FileReading.read(
                [FileReading.Wanted(task: key, descriptors: .files)], SnapshotOptions(), host: Host(),
                until: Deadline(secondsFromNow: 60))
            #expect(reading.files.map(\.task) == [key] && reading.files.first?.isCut == nil && reading.gaps == [])
            #expect(reading.files.first?.open.last?.number == 4200)
        }
    }

    /// What cannot be looked at of a task is noted, and the rest of the task is there.
    @Test func partOfATask() throws {
        try TemporaryDirectory.with { directory in
            try directory.link("loop", to: "loop")
            try directory.link("42/root", to: "/usr")
            try directory.link("42/cwd", to: "\(directory.path)/loop")
            try directory.directory("42/fd")
            try directory.file("42/stat", "42 (sh) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n")
            let wanted = FileReading.Wanted(task: TaskKey(pid: 42, tid: 42, startTime: 500), descriptors: .files)
            let reading = Self.read([wanted], proc: directory.path, in: directory)
            #expect(reading.files.first?.root?.isSameFile(as: try #require(FileIdentity(path: "/usr"))) == true)
            #expect(reading.files.first?.unread == "Too many levels of symbolic links" && reading.gaps == [])
        }
    }

    /// One of which nothing can be looked at.
    @Test func noPartOfATask() throws {
        try TemporaryDirectory.with { directory in
            try directory.link("42", to: "42")
            let key = TaskKey(pid: 42, tid: 42, startTime: 500)
            let reading = Self.read([FileReading.Wanted(task: key)], proc: directory.path, in: directory)
            #expect(reading.files == [TaskFiles(task: key, unread: "Not a directory")] && reading.gaps == [])
        }
    }

    /// However often a task is looked at, it is one gap.
    @Test func gapsOfTasks() throws {
        try TemporaryDirectory.with { directory in
            try directory.link("loop", to: "loop")
            try directory.link("42/root", to: "/usr")
            try directory.link("42/cwd", to: "\(directory.path)/loop")
            try directory.file("42/stat", "42 (sh) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n")
            try directory.directory("42/fd")
            var task = NodeTask(pid: 42, tid: 42, startTime: 500, comm: "sh", namespaces: NamespaceSet())
            task.container = 0
            var node = Node()
            (node.containers, node.tasks) = ([Container(id: "x")], [task])
            let builder = SnapshotBuilder(SnapshotOptions(proc: directory.path, root: directory.path))
            let deadline = Deadline(secondsFromNow: 60)
            builder.readFiles(&node, until: deadline)
            builder.readFiles(&node, of: [42], until: deadline)
            let reason = "Too many levels of symbolic links"
            #expect(node.gaps == [Gap(kind: .files, reason: reason, examples: ["pid 42"])])
            try directory.remove("42/cwd")
            builder.readFiles(&node, of: [42], until: deadline)
            #expect(node.gaps == [])
        }
    }

    /// The first thread that lives stands for a process of which the main thread has ended.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs /usr/bin/python3"))
    func endedMainThread() throws {
        try HelperProcess.with(HelperProcess.endedMainThread) { helper in
            var tasks = try ProcReader().readWholeProcess(helper.pid)
            try #require(tasks.map(\.isExiting) == [true, nil])
            for index in tasks.indices {
                tasks[index].container = 0
                tasks[index].credentials = .root
            }
            var node = Node(host: Host(reference: Host.Reference(pid: getpid(), namespaces: tasks[1].namespaces)))
            node.containers = [Container(id: "x")]
            node.tasks = tasks
            SnapshotBuilder().readFiles(&node, until: Deadline(secondsFromNow: 60))
            let files = try #require(node.taskFiles?.first)
            #expect(node.taskFiles?.count == 1 && files.task == tasks[1].key && node.gaps == [])
            #expect(files.program?.kind == .regular && files.root == FileIdentity(path: "/"))
            #expect(files.sockets != nil)
        }
    }

    /// A thread is looked at whatever rights it has; what it shares with the first is left out.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs /usr/bin/python3"))
    func threads() throws {
        let script = """
            import ctypes, os, threading
            def other():
                assert ctypes.CDLL(None).unshare(0x200) == 0
                os.chdir("/usr")
                os.write(1, b"ready")
                os.read(0, 1)
            for work in (lambda: os.read(0, 1), other):
                threading.Thread(target=work, daemon=True).start()
            os.read(0, 1)
            """
        try HelperProcess.with(script) { helper in
            var node = Node(host: Host(reference: Host.Reference(pid: getpid(), namespaces: NamespaceSet())))
            node.containers = [Container(id: "x")]
            node.tasks = try ProcReader().readWholeProcess(helper.pid)
            for index in node.tasks.indices {
                node.tasks[index].container = 0
                node.tasks[index].credentials = .container
            }
            SnapshotBuilder().readFiles(&node, until: Deadline(secondsFromNow: 60))
            #expect(node.taskFiles?.map(\.task) == [0, 2].map { node.tasks[$0].key })
            #expect(node.taskFiles?.last?.workingDirectory == FileIdentity(path: "/usr"))
        }
    }

    /// Threads and open files are looked at where they may hold files of the node.
    @Test func powerfulTasksAlone() throws {
        var task = try Self.own()
        task.container = 0
        var node = Node(host: Host(reference: Host.Reference(pid: getpid(), namespaces: task.namespaces)))
        node.containers = [Container(id: "x")]
        func files(_ change: (inout NodeTask) -> Void) -> TaskFiles? {
            var copy = node
            copy.tasks = [task]
            change(&copy.tasks[0])
            SnapshotBuilder().readFiles(&copy, until: Deadline(secondsFromNow: 60))
            #expect(copy.host.files?.first?.path == "/")
            return copy.taskFiles?.first
        }
        #expect(try #require(files { $0.credentials = .container }).open == [])
        #expect(try #require(files { $0.credentials = .root }).open != [])
        #expect(try #require(files { $0.credentials = nil }).open != [])
        let own = try #require(
            files { task in
                task.credentials = .root
                task.namespaces[.user] = NamespaceID(rawValue: 7)
            })
        #expect(own.open == [] && own.root != nil)
        #expect(files { $0.container = nil } == nil)
        #expect(files { $0.isKernelThread = true } == nil)
        #expect(files { $0.isExiting = true } == nil)
        node.containers[0].bundle = Bundle(mounts: [BundleMount(destination: "/x", type: "bind", source: "/srv")])
        #expect(try #require(files { $0.credentials = .container }).open != [])
        #expect(try #require(files { $0.credentials = .container }).sockets == [])
        node.containers[0].bundle?.mounts[0].source = "/var/lib/kubelet/pods/u/volumes/kubernetes.io~empty-dir/x"
        #expect(try #require(files { $0.credentials = .container }).open == [])
        // In the host's network, who may make a packet socket, where there is any.
        node.host.kernelState = KernelState(packetSockets: [7])
        #expect(try #require(files { $0.credentials = .container }).open != [])
        #expect(try #require(files { $0.credentials = TaskCredentials() }).open == [])
        let elsewhere = try #require(
            files { task in
                task.credentials = .container
                task.namespaces[.network] = NamespaceID(rawValue: 7)
            })
        #expect(elsewhere.open == [])
        node.host.kernelState = nil
        node.containers[0].initPID = getpid()
        #expect(try #require(files { $0.credentials = .container }).open != [])
        #expect(try #require(files { $0.credentials = .container }).sockets == nil)
        #expect(try #require(files { $0.credentials = .root }).sockets == [])
    }

    /// What one process has opened another of its container may hold, and it itself with fewer rights.
    @Test func containersAsAWhole() throws {
        var task = try Self.own()
        (task.container, task.credentials) = (0, .container)
        var other = task
        (other.pid, other.tid, other.credentials) = (.max, .max, .root)
        var node = Node(host: Host(reference: Host.Reference(pid: getpid(), namespaces: task.namespaces)))
        node.containers = [Container(id: "x"), Container(id: "y")]
        task.namespaces[.user] = NamespaceID(rawValue: 7)
        func open(_ change: (inout Node) -> Void) -> [OpenFile]? {
            var copy = node
            copy.tasks = [task, other]
            change(&copy)
            SnapshotBuilder().readFiles(&copy, until: Deadline(secondsFromNow: 60))
            return copy.taskFiles?.first?.open
        }
        #expect(open { _ in } != [])
        #expect(open { $0.tasks[1].container = 1 } == [])
        #expect(open { $0.tasks[1].credentials = .container } == [])
        node.containers[0].bundle = Bundle(capabilities: CapabilitySet.named(["SYS_PTRACE"]).set)
        #expect(open { $0.tasks.removeLast() } != [])
        node.containers[0].bundle?.namespaces = [BundleNamespace(kind: .user)]
        #expect(open { $0.tasks.removeLast() } == [])
    }
}
