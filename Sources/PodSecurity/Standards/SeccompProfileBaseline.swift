import NodeModel

extension PodSecurityCheck {
    /// The runtime's system call filter must not be turned off; none at all is allowed.
    ///
    /// Until 1.18, reads the annotations of the pod and its containers, where `runtime/default`, `docker/default` and
    /// `localhost/…` are allowed. Then `securityContext.seccompProfile.type` of both, where `RuntimeDefault` and
    /// `Localhost` are.
    static let seccompProfileBaseline = PodSecurityCheck(
        id: "seccompProfile_baseline", level: .baseline,
        revisions: [
            Revision(since: 0, judge: withSeccompAnnotation),
            Revision(since: 19, judge: withForbiddenSeccomp),
        ])

    private static func withSeccompAnnotation(_ pod: Pod) -> Forbidden? {
        let names = [ProfileAnnotation.seccompPod] + pod.containers.map(ProfileAnnotation.seccomp)
        let annotations = Wording.distinct(
            names.compactMap { name in
                guard let value = pod.metadata.annotations?[name], isForbidden(annotation: value) else { return nil }
                return "\(name)=\(GoValue.string(value).text)"
            })
        guard !annotations.isEmpty else { return nil }
        let noun = Wording.counted("annotation", annotations.count)
        return Forbidden(
            reason: "seccompProfile", detail: "forbidden \(noun) \(annotations.joined(separator: ", "))")
    }

    private static func isForbidden(annotation: String) -> Bool {
        !["runtime/default", "docker/default"].contains(annotation) && !annotation.hasPrefix("localhost/")
    }

    /// A profile that turns the filter off, or is none; silent where nothing is set.
    static func withForbiddenSeccomp(_ pod: Pod) -> Forbidden? {
        let (setters, types) = pod.forbiddenProfiles(pod: \.seccompProfile, container: \.seccompProfile)
        guard !setters.isEmpty else { return nil }
        let list = Wording.quoted(types)
        return Forbidden(
            reason: "seccompProfile",
            detail: "\(setters.text) must not set securityContext.seccompProfile.type to \(list)")
    }
}
