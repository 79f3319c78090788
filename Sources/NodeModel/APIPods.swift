/// What the Kubernetes API said of the pods of this node, and when.
package struct APIPods: Sendable, Equatable, Codable {
    /// In ascending order of namespace and name; where there is no answer, as the API had them last.
    package var pods: [Pod]
    /// Milliseconds since 1970-01-01 UTC when the API last confirmed this; `nil` if it never did.
    package var asOf: Int64?
    /// Why the API gave no answer, in one sentence; `nil` where it did.
    package var failure: String?

    /// The API has not said anything yet.
    package var isSilent: Bool { failure != nil && asOf == nil }

    package init(pods: [Pod] = [], asOf: Int64? = nil, failure: String? = nil) {
        // The names alone are sorted, since a pod is costly to move, and a watch makes this value for each event.
        let names = pods.map { ($0.metadata.namespace ?? "", $0.metadata.name ?? "") }
        self.pods = pods.indices.sorted { names[$0] < names[$1] }.map { pods[$0] }
        self.asOf = asOf
        self.failure = failure
    }

    /// How old this knowledge is at a time in milliseconds since 1970, in seconds; never negative.
    package func age(at time: Int64) -> Double? {
        asOf.map { max(Double(time) - Double($0), 0) / 1000 }
    }
}

/// Whose a container of the node is by the API's word, which no container can choose.
package enum APIMatch: Sendable, Equatable {
    /// The API was not asked, or has not given any answer yet.
    case unknown
    /// No pod's container by the node's own records, so nothing to ask for.
    case noPod
    /// The sandbox of a pod: index in `APIPods.pods`.
    case sandbox(pod: Int)
    case container(pod: Int, PodContainer)
    /// The pod is there, and none of its statuses knows the container, or it has another sandbox: the pod's specification
    /// says nothing about it.
    case unknownContainer(pod: Int)
    /// No pod of this uid is there any more, whatever else has its name.
    case podGone

    /// The pod in `APIPods.pods`.
    package var pod: Int? {
        switch self {
        case .sandbox(let pod), .container(let pod, _), .unknownContainer(let pod): pod
        case .unknown, .noPod, .podGone: nil
        }
    }

    /// The node shows a pod's container, and the API does not have it.
    package var isUnlisted: Bool {
        switch self {
        case .unknownContainer, .podGone: true
        case .unknown, .noPod, .sandbox, .container: false
        }
    }
}

/// One container of a pod by the API: its place in the specification and how its status names it.
package struct PodContainer: Sendable, Equatable {
    package var name: String
    package var kind: Kind
    /// `nil` when the specification has no container of that name.
    package var specification: ContainerSpec?
    /// The API's last word is that this very instance runs.
    package var isRunning: Bool
    /// The API's last word is that this very instance has ended.
    package var hasEnded: Bool

    /// Which of the three lists of a pod's specification holds it.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case app
        case initialization = "init"
        /// An init container with `restartPolicy: Always`, which keeps running.
        case sidecar
        case ephemeral
    }
}

extension Pod {
    /// Every container of the specification with its kind, init containers first, as they start.
    package var allContainers: [(kind: PodContainer.Kind, specification: ContainerSpec)] {
        (spec.initContainers ?? []).map { ($0.restartPolicy == "Always" ? .sidecar : .initialization, $0) }
            + (spec.containers ?? []).map { (.app, $0) } + (spec.ephemeralContainers ?? []).map { (.ephemeral, $0) }
    }

    /// The uid by which the node knows the static pod that this object mirrors: the hash of its manifest, which the
    /// kubelet uses for cgroups and logs (pkg/kubelet/config/common.go, pkg/kubelet/pod/mirror_client.go).
    package var staticUID: String? { metadata.annotations?["kubernetes.io/config.mirror"] }

    /// Each instance of a container that a status names, by the runtime's id: the present one and the one before.
    package var containerInstances: [(id: String, container: PodContainer)] {
        let specifications = allContainers
        let lists = [status?.initContainerStatuses, status?.containerStatuses, status?.ephemeralContainerStatuses]
        return lists.flatMap { $0 ?? [] }.flatMap { status in
            let entry = specifications.first { $0.specification.name == status.name }
            func instance(_ id: String?, _ state: ContainerStatus.State?) -> [(id: String, container: PodContainer)] {
                guard let id = id.flatMap(Self.runtimeID) else { return [] }
                let container = PodContainer(
                    name: status.name ?? "?", kind: entry?.kind ?? .app, specification: entry?.specification,
                    isRunning: state?.running != nil, hasEnded: state?.terminated != nil)
                return [(id, container)]
            }
            return instance(status.containerID, status.state)
                + instance(status.lastState?.terminated?.containerID, status.lastState)
        }
    }

    /// The id of `containerd://ID`.
    private static func runtimeID(_ text: String) -> String? {
        guard let separator = text.firstRange(of: "://") else { return nil }
        let id = text[separator.upperBound...]
        return id.isEmpty ? nil : String(id)
    }
}
