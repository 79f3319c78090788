package import Checks
import Crypto
package import NodeModel

/// The findings of one node and what could not be judged: the same for the same node on every machine.
package struct Judgement: Sendable, Equatable {
    package var node: Node
    /// Worst first, then by pod, container, technique and place.
    package var findings: [Finding]
    /// The node's own gaps, and checks that this node does not hold enough for.
    package var gaps: [Gap]
    /// The ids of the techniques that the scan speaks of, those whose checks could be run: of no other does a missing
    /// finding say anything.
    package var judged: Set<String>
    /// The exposures among the findings that the Kubernetes API may yet declare, by their ids.
    package var awaited: [String: AwaitedExposure] = [:]

    package init(node: Node, findings: [Finding], gaps: [Gap], judged: Set<String> = []) {
        self.node = node
        self.findings = findings
        self.gaps = gaps
        self.judged = judged
    }

    /// Runs the checks over a node.
    package init(of node: Node, by checks: [Check] = Check.all) { self.init(of: NodeIndex(node), by: checks) }

    /// Runs the checks over a node whose look-ups are there already, those of host paths among them.
    ///
    /// - Parameter pause: called before each check.
    package init(of index: NodeIndex, by checks: [Check] = Check.all, pause: () -> Void = {}) {
        let node = index.node
        var findings: [Finding] = []
        var gaps = node.gaps
        var judged: Set<String> = []
        var awaited: [String: AwaitedExposure] = [:]
        var nodes: [Int: Node] = [:]
        for check in checks {
            pause()
            guard node.parts.isSuperset(of: check.reads) else {
                gaps.add(.check, "the node file does not hold what the check reads", check.technique.id)
                continue
            }
            judged.insert(check.technique.id)
            for evidence in check.evidence(index) {
                let finding = Finding(check, evidence, in: index)
                findings.append(finding)
                awaited[finding.id] = AwaitedExposure(finding, evidence, in: index, &nodes)
            }
        }
        self.init(node: node, findings: findings.sorted(by: Self.order), gaps: gaps, judged: judged)
        self.awaited = awaited
    }

    /// The tasks of findings that a second look has to confirm, with the ids of these: actions, and exposures that nobody
    /// declared or nobody could.
    ///
    /// While a runtime starts a container, its own stages show both, at times without a record yet.
    package var tasksInDoubt: [TaskKey: Set<String>] {
        let doubtful = findings.filter {
            $0.technique.findingClass == .action
                || ($0.technique.findingClass == .exposure && [.undeclared, .unknown].contains($0.declared))
        }
        return doubtful.reduce(into: [:]) { tasks, finding in
            guard let task = finding.task else { return }
            let key = TaskKey(pid: task.pid, tid: task.tid, startTime: task.startTime)
            tasks[key, default: []].insert(finding.id)
        }
    }

    /// The containers that a record read at a bad moment shows like this too: with a finding because their sandbox
    /// comes or goes, or without a record.
    package var containersInDoubt: Set<String> {
        let doubtful = findings.filter {
            // A file does not come and go with a record.
            $0.technique.findingClass == .residue && Check.named($0.technique.id)?.reads.contains(.nodeFiles) != true
        }
        return Set(doubtful.compactMap(\.container?.id) + node.containersWithoutRecord)
    }

    static func order(_ left: Finding, _ right: Finding) -> Bool {
        if left.severity != right.severity { return left.severity > right.severity }
        let names = (left.pod?.displayName ?? "", right.pod?.displayName ?? "")
        if names.0 != names.1 { return names.0 < names.1 }
        let containers = (left.container?.id ?? "", right.container?.id ?? "")
        if containers.0 != containers.1 { return containers.0 < containers.1 }
        if left.technique.id != right.technique.id { return left.technique.id < right.technique.id }
        if left.detail != right.detail { return left.detail < right.detail }
        return left.id < right.id
    }
}

extension Finding {
    init(_ check: Check, _ evidence: Evidence, in index: NodeIndex) {
        let technique = check.technique
        let container = evidence.container.map { index.node.containers[$0] }
        let pod =
            evidence.pod ?? evidence.container.flatMap { index.podOfContainer[$0] }.map { index.pods[$0].identity }
        self.init(
            id: Self.fingerprint(technique.id, pod: pod, container: container, key: evidence.key),
            technique: technique,
            severity: Self.severity(check, evidence, in: index),
            declared: check.declaration(of: evidence, in: index),
            pod: pod,
            podFacts: evidence.container.flatMap { PodFacts(index.matching.matches[$0], index.node.apiPods) },
            container: container.map {
                ContainerSummary(
                    id: $0.id, name: $0.name, image: $0.image, runtime: $0.runtime, isSandbox: $0.kind == .sandbox)
            },
            task: evidence.task.map { task in
                TaskSummary(
                    pid: task.pid, tid: task.tid, startTime: task.startTime, comm: task.comm,
                    executable: task.executable, uid: task.credentials?.realUID,
                    parents: index.ancestors(of: task).map { "\($0.pid) \($0.comm)" })
            },
            evidence: evidence.values,
            detail: evidence.detail
        )
        nodeFile = check.tellsOfNodeFile ? evidence.key : nil
    }

    /// What the API cannot tell weighs as the runtime's record says, so that an outage of the API raises no alarm; what
    /// the API contradicts got past it and every admission check, and is one step more urgent than what it leaves open.
    private static func severity(_ check: Check, _ evidence: Evidence, in index: NodeIndex) -> Severity {
        let contradicted = check.contradictsAPI(evidence, in: index)
        let declaration = check.declaration(of: evidence, in: index)
        let severity = Severity(
            evidence.weight ?? check.technique.weight, declaration == .unknown ? evidence.declaration : declaration,
            inUserNamespace: evidence.container.map { index.isUserNamespaced($0) } ?? false)
        return contradicted ? severity.raised : severity
    }

    /// The first 128 bits of SHA-256 over what stays the same from scan to scan, in hex.
    private static func fingerprint(_ technique: String, pod: PodIdentity?, container: Container?, key: String)
        -> String
    {
        // A zero byte cannot be in any part, so no two lists of parts give one text.
        let parts = [technique, pod?.uid ?? "", container?.name ?? "", container?.id ?? "", key]
        let digest = SHA256.hash(data: Array(parts.joined(separator: "\0").utf8))
        return digest.prefix(16).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}

extension NodeIndex {
    /// The container's root is not root on the node: its record gives it a user namespace of its own, its processes
    /// are in one, and that maps nobody to the node's root.
    ///
    /// Processes alone prove nothing: who starts as root on the node may make a user namespace at any time.
    func isUserNamespaced(_ container: Int) -> Bool {
        guard declaresHost(.user, container) == false else { return false }
        let processes = tasks(of: container)
        let namespaces = Set(processes.compactMap { $0.namespaces[.user] })
        let maps =
            node.userNamespaces.filter { namespaces.contains($0.id) }.flatMap { $0.uidMap ?? [] }
            + (node.containers[container].bundle?.uidMappings ?? [])
        return processes.allSatisfy { isInHostUserNamespace($0) == false } && !maps.contains { $0.outside == 0 }
    }
}

extension Finding.PodFacts {
    /// `nil` where the API has no pod for the container.
    fileprivate init?(_ match: APIMatch, _ pods: APIPods?) {
        guard let number = match.pod, let pod = pods?.pods[number] else { return nil }
        switch match {
        case .container(_, let container): self.init(pod, container: container)
        case .unknownContainer:
            // Of a container that the API does not know it says nothing.
            self.init(pod, container: nil)
            containers = []
        case .sandbox, .unknown, .noPod, .podGone: self.init(pod, container: nil)
        }
    }
}
