package import NodeModel

extension PodSecurityCheck {
    /// The SELinux type must be one of those for containers; user and role must not be set.
    ///
    /// Reads `securityContext.seLinuxOptions` of the pod and its containers; empty values are as good as none.
    static let seLinuxOptions = PodSecurityCheck(
        id: "seLinuxOptions", level: .baseline,
        revisions: [
            Revision(since: 0) {
                withSELinuxOptions($0, allowedTypes: SELinuxOptions.containerTypes.subtracting(["container_engine_t"]))
            },
            Revision(since: 31) { withSELinuxOptions($0, allowedTypes: SELinuxOptions.containerTypes) },
        ])

    private static func withSELinuxOptions(_ pod: Pod, allowedTypes: Set<String>) -> Forbidden? {
        func hasForbiddenType(_ options: SELinuxOptions) -> Bool { !allowedTypes.contains(options.type ?? "") }
        func isForbidden(_ options: SELinuxOptions?) -> Bool {
            options.map { hasForbiddenType($0) || !($0.user ?? "").isEmpty || !($0.role ?? "").isEmpty } ?? false
        }
        let setters = pod.setters {
            isForbidden($0.seLinuxOptions)
        } container: {
            isForbidden($0.seLinuxOptions)
        }
        guard !setters.isEmpty else { return nil }

        let podOptions = [pod.spec.securityContext?.seLinuxOptions]
        let options = (podOptions + pod.containers.map { $0.securityContext?.seLinuxOptions }).compactMap(\.self)
        let types = Wording.distinct(options.filter(hasForbiddenType).map { $0.type ?? "" })
        var details = types.isEmpty ? [] : [Wording.named("type", types)]
        if options.contains(where: { !($0.user ?? "").isEmpty }) { details.append("user may not be set") }
        if options.contains(where: { !($0.role ?? "").isEmpty }) { details.append("role may not be set") }
        let detail = details.joined(separator: "; ")
        return Forbidden(
            reason: "seLinuxOptions",
            detail: "\(setters.text) set forbidden securityContext.seLinuxOptions: \(detail)")
    }
}

extension SELinuxOptions {
    /// The types that confine a container, and none, which leaves it to the runtime.
    package static let containerTypes: Set = [
        "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t",
    ]
}
