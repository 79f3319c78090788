/// Finds whose each container of a node is by the API: by the pod's uid and the runtime's id of the container, never by
/// names, which a later pod may have and whoever made the container may have chosen.
///
/// While the API gives no answer, what it said last counts.
package struct PodMatching: Sendable, Equatable {
    /// One for each of `Node.containers`.
    package let matches: [APIMatch]
    /// Instances that the API says are running here and the node does not have, as `namespace/name container`.
    package let missing: [String]

    /// - Parameter secondSandboxes: sandboxes in whose pod another one is the pod's own; no status names a sandbox.
    package init(_ node: Node, secondSandboxes: Set<Int> = []) {
        guard let api = node.apiPods, !api.isSilent else {
            matches = Array(repeating: .unknown, count: node.containers.count)
            missing = []
            return
        }
        let podOfUID = api.podOfUID
        var podOfContainer: [String: (pod: Int, container: PodContainer)] = [:]
        for (index, pod) in api.pods.enumerated() {
            for (id, container) in pod.containerInstances { podOfContainer[id] = (index, container) }
        }
        matches = node.containers.enumerated().map { position, container in
            let match = Self.match(container, podOfUID, podOfContainer)
            guard case .sandbox(let pod) = match, secondSandboxes.contains(position) else { return match }
            return .unknownContainer(pod: pod)
        }
        let here = Set(node.containers.map(\.id))
        missing = podOfContainer.filter { $0.value.container.isRunning && !here.contains($0.key) }
            .map { "\(api.pods[$0.value.pod].displayName) \($0.value.container.name)" }.sorted()
    }

    private static func match(
        _ container: Container, _ podOfUID: [String: Int],
        _ podOfContainer: [String: (pod: Int, container: PodContainer)]
    ) -> APIMatch {
        guard container.kind != .plain, let uid = container.pod?.uid else {
            // A cgroup or a record that names no pod proves nothing; the API's own word about the id does.
            guard let known = podOfContainer[container.id] else { return .noPod }
            return .container(pod: known.pod, known.container)
        }
        if let known = podOfContainer[container.id] {
            // A record that names another pod than the API does is not that container's: somebody wrote it.
            return podOfUID[uid] == known.pod
                ? .container(pod: known.pod, known.container) : .unknownContainer(pod: known.pod)
        }
        guard let pod = podOfUID[uid] else { return .podGone }
        return container.kind == .sandbox ? .sandbox(pod: pod) : .unknownContainer(pod: pod)
    }
}

extension APIPods {
    /// The pods by the uids that the node's records know them by.
    package var podOfUID: [String: Int] {
        var positions: [String: Int] = [:]
        for (index, pod) in pods.enumerated() {
            if let uid = pod.metadata.uid { positions[uid] = index }
        }
        // Anybody may write an annotation: it cannot take another pod's uid.
        for (index, pod) in pods.enumerated() {
            if let uid = pod.staticUID, positions[uid] == nil { positions[uid] = index }
        }
        return positions
    }
}

extension Pod {
    /// `namespace/name`, as far as it is known.
    package var displayName: String {
        "\(metadata.namespace ?? "?")/\(metadata.name ?? metadata.generateName.map { $0 + "*" } ?? "?")"
    }
}

extension NodeIndex {
    /// Whether a container was young at the scan; `nil` where its age is not known.
    package func isYoung(_ container: Int) -> Bool? { isYoung(container, before: 0) }

    /// Whether the API need not know a container yet: it was young when the API last said anything.
    ///
    /// A watch whose connection broke silently, or a server that is away, knows nothing of what came since.
    package func isYoungToAPI(_ container: Int) -> Bool? {
        isYoung(container, before: node.apiPods?.age(at: node.takenAt) ?? 0)
    }

    private func isYoung(_ container: Int, before seconds: Double) -> Bool? {
        // A clock that was set meanwhile may give any age.
        let ticks = UInt64(min(max(seconds, 0), 1e9) * 100)
        return tasks(of: container).map(\.startTime).min().flatMap { start in
            let (time, isTooLate) = start.addingReportingOverflow(ticks)
            return node.host.isYoung(startedAt: isTooLate ? .max : time)
        }
    }
}
