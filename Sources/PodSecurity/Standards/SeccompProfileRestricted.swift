import NodeModel

extension PodSecurityCheck {
    /// Containers must have a system call filter.
    ///
    /// Reads `securityContext.seccompProfile.type` of the pod and its containers, where `RuntimeDefault` and `Localhost`
    /// are allowed; unset in a container means what the pod says.
    static let seccompProfileRestricted = PodSecurityCheck(
        id: "seccompProfile_restricted", level: .restricted,
        revisions: [
            Revision(since: 19, judge: withoutSeccomp),
            Revision(since: 25, exempting: \.isWindows, judge: withoutSeccomp),
        ], overrides: ["seccompProfile_baseline"])

    private static func withoutSeccomp(_ pod: Pod) -> Forbidden? {
        if let forbidden = withForbiddenSeccomp(pod) { return forbidden }
        guard pod.spec.securityContext?.seccompProfile == nil else { return nil }
        let silent = pod.containers { $0.securityContext?.seccompProfile == nil }
        guard !silent.isEmpty else { return nil }
        let types = #"securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost""#
        return Forbidden(
            reason: "seccompProfile", detail: "pod or \(Wording.named("container", silent)) must set \(types)")
    }
}
