import NodeModel

extension Check {
    /// A restriction that the pod's specification sets does not hold for the container.
    ///
    /// Reads the API's pods beside the runtime's record; silent where the API was not asked. What has a technique of its
    /// own (seccomp, a share that nobody asked for) is told there.
    static let confinementNotInForce = Check(
        Technique(
            id: "confinement-not-in-force", title: "Lacks a restriction that its pod declares", class: .exposure,
            weight: .minor, attack: ["T1611"], messageID: "de974cbb33e14cc2a2a72b9fe2dec983",
            reason: "a restriction that the pod declares is not in force for the container",
            meaning: """
                The pod was admitted with a promise, such as no privilege escalation, another user than root, or a \
                read-only file system, and the runtime made the container without it. Everybody who reads the \
                specification trusts what is not so.
                """,
            remedy: """
                Look for what changes containers below the API: a runtime plugin (NRI), a hook, a runtime without \
                support for the field, or a container made past the kubelet.
                """),
        reads: [.bundles, .mounts], needsAPI: true
    ) { index in
        index.node.containers.indices.flatMap { container in
            (index.comparison(of: container) ?? []).compactMap { item in
                guard item.verdict == .notInForce, !isToldElsewhere(item.field) else { return nil }
                let field = item.field.description
                return Evidence(
                    container: container, task: index.processes(of: container).first, declaration: .undeclared,
                    weight: weight(of: item.field), key: field,
                    detail: "\(field): declared \(item.declared ?? "unset"), actual \(item.actual ?? "unknown")",
                    values: [
                        "item": .text(field), "declared": .text(item.declared ?? "unset"),
                        "actual": .text(item.actual ?? "unknown"),
                    ])
            }
        }
    }

    /// Shares that were asked for and not given harm nobody; a missing seccomp filter is seccomp-unconfined.
    private static func isToldElsewhere(_ field: ComparedItem.Field) -> Bool {
        switch field {
        case .hostPID, .hostNetwork, .hostIPC, .shareProcessNamespace, .privileged, .unmaskedProc, .addedCapabilities,
            .seccompProfile, .hostPorts:
            true
        default: false
        }
    }

    private static func weight(of field: ComparedItem.Field) -> Weight {
        switch field {
        case .hostUsers, .droppedCapabilities, .hostPath: .partial
        default: .minor
        }
    }
}
