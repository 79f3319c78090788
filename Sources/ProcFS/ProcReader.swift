import Glibc
package import LinuxSystem
package import NodeModel

/// Reads processes and threads from a `/proc`, with one set of buffers for all of them.
///
/// Everything of one process is read through one open directory, which stays tied to that process: when it ends, and
/// its number is taken by another, the directory answers ESRCH (fs/proc/base.c). Not for use by two threads at once.
package final class ProcReader {
    /// What to read of each task.
    package struct Scope: Sendable, Equatable {
        package var namespaces: [NamespaceKind]
        package var readsCredentials: Bool
        package var readsThreads: Bool

        package init(
            namespaces: [NamespaceKind] = NamespaceKind.allCases, credentials: Bool = true, threads: Bool = true
        ) {
            self.namespaces = namespaces
            readsCredentials = credentials
            readsThreads = threads
        }
    }

    package let scope: Scope
    /// Each distinct content of a cgroup file and whose it is; `NodeTask.cgroup` counts in here.
    package private(set) var cgroups: CgroupTable
    package private(set) var gaps: [Gap] = []
    package private(set) var endedWhileRead = 0
    let proc: Descriptor
    let slices: Slices?
    let openTasks: OpenTasks?
    /// This `/proc` knows processes by the numbers that they have for the reader.
    let showsOwnNumbers: Bool
    let buffer: UnsafeMutableRawBufferPointer
    private let listing: UnsafeMutableRawBufferPointer

    /// Enough for stat, status and cgroup of one task: status is about 1.5 kB, cgroup one line per hierarchy with a
    /// path of at most PATH_MAX each.
    static let bufferSize = 65_536

    /// - Parameters:
    ///   - slices: the thread rests between two tasks or files where a slice has been long enough.
    ///   - openTasks: where the directories of main threads are kept whose threads are wanted, and those for `files` found.
    package init(
        root: String = "/proc", scope: Scope = Scope(), reader: ReaderCgroup = .host, slices: Slices? = nil,
        openTasks: OpenTasks? = nil
    ) throws(ProcFSError) {
        do {
            proc = try Descriptor.open(root, O_RDONLY | O_DIRECTORY)
        } catch {
            throw .system(error)
        }
        showsOwnNumbers = Self.areNumbersOwn(in: proc)
        self.scope = scope
        self.slices = slices
        self.openTasks = openTasks
        cgroups = CgroupTable(reader: reader)
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 8)
        listing = .allocate(byteCount: 32_768, alignment: 8)
    }

    deinit {
        buffer.deallocate()
        listing.deallocate()
    }

    /// Takes over a placement that another reader of the same `/proc` found, and returns its index here.
    package func adopt(_ placement: CgroupPlacement) -> Int { cgroups.adopt(placement) }

    /// The process ids in this `/proc`, ascending.
    package func processIDs() throws(ProcFSError) -> [Int32] {
        do {
            // A second open: the position in a directory belongs to the open file.
            return try numbers(in: try proc.openEntry(".", O_RDONLY | O_DIRECTORY))
        } catch {
            throw .system(error)
        }
    }

    /// Rests where a slice has been long enough; for whoever works on what was read, as well.
    package func endSliceIfLong() { slices?.endIfLong() }

    /// One process: its main thread, and its other threads where `needsThreads` says so of the main one.
    ///
    /// - Returns: nothing when the process ended meanwhile, which is counted.
    package func readProcess(_ pid: Int32, needsThreads: (NodeTask, CgroupPlacement?) -> Bool) -> [NodeTask] {
        let directory = openEntry(proc.number, pid)
        guard directory >= 0 else {
            noteFailure(errorNumber: -directory, of: pid, in: "directory")
            return []
        }
        var isKept = false
        defer { if !isKept { Syscall.close(directory) } }
        guard let reading = readTask(directory, pid: pid, tid: pid, scope.namespaces) else { return [] }
        var task = reading.task
        // A main thread that has ended while others run shows no namespaces of its own: only they can tell.
        let isForeign = reading.isZombie || needsThreads(task, task.cgroup.map { cgroups.placements[$0] })
        if task.isKernelThread { return [task] }
        // Whose children a shim's are is told by its program, not by the name that it chose.
        let isShim = task.comm == "containerd-shim"
        if scope.readsCredentials, isForeign || isShim { task.executable = readLink(directory, "exe") }
        guard isForeign else { return [task] }
        // A single thread has no others; one that it starts just now is seen by the next scan.
        let threads = scope.readsThreads && reading.threadCount > 1 ? readThreads(directory, of: task) : []
        isKept = openTasks?.keep(directory, of: task.key) ?? false
        return [task] + threads
    }

    /// One process again, after a while: its main thread and every other.
    package func readWholeProcess(_ pid: Int32) -> [NodeTask] { readProcess(pid) { _, _ in true } }

    /// The namespaces of one process, for a reference.
    package func namespaces(of pid: Int32) throws(ProcFSError) -> NamespaceSet {
        let directory = openEntry(proc.number, pid)
        guard directory >= 0 else {
            throw .system(SystemError(errorNumber: -directory, call: "openat", path: "\(pid)"))
        }
        defer { Syscall.close(directory) }
        var set = NamespaceSet()
        let links = try openNamespaces(directory)
        defer { Syscall.close(links) }
        for kind in NamespaceKind.allCases {
            do {
                set[kind] = try readNamespace(links, kind)
            } catch {
                // An older kernel lacks the kind; anything else is the caller's to judge.
                if error.isGone, !set.isEmpty { continue }
                throw error
            }
        }
        return set
    }

    /// The kernel's own record of one process, for looking at PID 2.
    package func stat(of pid: Int32) throws(ProcFSError) -> TaskStat {
        let directory = openEntry(proc.number, pid)
        guard directory >= 0 else {
            throw .system(SystemError(errorNumber: -directory, call: "openat", path: "\(pid)"))
        }
        defer { Syscall.close(directory) }
        return try TaskStat.parse(readFile(directory, "stat"))
    }

    /// The path of a task's root directory, from the root of its mount namespace on (proc_pid_root(5)).
    ///
    /// One that is longer than a page cannot be told (ENAMETOOLONG; fs/proc/base.c, do_proc_readlink).
    package func rootPath(of task: Int32) throws(ProcFSError) -> String {
        let directory = openEntry(proc.number, task)
        guard directory >= 0 else {
            throw .system(SystemError(errorNumber: -directory, call: "openat", path: "\(task)"))
        }
        defer { Syscall.close(directory) }
        return try link("root", in: directory)
    }

    /// A whole file of one process that may be longer than the reader's buffer, such as `mountinfo`.
    package func file(_ name: StaticString, of pid: Int32, limit: Int) throws(ProcFSError) -> [UInt8] {
        let directory = openEntry(proc.number, pid)
        guard directory >= 0 else {
            throw .system(SystemError(errorNumber: -directory, call: "openat", path: "\(pid)"))
        }
        defer { Syscall.close(directory) }
        let descriptor = Syscall.open(at: directory, cString(name), 0)
        guard descriptor >= 0 else {
            throw .system(SystemError(errorNumber: -descriptor, call: "openat", path: "\(name)"))
        }
        defer { Syscall.close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            endSliceIfLong()
            let count = Syscall.readOnce(descriptor, buffer)
            if count < 0 { throw .system(SystemError(errorNumber: Int32(-count), call: "read", path: "\(name)")) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if bytes.count > limit { throw .tooLong(file: "\(name)", limit: limit) }
        }
    }
}

extension ProcReader {
    private func readThreads(_ directory: Int32, of main: NodeTask) -> [NodeTask] {
        let list = Syscall.open(at: directory, cString("task"), O_DIRECTORY)
        guard list >= 0 else {
            noteFailure(errorNumber: -list, of: main.pid, in: "task")
            return []
        }
        let descriptor = Descriptor(adopting: list)
        var threads: [NodeTask] = []
        let shared = NamespaceKind.allCases.filter {
            main.namespaces[$0] != nil && !NamespaceKind.perThread.contains($0)
        }
        let kinds = scope.namespaces.filter { !shared.contains($0) }
        do {
            for tid in try numbers(in: descriptor) where tid != main.pid {
                let thread = openEntry(descriptor.number, tid)
                guard thread >= 0 else {
                    noteFailure(errorNumber: -thread, of: tid, in: "directory")
                    continue
                }
                defer { Syscall.close(thread) }
                guard var task = readTask(thread, pid: main.pid, tid: tid, kinds)?.task else { continue }
                for kind in shared { task.namespaces[kind] = main.namespaces[kind] }
                threads.append(task)
            }
        } catch {
            noteFailure(errorNumber: error.errorNumber, of: main.pid, in: "task")
        }
        return threads
    }

    private struct TaskReading {
        var task: NodeTask
        var threadCount: UInt32
        var isZombie: Bool
    }

    /// Reads one task through its open directory; `nil` when it ended, which is counted.
    private func readTask(
        _ directory: Int32, pid: Int32, tid: Int32, _ kinds: [NamespaceKind]
    ) -> TaskReading? {
        endSliceIfLong()
        let stat: TaskStat
        do {
            stat = try TaskStat.parse(readFile(directory, "stat"))
        } catch {
            note(error, of: tid, in: "stat")
            return nil
        }
        var task = NodeTask(
            pid: pid, tid: tid, parent: stat.parent, startTime: stat.startTime, comm: stat.comm,
            isKernelThread: stat.isKernelThread, isExiting: stat.isExiting ? true : nil)
        // A kernel thread is in the initial namespaces and has no user space.
        let isZombie = stat.state == "Z"
        if task.isKernelThread { return TaskReading(task: task, threadCount: 1, isZombie: isZombie) }
        do {
            try readNamespaces(directory, kinds, &task.namespaces)
        } catch {
            // A zombie has left its namespaces but still has a cgroup and credentials.
            if error.isGone, !isZombie { return ended() }
            if !error.isGone { note(error, of: tid, in: "namespaces") }
        }
        do {
            task.cgroup = try cgroups.index(of: readFile(directory, "cgroup"))
        } catch {
            // Of a group that is nested deep enough the path is too long to be told (cgroup_path_ns).
            if error.isGone { return ended() }
            note(error, of: tid, in: "cgroup")
        }
        do {
            if scope.readsCredentials {
                let status = try TaskStatus.parse(readFile(directory, "status"))
                (task.credentials, task.tracer) = (status.credentials, status.tracer)
            }
        } catch {
            if error.isGone { return ended() }
            note(error, of: tid, in: "status")
        }
        return TaskReading(task: task, threadCount: stat.threadCount, isZombie: isZombie)
    }

    private func ended() -> TaskReading? {
        endedWhileRead += 1
        return nil
    }

    /// Reads what can be read, and throws the first error of what cannot; at once where the task is gone.
    private func readNamespaces(
        _ directory: Int32, _ kinds: [NamespaceKind], _ namespaces: inout NamespaceSet
    ) throws(ProcFSError) {
        let links = try openNamespaces(directory)
        defer { Syscall.close(links) }
        var failure: ProcFSError?
        for kind in kinds {
            do {
                namespaces[kind] = try readNamespace(links, kind)
            } catch {
                if error.isGone { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// The directory of a task's namespaces: each name that need not be looked up twice is felt with some thousand tasks.
    private func openNamespaces(_ directory: Int32) throws(ProcFSError) -> Int32 {
        let links = Syscall.open(at: directory, cString("ns"), LinuxFlags.path | O_DIRECTORY)
        guard links >= 0 else { throw .system(SystemError(errorNumber: -links, call: "openat", path: "ns")) }
        return links
    }

    /// - Parameter links: the directory of the task's namespaces.
    private func readNamespace(_ links: Int32, _ kind: NamespaceKind) throws(ProcFSError) -> NamespaceID? {
        let count = Syscall.readlink(at: links, cString(kind.linkName), buffer)
        if count >= 0 { return try NamespaceLink.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        // Linux before 5.6 has no time namespaces, before 4.12 no pid_for_children.
        if -count == Int(ENOENT), kind == .time || kind == .pidForChildren { return nil }
        throw .system(SystemError(errorNumber: Int32(-count), call: "readlinkat", path: kind.rawValue))
    }

    /// The whole of a small file, valid until the next call.
    func readFile(_ directory: Int32, _ name: StaticString) throws(ProcFSError) -> UnsafeRawBufferPointer {
        try readFile(directory, at: cString(name), named: name)
    }

    /// The same of a file further below.
    func readFile(
        _ directory: Int32, at path: UnsafePointer<CChar>, named name: StaticString
    ) throws(ProcFSError) -> UnsafeRawBufferPointer {
        let descriptor = Syscall.open(at: directory, path, 0)
        guard descriptor >= 0 else {
            throw .system(SystemError(errorNumber: -descriptor, call: "openat", path: "\(name)"))
        }
        defer { Syscall.close(descriptor) }
        let count = Syscall.readOnce(descriptor, buffer)
        guard count >= 0 else { throw .system(SystemError(errorNumber: Int32(-count), call: "read", path: "\(name)")) }
        guard count < buffer.count else { throw .tooLong(file: "\(name)", limit: buffer.count) }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    /// A link's text, or `nil` where there is none to see: a zombie, or a file the reader may not look at.
    private func readLink(_ directory: Int32, _ name: StaticString) -> String? {
        let count = Syscall.readlink(at: directory, cString(name), buffer)
        return count < 0 ? nil : String(escaping: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    private func openEntry(_ parent: Int32, _ number: Int32) -> Int32 {
        // An administrator may name any number as the reference process.
        if number < 0 { return -ENOENT }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 12) { name in
            var position = 11
            name[position] = 0
            var rest = number
            repeat {
                position -= 1
                name[position] = CChar(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            } while rest > 0
            guard let base = name.baseAddress else { return -EINVAL }
            return Syscall.open(at: parent, base + position, LinuxFlags.path | O_DIRECTORY)
        }
    }

    /// The entries of a directory that are numbers, in ascending order; no more than a limit of them.
    func numbers(in directory: borrowing Descriptor, limit: Int = .max) throws(SystemError) -> [Int32] {
        var numbers: [Int32] = []
        try directory.forEachEntry(listing) { name in
            var cursor = ByteCursor(name)
            if let number = cursor.decimal(UInt32.self), cursor.isAtEnd, let id = Int32(exactly: number) {
                numbers.append(id)
            }
            return numbers.count < limit
        }
        return numbers.sorted()
    }

    private func noteFailure(errorNumber: Int32, of task: Int32, in what: String) {
        note(.system(SystemError(errorNumber: errorNumber, call: "openat", path: what)), of: task, in: what)
    }

    private func note(_ error: ProcFSError, of task: Int32, in what: String) {
        if error.isGone {
            endedWhileRead += 1
        } else {
            gaps.add(.process, "\(what): \(error.reason)", "pid \(task)")
        }
    }
}

func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

extension NamespaceKind {
    fileprivate var linkName: StaticString {
        switch self {
        case .mount: "mnt"
        case .pid: "pid"
        case .pidForChildren: "pid_for_children"
        case .network: "net"
        case .ipc: "ipc"
        case .uts: "uts"
        case .user: "user"
        case .cgroup: "cgroup"
        case .time: "time"
        }
    }
}
