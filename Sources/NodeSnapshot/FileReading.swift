import LinuxSystem
import NodeModel
import ProcFS

/// What container tasks have as root, working directory, program and open files, and the files of the node to compare
/// them with.
struct FileReading: Sendable {
    var files: [TaskFiles] = []
    var gaps: [Gap] = []
    var hostFiles: [HostFile] = []
    var disks = HostDisks()
    var abstractShims: [String]?
    /// The tasks that were looked at.
    private(set) var seen: Set<TaskKey> = []

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

    /// Reads on threads of their own: a dead network mount that a task stands in may hold up a look at it.
    ///
    /// That costs what comes after, not the scan, and nothing of tasks that are shown no such mount, which are looked at
    /// before.
    static func read(
        _ wanted: [Wanted], _ options: SnapshotOptions, host: Host, tables: [MountTable] = [],
        _ openTasks: OpenTasks? = nil, until deadline: Deadline
    ) -> FileReading {
        let look = FileLook(options: options, host: host, tables: tables, openTasks: openTasks)
        let mayHang = Self.mayHang(tables, host)
        let others = wanted.filter { mayHang($0.mount) }
        var reading = look.read(wanted.filter { !mayHang($0.mount) }, until: deadline)
        if !others.isEmpty { reading.add(look.read(others, until: deadline)) }
        return reading
    }

    /// Tells of a mount namespace whether a look at what it shows may hang, as far as that is known.
    private static func mayHang(_ tables: [MountTable], _ host: Host) -> (NamespaceID?) -> Bool {
        var known = tables.filter { $0.isPartial != true }.map { ($0.namespace, $0.mounts) }
        if let own = host.reference?.namespaces[.mount], !host.mounts.isEmpty { known.append((own, host.mounts)) }
        // What is mounted on an automatic mount stands there by itself, and nothing is mounted for a look.
        let local = Set(
            known.filter { !$0.1.contains { $0.mayHang && $0.fileSystemType != "autofs" } }.map(\.0))
        return { namespace in namespace.map { !local.contains($0) } ?? true }
    }

    private mutating func add(_ other: FileReading) {
        files += other.files
        for gap in other.gaps { gaps.add(gap) }
        if hostFiles.isEmpty { (hostFiles, disks) = (other.hostFiles, other.disks) }
        abstractShims = abstractShims ?? other.abstractShims
        seen.formUnion(other.seen)
    }

    mutating func add(_ result: Result<TaskFiles?, ProcFSError>, of task: TaskKey) {
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

    mutating func resolveSockets(_ wanted: [Wanted], _ options: SnapshotOptions, _ host: Host) {
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
}
