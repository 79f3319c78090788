package import NodeModel

/// A setting that a policy fills in where a pod is silent.
package struct PolicyDefault: Sendable, Equatable {
    /// The field's path in the pod.
    package let field: String
    /// The value, as errors of the API print it.
    package let value: String
}

extension PodSecurityPolicy {
    /// The pod as the policy's defaults make it, and what they set, in the plugin's order (`MutatePod`).
    ///
    /// The policy must have no `strategyErrors`.
    package func applyDefaults(to pod: Pod) -> (pod: Pod, set: [PolicyDefault]) {
        var defaulting = Defaulting(pod: pod)
        defaulting.fillPod(from: self)
        for (name, list) in PodSpec.containerLists {
            for index in (pod.spec[keyPath: list] ?? []).indices {
                defaulting.fillContainer(at: index, of: list, path: "spec.\(name)[\(index)]", from: self)
            }
        }
        return (defaulting.pod, defaulting.set)
    }
}

/// A pod on its way through the defaults of one policy.
private struct Defaulting {
    var pod: Pod
    var set: [PolicyDefault] = []

    init(pod: Pod) { self.pod = pod }

    mutating func note(_ field: String, _ value: GoValue) {
        set.append(PolicyDefault(field: field, value: value.text))
    }

    mutating func fillPod(from policy: PodSecurityPolicy) {
        var context = pod.spec.securityContext ?? PodSecurityContext()
        let path = "spec.securityContext"
        if context.supplementalGroups == nil, let group = policy.spec.supplementalGroups?.firstID {
            context.supplementalGroups = [group]
            note("\(path).supplementalGroups", .ints([group]))
        }
        if context.fsGroup == nil, let group = policy.spec.fsGroup?.firstID {
            context.fsGroup = group
            note("\(path).fsGroup", .int(group))
        }
        if context.seLinuxOptions == nil, let options = policy.spec.seLinux?.requiredOptions {
            context.seLinuxOptions = options
            note(options, below: path)
        }
        fillSeccomp(from: policy.seccomp, profile: context.seccompProfile)
        if context != PodSecurityContext() { pod.spec.securityContext = context }
        if pod.spec.runtimeClassName == nil, let name = policy.spec.runtimeClass?.defaultRuntimeClassName {
            pod.spec.runtimeClassName = name
            note("spec.runtimeClassName", .string(name))
        }
    }

    /// The annotation of the pod: what its field says, or else the policy's default.
    private mutating func fillSeccomp(from rule: PodSecurityPolicy.ProfileRule, profile: SecurityProfile?) {
        guard (pod.metadata.annotations?[ProfileAnnotation.seccompPod] ?? "").isEmpty else { return }
        annotate(ProfileAnnotation.seccompPod, profile?.seccompAnnotation ?? rule.defaultProfile)
    }

    private mutating func annotate(_ name: String, _ value: String) {
        guard !value.isEmpty else { return }
        pod.metadata.annotations = (pod.metadata.annotations ?? [:]).merging([name: value]) { $1 }
        note("metadata.annotations[\(name)]", .string(value))
    }

    private mutating func note(_ options: SELinuxOptions, below path: String) {
        for (name, value) in options.parts {
            if let value { note("\(path).seLinuxOptions.\(name)", .string(value)) }
        }
    }

    mutating func fillContainer(
        at index: Int, of list: WritableKeyPath<PodSpec, [ContainerSpec]?>, path: String, from policy: PodSecurityPolicy
    ) {
        guard let container = pod.spec[keyPath: list]?[index] else { return }
        var context = container.securityContext ?? SecurityContext()
        let path = "\(path).securityContext"
        fillIdentity(of: &context, path: path, from: policy)
        let annotation = ProfileAnnotation.appArmor(container)
        if (pod.metadata.annotations?[annotation] ?? "").isEmpty {
            annotate(annotation, policy.appArmor.defaultProfile)
        }
        let effective = EffectiveContext(pod: pod.spec.securityContext, container: context)
        if effective.runAsNonRoot == nil, effective.runAsUser == nil, policy.spec.runAsUser?.rule == "MustRunAsNonRoot"
        {
            context.runAsNonRoot = true
            note("\(path).runAsNonRoot", .bool(true))
        }
        fillCapabilities(of: &context, path: path, from: policy)
        if policy.spec.readOnlyRootFilesystem == true, context.readOnlyRootFilesystem == nil {
            context.readOnlyRootFilesystem = true
            note("\(path).readOnlyRootFilesystem", .bool(true))
        }
        let escalation = policy.spec.defaultAllowPrivilegeEscalation ?? (policy.allowsPrivilegeEscalation ? nil : false)
        if context.allowPrivilegeEscalation == nil, let escalation {
            context.allowPrivilegeEscalation = escalation
            note("\(path).allowPrivilegeEscalation", .bool(escalation))
        }
        if context != SecurityContext() { pod.spec[keyPath: list]?[index].securityContext = context }
    }

    private mutating func fillIdentity(
        of context: inout SecurityContext, path: String, from policy: PodSecurityPolicy
    ) {
        let effective = EffectiveContext(pod: pod.spec.securityContext, container: context)
        if effective.runAsUser == nil, let user = policy.spec.runAsUser?.firstID {
            context.runAsUser = user
            note("\(path).runAsUser", .int(user))
        }
        if effective.runAsGroup == nil, let group = policy.spec.runAsGroup?.firstID {
            context.runAsGroup = group
            note("\(path).runAsGroup", .int(group))
        }
        if effective.seLinuxOptions == nil, let options = policy.spec.seLinux?.requiredOptions {
            context.seLinuxOptions = options
            note(options, below: path)
        }
    }

    /// Adds the default capabilities that the container does not drop, and drops those that must be dropped.
    private mutating func fillCapabilities(
        of context: inout SecurityContext, path: String, from policy: PodSecurityPolicy
    ) {
        let add = Set(context.capabilities?.add ?? [])
        let drop = Set(context.capabilities?.drop ?? [])
        let allAdds = Set(policy.spec.defaultAddCapabilities ?? []).subtracting(drop).union(add)
        let allDrops = Set(policy.spec.requiredDropCapabilities ?? []).union(drop)
        guard allAdds != add || allDrops != drop else { return }
        var capabilities = SecurityContext.Capabilities()
        capabilities.add = allAdds.isEmpty ? nil : allAdds.sorted()
        capabilities.drop = allDrops.isEmpty ? nil : allDrops.sorted()
        context.capabilities = capabilities
        if allAdds != add { note("\(path).capabilities.add", .capabilities(capabilities.add)) }
        if allDrops != drop { note("\(path).capabilities.drop", .capabilities(capabilities.drop)) }
    }
}

extension PodSecurityPolicy.IDStrategy {
    /// What `MustRunAs` sets where the pod is silent; the other rules set nothing.
    var firstID: Int64? { rule == "MustRunAs" ? ranges?.first?.min : nil }
}

extension PodSecurityPolicy.SELinuxStrategy {
    /// The label that a pod must have; `nil` if any will do.
    var requiredOptions: SELinuxOptions? { rule == "MustRunAs" ? seLinuxOptions : nil }
}

extension SELinuxOptions {
    /// The four parts in the order in which errors name them.
    var parts: [(name: String, value: String?)] {
        [("level", level), ("role", role), ("type", type), ("user", user)]
    }
}
