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

    /// What the API knows of the pod.
    package enum State: String, Sendable, Codable, CaseIterable {
        case known
        /// The API has the pod and does not know one of its containers.
        case unknownContainer = "unknown-container"
        /// The API has no such pod.
        case gone
        /// The API was not asked or gave no answer.
        case unknown
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
        let members = view.containers + [view.sandbox].compactMap { $0 }
        let matches = members.map { index.matching.matches[$0] }
        let declared = matches.lazy.compactMap(\.pod).first.flatMap { index.node.apiPods?.pods[$0] }
        identity = view.identity
        owner = declared?.metadata.controller
        declaredLevel = declared.map(PodSecurityStandards.level)
        actualLevel = index.actualPod(view).map(PodSecurityStandards.level)
        state = Self.state(matches)
        differences = view.containers.flatMap { container in
            (index.comparison(of: container) ?? []).filter { $0.verdict != .asDeclared }.map {
                let record = index.node.containers[container]
                return Difference(container: record.name ?? String(record.id.prefix(13)), item: $0)
            }
        }
    }

    private static func state(_ matches: [APIMatch]) -> State {
        if matches.contains(.podGone) { return .gone }
        if matches.contains(where: { if case .unknownContainer = $0 { true } else { false } }) {
            return .unknownContainer
        }
        return matches.allSatisfy { $0 == .unknown || $0 == .noPod } ? .unknown : .known
    }
}

extension PodSecurityStandards {
    /// The strictest level of the newest version that a pod meets.
    package static func level(of pod: Pod) -> PodSecurityLevel {
        let levels = PodSecurityLevel.allCases.sorted(by: >)
        return levels.first { evaluate(pod, level: $0, version: .latest).isAllowed } ?? .privileged
    }
}
