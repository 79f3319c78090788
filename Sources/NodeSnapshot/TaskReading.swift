import LinuxSystem
import NodeModel
import ProcFS

/// Everything that one pass over `/proc` found.
struct TaskReading: Sendable {
    var reference: Host.Reference?
    var tasks: [NodeTask] = []
    var cgroups: [CgroupPlacement] = []
    var hostMounts: [Mount] = []
    var mountTables: [MountTable] = []
    var userNamespaces: [UserNamespace] = []
    var gaps: [Gap] = []
    var endedWhileRead = 0

    /// Reads every process of `/proc`, and every thread of those that may be in a container or come from one.
    ///
    /// `firstProcesses`, those that the runtimes started, is asked for when everything else was read.
    static func read(
        _ options: SnapshotOptions, _ ownMounts: OwnMounts, _ openTasks: OpenTasks? = nil, until deadline: Deadline,
        firstProcesses: () -> Set<Int32>
    ) -> TaskReading {
        var reading = TaskReading()
        let reader: ProcReader
        do {
            let readerCgroup = try findReaderCgroup(options)
            reader = try makeReader(options, readerCgroup)
            let pids = try reader.processIDs()
            let reference = HostReference.read(reader, pid: options.referencePID)
            reading.reference = reference.reference
            reading.gaps += reference.gaps
            reading.readProcesses(pids, reader, options, readerCgroup, openTasks, deadline)
            if reading.endedWhileRead > 0 {
                let kin = Kinship(
                    to: reading.tasks, reader.cgroups.placements, host: reading.reference?.namespaces)
                reading.readNewcomers(reader, known: Set(pids), kin: kin, until: deadline)
            }
        } catch {
            reading.gaps.add(.reference, "\(options.proc): \(error.reason)", options.proc)
            return reading
        }
        reading.noteCovers(of: options.proc, ownMounts)
        reading.readThreadsOfDescendants(reader)
        if options.parts.contains(.credentials) { reading.readUserNamespaces(reader) }
        if options.parts.contains(.mounts) {
            reading.readMounts(
                reader, options.knownMounts, firstProcesses: firstProcesses(), until: deadline.half)
            options.knownMounts.forgetUnused()
        }
        reading.cgroups = reader.cgroups.placements
        for gap in reader.gaps { reading.gaps.add(gap) }
        reading.endedWhileRead += reader.endedWhileRead
        return reading
    }

    /// Where cgroup paths are shown relative to.
    private static func findReaderCgroup(_ options: SnapshotOptions) throws(ProcFSError) -> ReaderCgroup {
        let own = try ProcReader(root: "/proc").namespaces(of: Int32(ownProcessID()))
        let probe = try ProcReader(root: options.proc)
        // A reader that shares the reference's cgroup namespace sees the paths that the reference would.
        let host = HostReference.read(probe, pid: options.referencePID).reference
        let isHost = host.map { $0.namespaces[.cgroup] == own[.cgroup] } ?? true
        return isHost ? .host : .unknown
    }

    static func makeReader(_ options: SnapshotOptions) throws(ProcFSError) -> ProcReader {
        try makeReader(options, findReaderCgroup(options))
    }

    private static func makeReader(
        _ options: SnapshotOptions, _ readerCgroup: ReaderCgroup, _ openTasks: OpenTasks? = nil
    ) throws(ProcFSError) -> ProcReader {
        try ProcReader(
            root: options.proc,
            scope: ProcReader.Scope(
                namespaces: options.namespaces, credentials: options.parts.contains(.credentials),
                threads: options.parts.contains(.threads)),
            reader: readerCgroup, slices: options.slices, openTasks: openTasks)
    }

    /// Processes are read in blocks, so that the clock need not be looked at for each and two readers share the work.
    private static let blockSize = 64

    private mutating func readProcesses(
        _ pids: [Int32], _ reader: ProcReader, _ options: SnapshotOptions, _ readerCgroup: ReaderCgroup,
        _ openTasks: OpenTasks?, _ deadline: Deadline
    ) {
        let blocks = stride(from: 0, to: pids.count, by: Self.blockSize).map {
            Array(pids[$0..<min($0 + Self.blockSize, pids.count)])
        }
        // /proc is read in parallel by the kernel; more than two readers would take a small node's cores away.
        let shares = blocks.count > 4 ? min(2, processorCount()) : 1
        let reference = reference?.namespaces
        let parts = ParallelWork.run(shares: shares) { share -> TaskReading in
            var part = TaskReading()
            let reader: ProcReader
            do throws(ProcFSError) {
                reader = try Self.makeReader(options, readerCgroup, openTasks)
            } catch {
                part.gaps.add(.process, "a share of the processes: \(error.reason)", options.proc)
                return part
            }
            for (number, block) in blocks.enumerated() where number % shares == share {
                if deadline.isPast {
                    let left = blocks.indices.filter { $0 >= number && $0 % shares == share }
                    part.gaps.add(
                        Gap(
                            kind: .timeLimit, reason: "processes not reached",
                            count: left.reduce(0) { $0 + blocks[$1].count },
                            examples: ["pid \(block.first ?? 0)"]))
                    break
                }
                for pid in block {
                    part.tasks += reader.readProcess(pid) { Self.isForeign($0, $1, reference) }
                }
            }
            part.cgroups = reader.cgroups.placements
            part.gaps += reader.gaps
            part.endedWhileRead = reader.endedWhileRead
            return part
        }
        for part in parts { add(part, to: reader) }
        tasks.sortByProcess()
    }

    private mutating func add(_ part: TaskReading, to reader: ProcReader) {
        let positions = part.cgroups.map { reader.adopt($0) }
        tasks += part.tasks.map { task in
            var task = task
            task.cgroup = task.cgroup.map { positions[$0] }
            return task
        }
        for gap in part.gaps { gaps.add(gap) }
        endedWhileRead += part.endedWhileRead
    }

    /// The process may be a container's: its cgroup says so, or it is in a namespace that is not the host's.
    static func isForeign(_ task: NodeTask, _ cgroup: CgroupPlacement?, _ host: NamespaceSet?) -> Bool {
        if let cgroup, cgroup.owner != .host { return true }
        guard let host else { return true }
        return NamespaceKind.allCases.contains { task.namespaces.differs(in: $0, from: host) }
    }

    /// A process that looks like the host's own but descends from one that may be a container's may have escaped: its
    /// threads are read too.
    private mutating func readThreadsOfDescendants(_ reader: ProcReader) {
        guard reader.scope.readsThreads else { return }
        let cgroups = reader.cgroups.placements
        var parents: [Int32: Int32] = [:]
        var isFromContainer: [Int32: Bool] = [:]
        for task in tasks where task.isMainThread {
            parents[task.pid] = task.parent
            if Self.isForeign(task, task.cgroup.map { cgroups[$0] }, reference?.namespaces), !task.isKernelThread {
                isFromContainer[task.pid] = true
            }
        }
        var late: [Int32] = []
        for task in tasks where task.isMainThread && !task.isKernelThread && isFromContainer[task.pid] == nil {
            var chain: [Int32] = []
            var next: Int32? = task.pid
            // Bounded by the number of processes; a loop cannot be longer than that.
            while let pid = next, isFromContainer[pid] == nil, chain.count < 1024 {
                chain.append(pid)
                next = parents[pid]
            }
            let answer = next.flatMap { isFromContainer[$0] } ?? false
            for pid in chain { isFromContainer[pid] = answer }
            if answer { late.append(task.pid) }
        }
        guard !late.isEmpty else { return }
        tasks.replaceProcesses(late.map { ($0, reader.readWholeProcess($0)) })
    }

    /// A mount over the directory of a process, or over a file in it, shows something else there: another process, or
    /// none.
    private mutating func noteCovers(of proc: String, _ ownMounts: OwnMounts) {
        let place = PathParts(proc)
        do throws(ProcFSError) {
            for point in try ownMounts.read().map({ PathParts($0.mountPoint) }) where place.contains(point) {
                guard let name = point.parts.dropFirst(place.parts.count).first, let pid = Int32(name) else { continue }
                gaps.add(.process, "a mount covers what is told of it", "pid \(pid)")
            }
        } catch {
            gaps.add(.mounts, "own mountinfo: \(error.reason)")
        }
    }

    private mutating func readUserNamespaces(_ reader: ProcReader) {
        var seen: Set<NamespaceID> = []
        for task in tasks where !task.isKernelThread {
            guard let id = task.namespaces[.user], seen.insert(id).inserted else { continue }
            let file = try? reader.file("uid_map", of: task.pid, limit: 65_536)
            let map = file.flatMap { bytes in bytes.withUnsafeBytes { try? IDMapFile.parse($0) } }
            userNamespaces.append(UserNamespace(id: id, uidMap: map))
        }
        userNamespaces.sort { $0.id < $1.id }
    }
}

extension [NodeTask] {
    /// Puts newer readings of processes in place of the older ones; an empty reading is a process that ended.
    mutating func replaceProcesses(_ readings: [(pid: Int32, tasks: [NodeTask])]) {
        let pids = Set(readings.map(\.pid))
        removeAll { pids.contains($0.pid) }
        append(contentsOf: readings.flatMap(\.tasks))
        sortByProcess()
    }

    /// The order of `Node.tasks`: processes by pid, the main thread of each first.
    mutating func sortByProcess() {
        sort { ($0.pid, $0.isMainThread ? 0 : 1, $0.tid) < ($1.pid, $1.isMainThread ? 0 : 1, $1.tid) }
    }
}
