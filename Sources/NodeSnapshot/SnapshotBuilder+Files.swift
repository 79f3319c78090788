import LinuxSystem
import NodeModel
import ProcFS

extension SnapshotBuilder {
    /// Reads the files of the tasks of containers; of some processes again, where they are named.
    func readFiles(
        _ node: inout Node, of processes: Set<Int32>? = nil, _ openTasks: OpenTasks? = nil, until deadline: Deadline
    ) {
        guard options.parts.contains(.files) else { return }
        let wanted = node.filesWanted.filter { processes?.contains($0.task.pid) ?? true }
        let reading = FileReading.read(
            wanted, options, host: node.host, tables: node.mountTables, openTasks, until: deadline)
        let kept = processes.map { again in (node.taskFiles ?? []).filter { !again.contains($0.task.pid) } } ?? []
        node.taskFiles = (kept + reading.files).sorted { ($0.task.pid, $0.task.tid) < ($1.task.pid, $1.task.tid) }
        (node.host.files, node.host.disks) = (reading.hostFiles, reading.disks)
        // A second look may be at processes elsewhere only.
        node.host.abstractShims = reading.abstractShims ?? node.host.abstractShims
        for gap in reading.gaps { node.gaps.add(gap) }
    }
}

extension Node {
    /// The tasks whose files are looked at: every thread of a container's processes for its directories, and where the
    /// process may reach the node's files for descriptors and sockets, too.
    ///
    /// The first thread that lives stands for its process: of one that has ended nothing can be seen.
    fileprivate var filesWanted: [FileReading.Wanted] {
        let living = tasks.filter { $0.container != nil && !$0.isKernelThread && $0.isExiting != true }
        let reach = ProcessReach(self)
        var descriptors: [Int32: ProcReader.Descriptors] = [:]
        var leaders: [Int32: Int32] = [:]
        for task in living {
            if leaders[task.pid] == nil { leaders[task.pid] = task.tid }
            descriptors[task.pid] = max(descriptors[task.pid] ?? .none, reach.descriptors(of: task))
        }
        return living.map { task in
            let isLeader = leaders[task.pid] == task.tid
            let isFirst = task.container.map { containers[$0].initPID == task.pid } ?? false
            let wanted = descriptors[task.pid] ?? .none
            return FileReading.Wanted(
                task: task.key, network: task.namespaces[.network], mount: task.namespaces[.mount],
                descriptors: isLeader && isFirst ? max(wanted, .files) : wanted,
                leader: isLeader ? nil : leaders[task.pid])
        }
    }
}

/// Which processes of containers may hold something of the node open.
private struct ProcessReach {
    private let hasHostPath: [Bool]
    private let hasPacketSockets: Bool
    private let host: NamespaceSet?

    /// nsenter and open_tree, /proc/1/root, open_by_handle_at, and programs of BPF need one of these.
    private static let reaching = CapabilitySet.named(["SYS_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "BPF"]).set
    private static let sniffing = CapabilitySet.named(["NET_RAW"]).set

    init(_ node: Node) {
        hasHostPath = node.containers.map(\.hasHostPath)
        hasPacketSockets = node.host.kernelState?.packetSockets.isEmpty == false
        host = node.host.reference?.namespaces
    }

    /// What is wanted of the descriptors of a task of a container.
    func descriptors(of task: NodeTask) -> ProcReader.Descriptors {
        func may(_ capabilities: CapabilitySet) -> Bool {
            task.credentials.map { !$0.permitted.isDisjoint(with: capabilities) } ?? true
        }
        let isPowerful = may(Self.reaching) && task.namespaces[.user] == host?[.user]
        if isPowerful || task.container.map({ hasHostPath[$0] }) ?? false { return .filesAndSockets }
        let maySniff = hasPacketSockets && task.namespaces[.network] == host?[.network] && may(Self.sniffing)
        return maySniff ? .files : .none
    }
}

extension Container {
    /// Whether its record gives it something of the node's tree, where sockets are.
    fileprivate var hasHostPath: Bool {
        bundle?.mounts.contains { mount in
            guard mount.isBind, let source = mount.source else { return false }
            return !NodeIndex.isKubeletVolume(source, of: self) && !NodeIndex.isRuntimeFile(source, of: self)
        } ?? false
    }
}
