import Checks
import NodeModel

/// An exposure of a container that the Kubernetes API cannot tell of yet, with all that its word will be asked for: the
/// container may end before.
package struct AwaitedExposure: Sendable, Equatable {
    let finding: Finding
    /// Its container is the only one of `node`.
    private var evidence: Evidence
    private let node: Node

    /// `nil` for what is no exposure, and where the API has said all that it will.
    ///
    /// - Parameter nodes: the nodes of one container each that were made before, which their exposures share.
    init?(_ finding: Finding, _ evidence: Evidence, in index: NodeIndex, _ nodes: inout [Int: Node]) {
        guard finding.technique.findingClass == .exposure, let container = evidence.container,
            index.awaitsAPI(container)
        else { return nil }
        self.finding = finding
        self.evidence = evidence
        self.evidence.container = 0
        node = nodes[container] ?? index.nodeOfOne(container)
        nodes[container] = node
    }

    /// The exposure by what the API says in a later scan; and whether it still cannot tell.
    func judged(by later: Node) -> (finding: Finding, isAwaited: Bool) {
        guard let check = Check.named(finding.technique.id) else { return (finding, false) }
        var node = node
        (node.apiPods, node.host.pathTargets) = (later.apiPods, later.host.pathTargets)
        let index = NodeIndex(node, hostPaths: false)
        let new = Finding(check, evidence, in: index)
        var finding = finding
        (finding.severity, finding.declared, finding.podFacts) = (new.severity, new.declared, new.podFacts)
        return (finding, index.awaitsAPI(0))
    }
}

extension Judgement {
    /// The judgement with exposures of containers that have ended before the API told of them, by what it says now.
    package func adding(_ earlier: [String: AwaitedExposure]) -> Judgement {
        let seen = Set(findings.map(\.id))
        var copy = self
        for (id, exposure) in earlier where !seen.contains(id) {
            let (finding, isAwaited) = exposure.judged(by: node)
            copy.findings.append(finding)
            copy.awaited[id] = isAwaited ? exposure : nil
        }
        return copy
    }
}

extension NodeIndex {
    /// The API was asked and cannot tell of a container yet: it has not answered at all, or the container is too young.
    fileprivate func awaitsAPI(_ container: Int) -> Bool {
        guard node.apiPods != nil else { return false }
        switch matching.matches[container] {
        case .unknown: return true
        case .unknownContainer, .podGone: return isYoungToAPI(container) != false
        case .noPod, .sandbox, .container: return false
        }
    }

    /// The node as if a container was all that it runs: enough to ask who declares what the container has.
    fileprivate func nodeOfOne(_ container: Int) -> Node {
        let tasks = tasks(of: container).filter(\.isMainThread).map { task in
            var task = task
            (task.container, task.cgroup) = (0, nil)
            return task
        }
        return Node(
            host: node.host, parts: node.parts, takenAt: node.takenAt, tasks: tasks,
            containers: [node.containers[container]], userNamespaces: node.userNamespaces)
    }
}
