import LinuxSystem
import NodeModel
import ProcFS
import Synchronization

/// Reads what container tasks have as root, working directory, program and open files, and the files of the node to
/// compare them with.
struct FileReading: Sendable {
    var files: [TaskFiles] = []
    var gaps: [Gap] = []
    var hostFiles: [HostFile] = []
    var disks = HostDisks()
    var abstractShims: [String]?
    /// The tasks that were looked at.
    private var seen: Set<TaskKey> = []

    /// A task to look at.
    struct Wanted: Sendable {
        var task: TaskKey
        /// Its namespaces.
        var network: NamespaceID?
        var mount: NamespaceID?
        var descriptors = ProcReader.Descriptors.none
        /// The thread whose files are the process', where that is another one.
        var leader: Int32?
    }

    /// The directories that tell the node's tree: what a task holds of them it holds of the node.
    private static let places = [
        "/etc", "/root", "/home", "/usr", "/boot", "/var", "/var/lib", "/var/lib/kubelet", "/var/lib/containerd",
        "/var/log",
        "/run", "/run/containerd",
    ]

    /// So many are looked at sooner than two threads are started.
    private static let smallCount = 256

    /// Reads on a thread of its own: a dead network mount that a task stands in may hold it up, and costs what comes
    /// after, not the scan.
    ///
    /// Whoever holds very much is looked at after all others.
    static func read(
        _ wanted: [Wanted], _ options: SnapshotOptions, host: Host, tables: [MountTable] = [],
        _ openTasks: OpenTasks? = nil, until deadline: Deadline
    ) -> FileReading {
        let progress = Progress()
        let work = BoundedWork { [progress] in
            let (files, disks) = hostSide(options, host)
            progress.reading.withLock { ($0.hostFiles, $0.disks) = (files, disks) }
            look(at: wanted, limit: ProcReader.descriptorLimit, options, host, tables, openTasks, progress)
            let long = Set(progress.reading.withLock { $0.files }.filter { $0.isCut == true }.map(\.task))
            look(
                at: wanted.filter { long.contains($0.task) }, limit: ProcReader.longDescriptorLimit, options, host,
                tables, openTasks, progress)
            // A look at the services' files may hang: without the lock, which is asked for when the time is up.
            var reading = progress.reading.withLock { $0 }
            reading.resolveSockets(wanted, options, host)
            progress.reading.withLock { [reading] in $0 = reading }
        }
        let isDone = work.result(until: deadline) != nil
        var reading = progress.reading.withLock { $0 }
        // Of sockets that were found and not asked about nothing is known.
        if !isDone { for index in reading.files.indices { reading.files[index].sockets = nil } }
        let left = wanted.filter { !reading.seen.contains($0.task) }
        if !isDone || !left.isEmpty {
            reading.gaps.add(
                Gap(
                    kind: .timeLimit, reason: "files of tasks not looked at", count: left.count,
                    examples: left.first.map { ["pid \($0.task.pid)"] } ?? []))
        }
        return reading
    }

    private static func look(
        at wanted: [Wanted], limit: Int, _ options: SnapshotOptions, _ host: Host, _ tables: [MountTable],
        _ openTasks: OpenTasks?, _ progress: Progress
    ) {
        let packetSockets = Set(host.kernelState?.packetSockets ?? [])
        let (hostFiles, disks) = progress.reading.withLock { ($0.hostFiles, $0.disks) }
        let shares = wanted.count > smallCount ? min(2, processorCount()) : 1
        let gaps = ParallelWork.run(shares: shares) { share -> [Gap] in
            guard let reader = try? ProcReader(root: options.proc, slices: options.slices, openTasks: openTasks)
            else { return [] }
            // Without the host's own mounts, every mount would look like one that no table shows.
            let places =
                host.mounts.isEmpty
                ? nil
                : NodePlaces(
                    root: options.root, hostFiles: hostFiles, hostMounts: host.mounts, tables: tables,
                    diskControls: Set(disks.controls))
            for (number, entry) in wanted.enumerated() where number % shares == share {
                places?.namespace = entry.mount
                let result = Result { () throws(ProcFSError) in
                    try reader.files(
                        of: entry.task, entry.descriptors, limit: limit, besides: entry.leader,
                        packetSockets: packetSockets, places: places)
                }
                progress.reading.withLock { $0.add(result, of: entry.task) }
                reader.endSliceIfLong()
            }
            return places?.gaps ?? []
        }
        progress.reading.withLock { reading in for gap in gaps.joined() { reading.gaps.add(gap) } }
    }

    private final class Progress: Sendable {
        let reading = Mutex(FileReading())
    }

    private mutating func add(_ result: Result<TaskFiles?, ProcFSError>, of task: TaskKey) {
        // What is looked at once more, and longer, ended meanwhile or takes the place of what was seen of it.
        if !seen.insert(task).inserted, case .success(.some) = result { files.removeAll { $0.task == task } }
        switch result {
        case .success(let found): if let found { files.append(found) }
        case .failure(let error):
            let known = files.firstIndex { $0.task == task }
            var found = known.map { files.remove(at: $0) } ?? TaskFiles(task: task)
            found.noteUnread(error)
            files.append(found)
        }
    }

    private mutating func resolveSockets(_ wanted: [Wanted], _ options: SnapshotOptions, _ host: Host) {
        let networks = Dictionary(
            wanted.compactMap { entry in entry.network.map { (entry.task, $0) } },
            uniquingKeysWith: { first, _ in first })
        let own = host.reference?.namespaces[.network]
        guard networks.values.contains(where: { $0 == own }) || files.contains(where: { $0.sockets?.isEmpty == false })
        else { return }
        var sockets = SocketReading(proc: options.proc, root: options.root, visits: options.networkVisits)
        sockets.resolve(&files, networks: networks, host: own)
        abstractShims = sockets.abstractShims
        for gap in sockets.gaps { gaps.add(gap) }
    }

    /// The node's own root is that of the reference process; where that may not be looked at, the root of the options.
    private static func hostSide(_ options: SnapshotOptions, _ host: Host) -> ([HostFile], HostDisks) {
        var files: [HostFile] = []
        let root = host.reference.flatMap { FileIdentity(path: "\(options.proc)/\($0.pid)/root") }
        if let root = root ?? FileIdentity(path: options.root) { files.append(HostFile(path: "/", file: root)) }
        for place in places {
            if let file = FileIdentity(path: options.root + place) { files.append(HostFile(path: place, file: file)) }
        }
        return (files, HostDisks(host.mounts, root: options.root))
    }
}
