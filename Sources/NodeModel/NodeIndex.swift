/// A node with the look-ups that checks share, built once per judgement; everything in it is derived from the node.
package struct NodeIndex: Sendable {
    package private(set) var node: Node
    /// The pods that containers name, in the order of their first container.
    package let pods: [PodView]
    /// Per container, its pod's index in `pods`.
    package let podOfContainer: [Int?]
    /// Whose each container is by the API.
    package let matching: PodMatching
    private let tasksOfContainer: [[NodeTask]]
    private let mountTableOfNamespace: [NamespaceID: Int]
    private let taskOfProcess: [Int32: Int]
    private let containerOfID: [String: Int]
    private let owners: [NamespaceKind: [NamespaceID: Int]]
    /// The mount namespaces, beside the host's, whose table shows the node's root.
    let nodeTrees: Set<NamespaceID>
    /// Those of them that were made from the host's.
    private let hostTrees: Set<NamespaceID>
    package let filesOfTask: [TaskKey: TaskFiles]
    private var filesOfContainer: [[(task: NodeTask, files: TaskFiles)]] = []
    let hostMountOfID: [UInt32: Mount]
    package let hostMountsOfDevice: [DeviceNumber: [Mount]]
    private var hostPathsOfContainer: [[HostPathMount]] = []

    /// A pod as the node's own records show it.
    package struct PodView: Sendable {
        package var identity: PodIdentity
        /// Index in `Node.containers` of the sandbox, if the runtime has one; of several the one that is the pod's own.
        package var sandbox: Int?
        /// Sandboxes that run beside the pod's own for longer than a replacement takes: no kubelet keeps two.
        package var secondSandboxes: [Int] = []
        /// Indices in `Node.containers` of everything else in the pod.
        package var containers: [Int]
    }

    /// - Parameter hostPaths: whether `hostPaths(of:)` and `files(of:)` are wanted; working them out takes the most time.
    package init(_ node: Node, hostPaths: Bool = true) {
        self.node = node
        var byContainer = Array(repeating: [NodeTask](), count: node.containers.count)
        var processes: [Int32: Int] = [:]
        for (index, task) in node.tasks.enumerated() {
            if let container = task.container { byContainer[container].append(task) }
            let known = processes[task.pid].map { node.tasks[$0] }
            if known == nil || known?.isExiting == true && task.isExiting != true { processes[task.pid] = index }
        }
        tasksOfContainer = byContainer
        let starts = byContainer.map { $0.map(\.startTime).min() }
        (pods, podOfContainer) = Self.groupPods(node, starts)
        matching = PodMatching(node, secondSandboxes: Set(pods.flatMap(\.secondSandboxes)))
        taskOfProcess = processes
        containerOfID = Dictionary(
            node.containers.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        mountTableOfNamespace = Dictionary(
            node.mountTables.enumerated().map { ($1.namespace, $0) }, uniquingKeysWith: { first, _ in first })
        filesOfTask = Dictionary(
            (node.taskFiles ?? []).map { ($0.task, $0) }, uniquingKeysWith: { first, _ in first })
        hostMountsOfDevice = Dictionary(grouping: node.host.mounts, by: \.device)
        hostMountOfID = Dictionary(node.host.mounts.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        nodeTrees = Self.findNodeTrees(node)
        hostTrees = Self.findHostTrees(among: nodeTrees, node, processes)
        owners = Self.findOwners(node, pods, podOfContainer, processes, hostTrees: hostTrees)
        guard hostPaths else { return }
        filesOfContainer = node.containers.indices.map { findFiles(of: $0) }
        guard node.parts.contains(.mounts) else { return }
        hostPathsOfContainer = node.containers.indices.map { findHostPaths(of: $0) }
    }

    /// Adds a device to the disks of the node, where any are known: no look-up is worked out from them.
    package mutating func add(disk: DeviceNumber) { node.host.disks?.append(disk) }

    /// The host's namespace of a kind; `nil` when the reference could not be read.
    package func hostNamespace(_ kind: NamespaceKind) -> NamespaceID? { node.host.reference?.namespaces[kind] }

    /// Whether a namespace is the host's; a mount namespace is also where its root is the node's, as in one of a service
    /// (PrivateTmp=, systemd.exec(5)) and in one that was made from the host's (unshare(2)).
    package func isHost(_ kind: NamespaceKind, _ namespace: NamespaceID?) -> Bool {
        guard let namespace, let host = hostNamespace(kind) else { return false }
        return namespace == host || (kind == .mount && hostTrees.contains(namespace))
    }

    /// The tasks that belong to a container, main threads and others, in ascending order.
    package func tasks(of container: Int) -> [NodeTask] { tasksOfContainer[container] }

    /// The task that stands for a process: its main thread, or another where that has ended, for what has ended shows
    /// no namespaces (fs/proc/namespaces.c).
    package func process(_ pid: Int32) -> NodeTask? { taskOfProcess[pid].map { node.tasks[$0] } }

    /// The process that the runtime started for the container.
    package func initTask(of container: Int) -> NodeTask? {
        guard let pid = node.containers[container].initPID, let task = process(pid), task.container == container else {
            return nil
        }
        return task
    }

    /// The container of an id, as an index in `Node.containers`.
    package func container(_ id: String) -> Int? { containerOfID[id] }

    /// The sandbox of a container's pod: by its annotations, never by its processes.
    package func sandbox(of container: Int) -> Int? {
        if node.containers[container].kind == .sandbox { return container }
        // A pod may have an earlier sandbox still, and anybody who asks the runtime can make another.
        let named = node.containers[container].sandboxID.flatMap { self.container($0) }
        if let named, node.containers[named].kind == .sandbox { return named }
        return podOfContainer[container].flatMap { pods[$0].sandbox }
    }

    /// The mounts of a mount namespace.
    package func mountTable(_ namespace: NamespaceID) -> MountTable? {
        mountTableOfNamespace[namespace].map { node.mountTables[$0] }
    }

    /// The container whose mount, PID or cgroup namespace, or whose pod's network, IPC or UTS namespace this is.
    ///
    /// Known from the runtime's own mount of the container's root file system, or from the process that the runtime
    /// started, unless its record put that into another's; the host's namespaces have no owner, and where the host's is
    /// not known nothing has.
    package func owner(of kind: NamespaceKind, _ namespace: NamespaceID) -> Int? { owners[kind]?[namespace] }

    /// The files of a container's tasks that are not in the host's mount namespace or one made from it, where all files
    /// are the node's.
    package func files(of container: Int) -> [(task: NodeTask, files: TaskFiles)] {
        filesOfContainer.isEmpty ? [] : filesOfContainer[container]
    }

    /// Every part of the node's file tree that a container sees, the mounts of one declared bind together.
    package func hostPaths(of container: Int) -> [HostPathMount] {
        hostPathsOfContainer.isEmpty ? [] : hostPathsOfContainer[container]
    }

    /// The ancestors of a task, nearest first, as far as the node shows them.
    package func ancestors(of task: NodeTask) -> [NodeTask] {
        var chain: [NodeTask] = []
        var next = task.parent
        // A chain cannot be longer than this without a loop, which a hand-made node file may hold.
        while chain.count < 64, next > 0, let parent = process(next) {
            chain.append(parent)
            next = parent.parent
        }
        return chain
    }

    /// Whether a task is in the user namespace of the host: only there do capabilities count on the node.
    package func isInHostUserNamespace(_ task: NodeTask) -> Bool? {
        guard let host = hostNamespace(.user), let own = task.namespaces[.user] else { return nil }
        return own == host
    }
}

extension NodeIndex {
    /// Whether the runtime was told to leave the container in the host's namespace of a kind.
    ///
    /// An entry that is missing means the runtime's own, the host's (runtime-spec config-linux.md, namespaces). An
    /// entry with a path means what stands behind it: the sandbox's namespace for most, and then the sandbox's record
    /// decides. `nil` when there is no record or what the path names is not known.
    package func declaresHost(_ kind: NamespaceKind, _ container: Int) -> Bool? {
        guard let bundle = node.containers[container].bundle else { return nil }
        guard let entry = bundle.namespace(kind) else { return true }
        guard let path = entry.path else { return false }
        // Any other path is a namespace that a network plugin made; a process that is in the host's all the same
        // was not declared to be.
        guard let pid = Self.processOfNamespacePath(path, kind) else { return false }
        if let sandbox = sandbox(of: container), sandbox != container, node.containers[sandbox].initPID == pid {
            return declaresHost(kind, sandbox)
        }
        if pid == 1 { return true }
        guard let host = hostNamespace(kind), let named = process(pid)?.namespaces[kind] else { return nil }
        return named == host
    }

    /// The process of a path such as `/proc/6100/ns/pid`.
    package static func processOfNamespacePath(_ path: String, _ kind: NamespaceKind) -> Int32? {
        let parts = path.pathComponents(omittingEmpty: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "proc", parts[3] == "ns", parts[4] == kind.rawValue else {
            return nil
        }
        return Int32(parts[2])
    }
}
