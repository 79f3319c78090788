import NodeModel

extension PodSecurityCheck {
    /// Containers must not ask for the user root, from 1.35 on unless the pod has a user namespace of its own.
    ///
    /// Reads `securityContext.runAsUser` of the pod and its containers, where 0 is forbidden, and `spec.hostUsers`.
    static let runAsUser = PodSecurityCheck(
        id: "runAsUser", level: .restricted,
        revisions: [
            Revision(since: 23, judge: withUserRoot),
            Revision(since: 35, exempting: \.hasUserNamespace, judge: withUserRoot),
        ])

    private static func withUserRoot(_ pod: Pod) -> Forbidden? {
        let setters = pod.setters {
            $0.runAsUser == 0
        } container: {
            $0.runAsUser == 0
        }
        guard !setters.isEmpty else { return nil }
        return Forbidden(reason: "runAsUser=0", detail: "\(setters.text) must not set runAsUser=0")
    }
}
