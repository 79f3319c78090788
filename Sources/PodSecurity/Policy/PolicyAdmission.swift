package import NodeModel

/// What the PodSecurityPolicy admission plugin says to the creation of a pod (version 1.24).
///
/// Who may use which policy is not asked: a caller gives those that the pod's creator or service account may use.
package enum PolicyAdmission: Sendable, Equatable {
    /// The policy that admits the pod, and what it sets first; it sets nothing if any policy can do so.
    case admitted(policy: String, defaults: [PolicyDefault])
    /// No policy can judge: none was given, or each has a rule that lacks what it needs.
    case noProviders
    /// All that all policies have against the pod, in the order of their names.
    case refused([FieldError])

    /// Judges a pod by several valid policies: those that change nothing go first, then by name.
    package init(of pod: Pod, by policies: [PodSecurityPolicy]) {
        let usable = policies.filter { $0.strategyErrors.isEmpty }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        guard !usable.isEmpty else {
            self = .noProviders
            return
        }
        var pod = pod
        pod.spec = pod.spec.withAPIDefaults()
        var changing: PolicyAdmission?
        var refusals: [FieldError] = []
        for policy in usable {
            let (defaulted, set) = policy.applyDefaults(to: pod)
            let errors = policy.errors(in: defaulted)
            refusals += errors
            guard errors.isEmpty else { continue }
            if set.isEmpty {
                self = .admitted(policy: policy.name, defaults: [])
                return
            }
            changing = changing ?? .admitted(policy: policy.name, defaults: set)
        }
        self = changing ?? .refused(refusals)
    }

    /// The API's answer to the pod's creation; `nil` if it is admitted.
    package func refusal(of metadata: PodMetadata) -> String? {
        let reason: String
        switch self {
        case .admitted: return nil
        case .noProviders: reason = "no providers available to validate pod request"
        case .refused(let errors):
            reason = "unable to admit pod: [\(errors.map(\.description).joined(separator: " "))]"
        }
        let names = [metadata.name, metadata.generateName].compactMap { $0 }.filter { !$0.isEmpty }
        let name = GoValue.string(names.first ?? "Unknown").text
        return "pods \(name) is forbidden: PodSecurityPolicy: \(reason)"
    }
}

extension PodSecurityPolicy {
    /// Why the plugin leaves the policy out: rules that the API takes but the plugin cannot follow.
    package var strategyErrors: [FieldError] {
        var errors: [FieldError] = []
        let user = spec.runAsUser
        if user?.rule == "MustRunAs", (user?.ranges ?? []).isEmpty {
            errors.append(.required("spec.runAsUser.ranges", "MustRunAs requires at least one range"))
        }
        let groups = [
            ("runAsGroup", spec.runAsGroup), ("fsGroup", spec.fsGroup), ("supplementalGroups", spec.supplementalGroups),
        ]
        for (field, strategy) in groups {
            guard let rule = strategy?.rule, rule != "RunAsAny", (strategy?.ranges ?? []).isEmpty else { continue }
            errors.append(.required("spec.\(field).ranges", "ranges must be supplied for \(rule)"))
        }
        if spec.seLinux?.rule == "MustRunAs", spec.seLinux?.seLinuxOptions == nil {
            errors.append(.required("spec.seLinux.seLinuxOptions", "MustRunAs requires SELinuxOptions"))
        }
        return errors
    }
}
