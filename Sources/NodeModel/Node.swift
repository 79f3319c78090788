/// Everything one scan saw of a node: an immutable value that every check reads and that can be saved and loaded.
package struct Node: Sendable, Equatable, Codable {
    /// The version of the saved form; additions keep it, a changed meaning raises it.
    package static let currentSchema = "breakoutd-node/1"

    package var schema: String
    package var host: Host
    /// What was read; a check that needs more than this cannot judge the node.
    package var parts: NodeParts
    /// Milliseconds since 1970-01-01 UTC when the scan began.
    package var takenAt: Int64
    /// How long the reading took, in microseconds.
    package var duration: Int64
    package var cgroups: [CgroupPlacement]
    /// Processes in ascending order of pid, the threads of each after its main thread.
    package var tasks: [NodeTask]
    /// In ascending order of id.
    package var containers: [Container]
    package var mountTables: [MountTable]
    package var userNamespaces: [UserNamespace]
    /// What tasks of containers hold, in the order of their tasks; `nil` where it was not read.
    package var taskFiles: [TaskFiles]?
    package var podLogs: [PodLogDirectory]
    package var podLogOddities: [PodLogOddity]
    /// Files of the node that its programs act on and that are not known to be as they were, in the order of their paths;
    /// `nil` where they were not looked at.
    package var changedFiles: [ChangedFile]?
    /// `nil` when the Kubernetes API was not asked.
    package var apiPods: APIPods?
    package var gaps: [Gap]
    /// Processes and threads that ended while they were being read; expected, no gap.
    package var endedWhileRead: Int
    /// `true` where the time was up before every container record was read.
    package var lacksRecords: Bool?

    package init(
        host: Host = Host(), parts: NodeParts = .all, takenAt: Int64 = 0, duration: Int64 = 0,
        cgroups: [CgroupPlacement] = [], tasks: [NodeTask] = [], containers: [Container] = [],
        mountTables: [MountTable] = [], userNamespaces: [UserNamespace] = [], podLogs: [PodLogDirectory] = [],
        podLogOddities: [PodLogOddity] = [], apiPods: APIPods? = nil, gaps: [Gap] = [], endedWhileRead: Int = 0
    ) {
        schema = Self.currentSchema
        self.host = host
        self.parts = parts
        self.takenAt = takenAt
        self.duration = duration
        self.cgroups = cgroups
        self.tasks = tasks
        self.containers = containers
        self.mountTables = mountTables
        self.userNamespaces = userNamespaces
        self.podLogs = podLogs
        self.podLogOddities = podLogOddities
        self.apiPods = apiPods
        self.gaps = gaps
        self.endedWhileRead = endedWhileRead
    }
}

extension Node {
    /// The ids of containers that a task runs in and of which no record was read; none where records were not asked for.
    package var containersWithoutRecord: [String] {
        guard parts.contains(.bundles) else { return [] }
        let running = Set(tasks.compactMap(\.container))
        return containers.indices.filter { running.contains($0) && containers[$0].bundle == nil }.map {
            containers[$0].id
        }
    }
}

/// The node's own side: what "the host" means for every comparison.
package struct Host: Sendable, Equatable, Codable {
    /// The node's host name (uname(2)).
    package var name: String?
    package var kernel: String?
    package var bootID: String?
    /// Clock ticks since boot when the scan began, of which a second has 100 (proc_uptime(5), USER_HZ).
    package var ticksSinceBoot: UInt64?
    /// 1 or 2; 1 also for the hybrid layout, where containers sit in v1 hierarchies.
    package var cgroupVersion: Int?
    /// The task whose namespaces are the host's.
    package var reference: Reference?
    /// The mounts of the host's mount namespace.
    package var mounts: [Mount]
    /// The node's root directory and others that tell its file tree; `nil` where they were not read.
    package var files: [HostFile]?
    /// The block devices that the node's own file systems are on, the disks below those, and loop devices over either.
    package var disks: [DeviceNumber]?
    /// The character devices that take the commands of those disks.
    package var diskControls: [DeviceNumber]?
    /// The abstract names that container shims listen on in the node's network namespace; `nil` where they were not
    /// read, as where no container is in it.
    package var abstractShims: [String]?
    /// Where the paths that pods of the API ask for lead, at the end of their links; one that is not there, or that was
    /// not looked at, is missing.
    package var pathTargets: [String: String]?
    /// `nil` where it was not read.
    package var kernelState: KernelState?
    /// Whether the daemon saw an act of its own among the events of the kernel, when it last did one; `nil` before the
    /// first, and of a scan without a daemon.
    package var isOwnActSeen: Bool?

    package init(
        name: String? = nil, kernel: String? = nil, bootID: String? = nil, ticksSinceBoot: UInt64? = nil,
        cgroupVersion: Int? = nil,
        reference: Reference? = nil, mounts: [Mount] = []
    ) {
        self.name = name
        self.kernel = kernel
        self.bootID = bootID
        self.ticksSinceBoot = ticksSinceBoot
        self.cgroupVersion = cgroupVersion
        self.reference = reference
        self.mounts = mounts
        files = nil
        disks = nil
        diskControls = nil
        abstractShims = nil
        pathTargets = nil
        kernelState = nil
        isOwnActSeen = nil
    }

    /// What started less than this before the scan is young, in clock ticks: a minute.
    private static let youth: UInt64 = 60 * 100

    /// Whether something that started at a time in clock ticks after boot is young; `nil` where the scan's own is not
    /// known.
    ///
    /// By then a runtime has started what it starts, and the kubelet, which reports within ten seconds
    /// (pkg/kubelet/status), has told the API of it.
    package func isYoung(startedAt start: UInt64) -> Bool? {
        ticksSinceBoot.map { start >= $0 || $0 - start < Self.youth }
    }

    /// A process that stands for the host.
    package struct Reference: Sendable, Equatable, Codable {
        package var pid: Int32
        package var namespaces: NamespaceSet

        package init(pid: Int32, namespaces: NamespaceSet) {
            self.pid = pid
            self.namespaces = namespaces
        }
    }
}

/// The parts of a node that a scan reads or a check needs.
package struct NodeParts: OptionSet, Sendable, Hashable, Codable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Threads beside the main thread of each process that is, or comes from, outside the host's namespaces.
    package static let threads = NodeParts(rawValue: 1)
    /// `/proc/<pid>/status` and `exe`.
    package static let credentials = NodeParts(rawValue: 2)
    /// The runtimes' records of containers.
    package static let bundles = NodeParts(rawValue: 4)
    /// Mount tables of the host and of each container.
    package static let mounts = NodeParts(rawValue: 8)
    package static let podLogs = NodeParts(rawValue: 16)
    /// What container tasks have as root, working directory, program and open files.
    package static let files = NodeParts(rawValue: 32)
    /// The kernel's settings, and its tables of what processes share.
    package static let kernel = NodeParts(rawValue: 64)
    /// Files of the node that its programs act on.
    package static let nodeFiles = NodeParts(rawValue: 256)

    package static let all: NodeParts = [
        .threads, .credentials, .bundles, .mounts, .podLogs, .files, .kernel, .nodeFiles,
    ]
}
