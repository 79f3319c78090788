package import Checks
import NodeModel

/// What a scan could not look at: there a finding that it does not show may well be.
///
/// When in doubt a place is blind, so that a finding is kept too long and never cleared too early.
package struct BlindSpots: Sendable {
    private let node: Node
    private let judged: Set<String>
    private let gaps: Set<Gap.Kind>
    private let containers: [String: Int]
    /// Containers with a task that was read in part, or that its runtime still starts.
    private let unreadContainers: Set<Int>
    /// Containers with a task that holds files which were not looked at.
    private let unseenFiles: Set<Int>
    /// There are tasks of which not even the container is known.
    private let hasStrays: Bool

    package init(_ judgement: Judgement) {
        let node = judgement.node
        self.node = node
        judged = judgement.judged
        gaps = Set(judgement.gaps.map(\.kind))
        containers = Dictionary(
            node.containers.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        let kinds = Self.namespaceKinds(of: node)
        var unreadContainers: Set<Int> = []
        var hasStrays = false
        var told = 0
        for task in node.tasks where !task.isKernelThread {
            let missing = Self.missingParts(of: task, kinds, credentials: node.parts.contains(.credentials))
            told += missing
            if let container = task.container {
                if missing > 0 || task.isStarting { unreadContainers.insert(container) }
            } else if task.cgroup.map({ node.cgroups[$0].owner == .unknown }) ?? (missing > 0) {
                hasStrays = true
            }
        }
        // What a task lacks is a gap each; further ones are of tasks that are not in the node at all.
        let processGaps = judgement.gaps.filter { $0.kind == .process }.reduce(0) { $0 + $1.count }
        if processGaps > told { hasStrays = true }
        self.unreadContainers = unreadContainers
        unseenFiles = Self.holdersOfUnseenFiles(in: node)
        self.hasStrays = hasStrays
    }

    /// Whether the finding may be there although the scan does not show it.
    func hide(_ finding: Finding) -> Bool {
        // A check that this version does not have any more says nothing ever again.
        guard let check = Check.named(finding.technique.id) else { return false }
        if finding.nodeFile != nil, node.changedFiles == nil || gaps.contains(.nodeFiles) { return true }
        return hide(check, ofContainer: finding.container?.id, ofTask: finding.task != nil)
    }

    /// Whether the check may have missed a finding of a container, by the runtime's id, or of something else of the node.
    ///
    /// - Parameter ofTask: without a container, whether it would be of a task.
    package func hide(_ check: Check, ofContainer id: String?, ofTask: Bool) -> Bool {
        guard judged.contains(check.technique.id) else { return true }
        if !gaps.isDisjoint(with: [.reference, .referenceDisagreement, .timeLimit]) { return true }
        if check.needsAPI, node.apiPods.map({ $0.failure != nil }) ?? true { return true }
        if check.reads.contains(.podLogs), gaps.contains(.podLogs) { return true }
        if check.reads.contains(.kernel), gaps.contains(.kernel) { return true }
        if check.reads.contains(.nodeFiles), gaps.contains(.nodeFiles) { return true }
        guard let id else { return ofTask && hasStrays }
        let container = containers[id]
        if hasStrays || container.map(unreadContainers.contains) ?? false { return true }
        if check.reads.contains(.files), container.map(unseenFiles.contains) ?? false { return true }
        if check.reads.contains(.mounts), container != nil, gaps.contains(.mounts) { return true }
        guard check.reads.contains(.bundles) else { return false }
        // What is compared with the API is the whole pod's: of its sandbox and of its network as well.
        if check.needsAPI, gaps.contains(.bundle) { return true }
        return container.map { node.containers[$0].bundle == nil } ?? gaps.contains(.bundle)
    }

    /// Whether the container, if it is known of whom the finding is, is surely not there any more.
    func isGone(_ container: Finding.ContainerSummary?) -> Bool {
        guard let container, !hasStrays else { return false }
        return containers[container.id] == nil
            && gaps.isDisjoint(with: [.reference, .referenceDisagreement, .timeLimit])
    }

    /// The kinds that this kernel has and the scan read.
    private static func namespaceKinds(of node: Node) -> [NamespaceKind] {
        NamespaceKind.allCases.filter { kind in
            node.host.reference?.namespaces[kind] != nil && node.tasks.contains { $0.namespaces[kind] != nil }
        }
    }

    private static func holdersOfUnseenFiles(in node: Node) -> Set<Int> {
        let holders = Set((node.taskFiles ?? []).filter { $0.isCut == true || $0.unread != nil }.map(\.task))
        return Set(node.tasks.filter { holders.contains($0.key) }.compactMap(\.container))
    }

    /// How many gaps the reading of a task left: one for its namespaces, one for its cgroup and credentials.
    private static func missingParts(of task: NodeTask, _ kinds: [NamespaceKind], credentials: Bool) -> Int {
        // A task that has begun to end leaves its namespaces: no gap.
        if task.isExiting == true { return 0 }
        let lacksNamespaces = kinds.contains { task.namespaces[$0] == nil }
        let lacksCredentials = credentials && task.credentials == nil
        return [lacksNamespaces, task.cgroup == nil, lacksCredentials].count { $0 }
    }
}
