import NodeModel

extension PodSecurityCheck {
    /// The runtime's AppArmor profile must not be turned off.
    ///
    /// Reads `securityContext.appArmorProfile.type` of the pod and its containers, where `RuntimeDefault` and
    /// `Localhost` are allowed, and the older annotations of containers, where `runtime/default`, `localhost/…` and
    /// nothing are. The field came with Kubernetes 1.30 and is read at all versions.
    static let appArmorProfile = PodSecurityCheck(
        id: "appArmorProfile", level: .baseline, revisions: [Revision(since: 0, judge: withoutAppArmor)])

    private static func withoutAppArmor(_ pod: Pod) -> Forbidden? {
        let (setters, types) = pod.forbiddenProfiles(pod: \.appArmorProfile, container: \.appArmorProfile)
        let annotations = (pod.metadata.annotations ?? [:])
            .filter { $0.key.hasPrefix(ProfileAnnotation.appArmorPrefix) && isForbidden(annotation: $0.value) }
            .map { "\($0.key)=\(GoValue.string($0.value).text)" }.sorted()
        let values = types + annotations
        guard !values.isEmpty else { return nil }
        let names = setters.names + (annotations.isEmpty ? [] : [Wording.counted("annotation", annotations.count)])
        let list = Wording.quoted(values)
        return Forbidden(
            reason: Wording.counted("forbidden AppArmor profile", values.count),
            detail: "\(names.joined(separator: " and ")) must not set AppArmor profile type to \(list)")
    }

    private static func isForbidden(annotation: String) -> Bool {
        !annotation.isEmpty && annotation != "runtime/default" && !annotation.hasPrefix("localhost/")
    }
}
