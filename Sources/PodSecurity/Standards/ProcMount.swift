import NodeModel

extension PodSecurityCheck {
    /// The masks over `/proc` must stay, from 1.35 on unless the pod has a user namespace of its own.
    ///
    /// Reads `securityContext.procMount` of all containers, where unset and `Default` are allowed, and `spec.hostUsers`.
    static let procMount = PodSecurityCheck(
        id: "procMount", level: .baseline,
        revisions: [
            Revision(since: 0, judge: withUnmaskedProc),
            Revision(since: 35, exempting: \.hasUserNamespace, judge: withUnmaskedProc),
        ])

    static func withUnmaskedProc(_ pod: Pod) -> Forbidden? {
        func forbidden(_ container: ContainerSpec) -> String? {
            container.securityContext?.procMount.flatMap { $0 == "Default" ? nil : $0 }
        }
        let containers = pod.containers { forbidden($0) != nil }
        guard !containers.isEmpty else { return nil }
        let types = Wording.quoted(Wording.distinct(pod.containers.compactMap(forbidden)))
        return Forbidden(
            reason: "procMount",
            detail: "\(Wording.named("container", containers)) must not set securityContext.procMount to \(types)")
    }
}
