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
        node.host.files = reading.hostFiles
        (node.host.disks, node.host.diskControls) = (reading.disks.devices, reading.disks.controls)
        readLoopDevices(&node, until: deadline)
        // A second look may be at processes elsewhere only.
        node.host.abstractShims = reading.abstractShims ?? node.host.abstractShims
        for gap in reading.gaps { node.gaps.add(gap) }
        node.noteUnseenFiles()
    }
}

extension Node {
    /// Says what could not be looked at; once, however often that was tried.
    fileprivate mutating func noteUnseenFiles() {
        gaps.removeAll { $0.kind == .files }
        for files in taskFiles ?? [] {
            let pid = "pid \(files.task.pid)"
            if files.isCut == true { gaps.add(.files, "it holds more open than was looked at", pid) }
            if let reason = files.unread { gaps.add(.files, reason, pid) }
        }
    }

    /// The tasks whose files are looked at: every thread of a container's processes for its directories, and where the
    /// container may reach the node's files for descriptors and sockets, too: what a process of it has opened it may have
    /// handed on, or laid its rights down since.
    ///
    /// The first thread that lives stands for its process: of one that has ended nothing can be seen.
    fileprivate var filesWanted: [FileReading.Wanted] {
        let living = tasks.filter { $0.container != nil && !$0.isKernelThread && $0.isExiting != true }
        let reach = ProcessReach(self)
        var descriptors = containers.map { reach.descriptors(of: $0) }
        var leaders: [Int32: Int32] = [:]
        for task in living {
            if leaders[task.pid] == nil { leaders[task.pid] = task.tid }
            if let container = task.container {
                descriptors[container] = max(descriptors[container], reach.descriptors(of: task))
            }
        }
        return living.map { task in
            let isLeader = leaders[task.pid] == task.tid
            let isFirst = task.container.map { containers[$0].initPID == task.pid } ?? false
            let wanted = task.container.map { descriptors[$0] } ?? .none
            return FileReading.Wanted(
                task: task.key, network: task.namespaces[.network], mount: task.namespaces[.mount],
                descriptors: isLeader && isFirst ? max(wanted, .files) : wanted,
                leader: isLeader ? nil : leaders[task.pid])
        }
    }
}

/// Which containers may hold something of the node open.
private struct ProcessReach {
    private let hasPacketSockets: Bool
    private let host: NamespaceSet?

    /// nsenter and open_tree, /proc/1/root, open_by_handle_at, and programs of BPF need one of these.
    private static let reaching = CapabilitySet.named(["SYS_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "BPF"]).set
    private static let sniffing = CapabilitySet.named(["NET_RAW"]).set

    init(_ node: Node) {
        hasPacketSockets = node.host.kernelState?.packetSockets.isEmpty == false
        host = node.host.reference?.namespaces
    }

    /// What is wanted of descriptors by a container's record alone.
    func descriptors(of container: Container) -> ProcReader.Descriptors {
        container.hasHostPath || container.bundle?.gives(Self.reaching) ?? false ? .filesAndSockets : .none
    }

    /// The same for what one of its tasks may do.
    func descriptors(of task: NodeTask) -> ProcReader.Descriptors {
        if task.mayUse(anyOf: Self.reaching), task.namespaces[.user] == host?[.user] { return .filesAndSockets }
        let maySniff =
            hasPacketSockets && task.namespaces[.network] == host?[.network]
            && task.mayUse(anyOf: Self.sniffing)
        return maySniff ? .files : .none
    }
}

extension Bundle {
    /// Whether it gives one of some capabilities on the node, and not in a user namespace of the pod's own.
    func gives(_ some: CapabilitySet) -> Bool {
        namespace(.user) == nil && !capabilities.isDisjoint(with: some)
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
