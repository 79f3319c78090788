import NodeModel

extension PodSecurityPolicy {
    /// What is wrong with the pod's own seccomp profile: its annotation, or else its field.
    func seccompErrors(in pod: Pod) -> [FieldError] {
        let annotation = pod.metadata.annotations?[ProfileAnnotation.seccompPod] ?? ""
        let field = pod.spec.securityContext?.seccompProfile?.seccompAnnotation ?? ""
        return seccompErrors(of: annotation.isEmpty ? field : annotation, annotation: ProfileAnnotation.seccompPod)
    }

    /// What is wrong with a container's seccomp profile: its own, or else the pod's; fields go before annotations.
    func seccompErrors(in container: ContainerSpec, of pod: Pod) -> [FieldError] {
        let annotations = pod.metadata.annotations ?? [:]
        let annotation = ProfileAnnotation.seccomp(container)
        let profile =
            container.securityContext?.seccompProfile?.seccompAnnotation ?? annotations[annotation]
            ?? pod.spec.securityContext?.seccompProfile?.seccompAnnotation
            ?? annotations[ProfileAnnotation.seccompPod] ?? ""
        return seccompErrors(of: profile, annotation: annotation)
    }

    /// Allowing the runtime's default under one of its two names allows it under both.
    private func seccompErrors(of profile: String, annotation: String) -> [FieldError] {
        let rule = seccomp
        var allowed = Set(rule.allowedNames)
        if allowed.contains("*") { return [] }
        if allowed.isEmpty {
            return profile.isEmpty ? [] : [.forbidden(ProfileAnnotation.path(annotation), "seccomp may not be set")]
        }
        let runtimeDefaults: Set = ["runtime/default", "docker/default"]
        if !allowed.isDisjoint(with: runtimeDefaults) { allowed.formUnion(runtimeDefaults) }
        guard !allowed.contains(profile) else { return [] }
        let detail = "\(profile) is not an allowed seccomp profile. Valid values are \(rule.allowed ?? "")"
        return [.forbidden(ProfileAnnotation.path(annotation), detail)]
    }

    /// What is wrong with a container's AppArmor profile, which only annotations set in the time of the policies.
    func appArmorErrors(in container: ContainerSpec, of pod: Pod) -> [FieldError] {
        let rule = appArmor
        guard let allowed = rule.allowed else { return [] }
        let annotation = ProfileAnnotation.appArmor(container)
        let path = ProfileAnnotation.path(annotation)
        let profile = pod.metadata.annotations?[annotation] ?? ""
        if profile.isEmpty { return [.forbidden(path, "AppArmor profile must be set")] }
        guard !rule.allowedNames.contains(profile) else { return [] }
        let values = GoValue.string(allowed).text
        return [.forbidden(path, "\(profile) is not an allowed profile. Allowed values: \(values)")]
    }
}
