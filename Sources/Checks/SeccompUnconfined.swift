import NodeModel

extension Check {
    /// A container runs without a seccomp filter.
    ///
    /// Reads the record, and the processes where the record has a filter: one without it is undeclared. Silent for a
    /// privileged container, which never has one.
    static let seccompUnconfined = Check(
        Technique(
            id: "seccomp-unconfined", title: "Runs without a seccomp filter", class: .exposure, weight: .minor,
            attack: ["T1611"], messageID: "ef55290cfb1f2b39b2e92c54bde37bc4",
            reason: "the container runs without a seccomp filter",
            meaning: """
                The container may make every system call, among them those that kernel exploits use most. It is the \
                kubelet's default unless seccompDefault is on.
                """,
            remedy: "Set securityContext.seccompProfile.type: RuntimeDefault, or the kubelet's seccompDefault."),
        reads: [.bundles, .credentials],
        // Unset means what the kubelet does by default, which is no filter unless seccompDefault is on.
        declares: { request, _ in
            request.isPrivileged || request.seccompType == nil || request.seccompType == "Unconfined"
        }
    ) { index in
        unprivileged(index, index.tenants).compactMap { container, bundle in
            let bare = index.processes(of: container).first { $0.credentials?.seccomp == 0 }
            if bundle.hasSeccomp {
                // runc has not applied the filter yet to a container that was not started.
                guard let bare, !index.node.containers[container].isCreated else { return nil }
                return Evidence(
                    container: container, task: bare, declaration: .undeclared, weight: .partial,
                    detail: "\(index.name(bare)) has no filter although the record has one",
                    values: ["pid": .number(Int64(bare.pid))])
            }
            return Evidence(
                container: container, task: bare, declaration: .declaredByRuntime, detail: "no seccomp filter",
                values: [:])
        }
    }
}
