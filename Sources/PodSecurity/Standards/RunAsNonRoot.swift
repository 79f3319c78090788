import NodeModel

extension PodSecurityCheck {
    /// Containers must be bound not to run as root, from 1.35 on unless the pod has a user namespace of its own.
    ///
    /// Reads `securityContext.runAsNonRoot` of the pod and its containers, where only `true` is allowed; unset in a
    /// container means what the pod says. And `spec.hostUsers`.
    static let runAsNonRoot = PodSecurityCheck(
        id: "runAsNonRoot", level: .restricted,
        revisions: [
            Revision(since: 0, judge: withRootAllowed),
            Revision(since: 35, exempting: \.hasUserNamespace, judge: withRootAllowed),
        ])

    private static func withRootAllowed(_ pod: Pod) -> Forbidden? {
        let reason = "runAsNonRoot != true"
        let setters = pod.setters {
            $0.runAsNonRoot == false
        } container: {
            $0.runAsNonRoot == false
        }
        guard setters.isEmpty else {
            return Forbidden(reason: reason, detail: "\(setters.text) must not set securityContext.runAsNonRoot=false")
        }
        guard pod.spec.securityContext?.runAsNonRoot == nil else { return nil }
        let silent = pod.containers { $0.securityContext?.runAsNonRoot == nil }
        guard !silent.isEmpty else { return nil }
        return Forbidden(
            reason: reason,
            detail: "pod or \(Wording.named("container", silent)) must set securityContext.runAsNonRoot=true")
    }
}
