import NodeModel

extension Check {
    /// A container runs in a pod that the API server does not have on this node.
    ///
    /// Reads the API's pods; silent where the API was not asked or never answered, and for containers that are too young
    /// for it to know. A sandbox alone is what remains of a pod for a while after its end.
    static let podUnknownToAPI = unknownToAPI(
        Technique(
            id: "pod-unknown-to-api", title: "Runs in a pod that the API does not know", class: .residue,
            weight: .runnableResidue, attack: ["T1610", "T1611"], messageID: "c048205d86499074652b34c563b63330",
            reason: "the container's pod is not among the pods that the API has on this node",
            meaning: """
                Either the pod was deleted and its processes were left behind, or it never went through the API: a \
                static pod that the API server refuses, or containers made through the runtime's socket with a made-up \
                pod. No admission check has seen it and kubectl does not show it.
                """,
            remedy: """
                Look for the container's log directory and for files in the kubelet's manifest directory; stop the \
                container with crictl once its origin is known.
                """)
    ) { $0 == .podGone ? "its pod is not in the API" : nil }

    /// A container runs in a pod that the API has, whose status does not know this container, or says that it has ended.
    static let containerUnknownToAPI = unknownToAPI(
        Technique(
            id: "container-unknown-to-api", title: "Runs in a pod whose status does not know it", class: .residue,
            weight: .runnableResidue, attack: ["T1610", "T1611"], messageID: "26ef6f3b6471c13d1b0dfbc0a2fa67ff",
            reason: "the API has the pod, and no status of it names this container as one that runs",
            meaning: """
                Whoever has the runtime's socket can add a container to any pod of the node. The pod's specification says \
                nothing about it. An instance that was replaced and still runs looks the same.
                """,
            remedy: "Compare with crictl inspect and the kubelet's log; look for pods that mount the runtime's socket.")
    ) { match in
        switch match {
        case .unknownContainer: "no status of its pod names it"
        case .container(_, let container) where container.hasEnded: "the status of its pod says that it has ended"
        case .unknown, .noPod, .sandbox, .container, .podGone: nil
        }
    }

    private static func unknownToAPI(
        _ technique: Technique, why: @escaping @Sendable (APIMatch) -> String?
    ) -> Check {
        Check(technique, reads: [.bundles], needsAPI: true) { index in
            index.node.containers.indices.compactMap { container in
                guard let why = why(index.matching.matches[container]),
                    index.node.containers[container].kind != .sandbox,
                    let task = index.processes(of: container).first(where: { $0.isExiting != true }),
                    index.isYoungToAPI(container) != true
                else { return nil }
                return Evidence(
                    container: container, task: task, declaration: .undeclared,
                    detail: "\(index.node.containers[container].id.prefix(13)): \(why)")
            }
        }
    }
}
