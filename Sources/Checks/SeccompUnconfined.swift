import NodeModel

extension Check {
    /// A container runs without a seccomp filter, or with one that allows by default.
    ///
    /// Reads the record, and the processes where the record has a filter: one without it is undeclared. Silent for a
    /// privileged container, which never has one.
    static let seccompUnconfined = Check(
        Technique(
            id: "seccomp-unconfined", title: "Runs without a seccomp filter that confines it", class: .exposure,
            weight: .minor,
            attack: ["T1611"], messageID: "ef55290cfb1f2b39b2e92c54bde37bc4",
            reason: "no seccomp filter confines the container",
            meaning: """
                The container may make every system call, or every one that its filter does not name, among them those \
                that kernel exploits use most. To run without a filter is the kubelet's default unless seccompDefault is on.
                """,
            remedy: "Set securityContext.seccompProfile.type: RuntimeDefault, or the kubelet's seccompDefault."),
        reads: [.bundles, .credentials],
        // Unset means what the kubelet does by default, which is no filter unless seccompDefault is on.
        declares: { request, evidence in
            // What a profile of the node's own does is up to whoever wrote it.
            if evidence.values["filter"] != nil, request.seccompType == "Localhost" { return true }
            return request.isPrivileged || request.seccompType == nil || request.seccompType == "Unconfined"
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
            let detail =
                switch bundle.openSeccomp {
                case nil: "no seccomp filter"
                case .denyList: "its seccomp filter allows what it does not name"
                case .allowsAll: "its seccomp filter allows every system call"
                }
            return Evidence(
                container: container, task: bare, declaration: .declaredByRuntime, detail: detail,
                values: bundle.openSeccomp.map { ["filter": .text($0.rawValue)] } ?? [:])
        }
    }
}
