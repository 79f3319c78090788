package import NodeModel
package import PodSecurity

/// One pod of the node: what the API admitted it with beside what it has.
package struct PodReview: Sendable, Equatable {
    package var identity: PodIdentity
    /// The object that manages it, as far as the API knows one.
    package var owner: OwnerReference?
    /// The strictest level of the newest Pod Security Standards that its specification meets; `nil` where the API does
    /// not tell.
    package var declaredLevel: PodSecurityLevel?
    /// The same of what the pod has; `nil` where a record is missing.
    package var actualLevel: PodSecurityLevel?
    package var state: State
    /// What is not as declared, by container.
    package var differences: [Difference]
    /// What of it a second look has to confirm: a pod that starts meanwhile looks like one that is different.
    package var doubt: Doubt

    /// What the API knows of the pod.
    package enum State: String, Sendable, Codable, CaseIterable {
        case known
        /// The API has the pod and does not know one of its containers.
        case unknownContainer = "unknown-container"
        /// The API has no such pod.
        case gone
        /// The API was not asked or gave no answer, or the pod is too young for it to know all of it.
        case unknown
    }

    /// Containers, by the runtime's id, and tasks that may have been read at a bad moment.
    package struct Doubt: Sendable, Equatable {
        package var containers: Set<String> = []
        /// The tasks that make a container share a namespace of the node, each with what names container and namespace: the
        /// runtime's own stages do, while they start it.
        package var tasks: [TaskKey: Set<String>] = [:]
    }

    package struct Difference: Sendable, Equatable {
        /// The container's name.
        package var container: String
        package var item: ComparedItem
    }

    /// Every pod of a node, by namespace and name.
    package static func all(of node: Node) -> [PodReview] {
        let index = NodeIndex(node)
        return index.pods.map { PodReview($0, index) }.sorted { left, right in
            (left.identity.displayName, left.identity.uid ?? "") < (
                right.identity.displayName, right.identity.uid ?? ""
            )
        }
    }

    private init(_ view: NodeIndex.PodView, _ index: NodeIndex) {
        let members = view.containers + [view.sandbox].compactMap { $0 } + view.secondSandboxes
        let matches = members.map { Self.match($0, index) }
        let declared = matches.lazy.compactMap(\.pod).first.flatMap { index.node.apiPods?.pods[$0] }
        identity = view.identity
        owner = declared?.metadata.controller
        declaredLevel = declared.map(PodSecurityStandards.level)
        actualLevel = index.actualPod(view).map(PodSecurityStandards.level)
        state = Self.state(matches)
        differences = []
        doubt = Doubt()
        for container in members {
            let record = index.node.containers[container]
            let items = (index.comparison(of: container) ?? []).filter { $0.verdict != .asDeclared }
            differences += items.map { Difference(container: record.name ?? String(record.id.prefix(13)), item: $0) }
            doubt.add(container, items, index)
        }
    }

    /// The API need not know a container that was in its first minute at its last word, or came after it; that it did
    /// not tell is a gap of the node.
    private static func match(_ container: Int, _ index: NodeIndex) -> APIMatch {
        let match = index.matching.matches[container]
        return match.isUnlisted && index.isYoungToAPI(container) == true ? .unknown : match
    }

    private static func state(_ matches: [APIMatch]) -> State {
        if matches.contains(.podGone) { return .gone }
        if matches.contains(where: { if case .unknownContainer = $0 { true } else { false } }) {
            return .unknownContainer
        }
        // A young container is unknown beside a sandbox that is not.
        return matches.contains(.unknown) || matches.allSatisfy { $0 == .noPod } ? .unknown : .known
    }
}

extension PodReview.Doubt {
    /// - Parameter items: what of the container is not as declared.
    fileprivate mutating func add(_ container: Int, _ items: [ComparedItem], _ index: NodeIndex) {
        let record = index.node.containers[container]
        let isMissing = record.bundle == nil && !index.tasks(of: container).isEmpty
        let isDifferent = items.contains { $0.verdict != .unknown }
        guard isMissing || isDifferent || index.matching.matches[container].isUnlisted else { return }
        containers.insert(record.id)
        for item in items where item.verdict == .notDeclared {
            guard let kind = item.field.namespace, let host = index.hostNamespace(kind) else { continue }
            for task in index.tasks(of: container) where task.namespaces[kind] == host {
                tasks[task.key, default: []].insert("\(kind.rawValue) \(record.id)")
            }
        }
    }
}

extension ComparedItem.Field {
    /// The namespace of the node that is shared.
    fileprivate var namespace: NamespaceKind? {
        switch self {
        case .hostPID: .pid
        case .hostNetwork: .network
        case .hostIPC: .ipc
        default: nil
        }
    }
}

extension PodSecurityStandards {
    /// The strictest level of the newest version that a pod meets.
    package static func level(of pod: Pod) -> PodSecurityLevel {
        let levels = PodSecurityLevel.allCases.sorted(by: >)
        return levels.first { evaluate(pod, level: $0, version: .latest).isAllowed } ?? .privileged
    }
}
