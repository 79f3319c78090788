import NodeModel

/// Which level of the Pod Security Standards takes a policy's place, and what gets lost.
///
/// After the mapping that the Kubernetes project gives for each field (kubernetes.io, "Mapping PodSecurityPolicies to
/// Pod Security Standards").
package struct PolicyReplacement: Sendable, Equatable {
    /// The strictest level that allows all that each field of the policy allows.
    package let level: PodSecurityLevel
    /// The fields that the levels know, set or not, in the mapping's order.
    package let covered: [Field]
    /// The fields that are set and that no level takes over; the annotations among them by their name.
    package let lost: [LostField]

    /// A field that a level covers.
    package struct Field: Sendable, Equatable {
        package let name: String
        /// The field's value; `unset` if it has none.
        package let value: String
        /// The strictest level that allows what the field allows.
        package let level: PodSecurityLevel
    }

    /// A field that has no replacement.
    package struct LostField: Sendable, Equatable {
        package let name: String
        package let value: String
        package let effect: Effect
    }

    /// What a field without a replacement did to pods.
    package enum Effect: String, Sendable, Equatable {
        case restricts
        case sets
        case restrictsAndSets
    }

    package init(of policy: PodSecurityPolicy) {
        covered = policy.coveredFields
        lost = policy.lostFields
        level = covered.map(\.level).min() ?? .restricted
    }
}

extension PodSecurityPolicy {
    fileprivate var coveredFields: [PolicyReplacement.Field] {
        let seccompAnnotation = "seccomp.security.alpha.kubernetes.io/allowedProfileNames"
        let appArmorAnnotation = "apparmor.security.beta.kubernetes.io/allowedProfileNames"
        return [
            flag("privileged", spec.privileged),
            field("defaultAddCapabilities", spec.defaultAddCapabilities, Self.level(ofCapabilities:)),
            field("allowedCapabilities", spec.allowedCapabilities, Self.level(ofCapabilities:)),
            field("requiredDropCapabilities", spec.requiredDropCapabilities) {
                $0.contains("ALL") ? .restricted : .baseline
            },
            field("volumes", spec.volumes, Self.level(ofVolumes:)),
            flag("hostNetwork", spec.hostNetwork),
            field("hostPorts", spec.hostPorts?.map { "\($0.min)-\($0.max)" }) {
                $0.isEmpty ? .restricted : .privileged
            },
            flag("hostPID", spec.hostPID),
            flag("hostIPC", spec.hostIPC),
            .init(name: "seLinux", value: spec.seLinux?.text ?? "unset", level: seLinuxLevel),
            .init(
                name: "runAsUser", value: spec.runAsUser?.text ?? "unset",
                level: spec.runAsUser?.rule == "MustRunAsNonRoot" ? .restricted : .baseline),
            .init(
                name: "allowPrivilegeEscalation", value: spec.allowPrivilegeEscalation.map { "\($0)" } ?? "unset",
                level: allowsPrivilegeEscalation ? .baseline : .restricted),
            field("allowedUnsafeSysctls", spec.allowedUnsafeSysctls) { $0.isEmpty ? .restricted : .privileged },
            field("allowedProcMountTypes", spec.allowedProcMountTypes) {
                $0.allSatisfy { $0 == "Default" } ? .restricted : .privileged
            },
            // Unset, seccomp forbids all profiles and so allows what the runtime does without; AppArmor allows all.
            .init(
                name: seccompAnnotation, value: seccomp.allowed ?? "unset",
                level: seccomp.allowed == nil ? .baseline : Self.level(ofProfiles: seccomp.allowedNames)),
            .init(
                name: appArmorAnnotation, value: appArmor.allowed ?? "unset",
                level: appArmor.allowed == nil ? .privileged : Self.level(ofProfiles: appArmor.allowedNames)),
        ]
    }

    private func flag(_ name: String, _ value: Bool?) -> PolicyReplacement.Field {
        .init(name: name, value: value.map { "\($0)" } ?? "unset", level: value == true ? .privileged : .restricted)
    }

    private func field(
        _ name: String, _ values: [String]?, _ level: ([String]) -> PodSecurityLevel
    ) -> PolicyReplacement.Field {
        .init(name: name, value: values?.listText ?? "unset", level: level(values ?? []))
    }

    private static func level(ofCapabilities names: [String]) -> PodSecurityLevel {
        if names.allSatisfy({ $0 == "NET_BIND_SERVICE" }) { return .restricted }
        return baselineCapabilities.isSuperset(of: names) ? .baseline : .privileged
    }

    private static let baselineCapabilities: Set = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    private static func level(ofVolumes kinds: [String]) -> PodSecurityLevel {
        let restricted: Set = [
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
        ]
        if restricted.isSuperset(of: kinds) { return .restricted }
        return kinds.contains("hostPath") || kinds.contains("*") ? .privileged : .baseline
    }

    /// `docker/default` is the older name of the runtime's default; an empty name lets a pod say nothing.
    private static func level(ofProfiles names: [String]) -> PodSecurityLevel {
        let named = names.filter { !$0.isEmpty }
        let defaults: Set = ["runtime/default", "docker/default"]
        guard named.allSatisfy({ defaults.contains($0) || $0.hasPrefix("localhost/") }) else { return .privileged }
        return named.count == names.count ? .restricted : .baseline
    }

    private var seLinuxLevel: PodSecurityLevel {
        guard let options = spec.seLinux?.requiredOptions else { return .privileged }
        let isPlain = (options.user ?? "").isEmpty && (options.role ?? "").isEmpty
        return isPlain && SELinuxOptions.containerTypes.contains(options.type ?? "") ? .restricted : .privileged
    }
}

extension PodSecurityPolicy {
    fileprivate var lostFields: [PolicyReplacement.LostField] {
        let runtimeClass = spec.runtimeClass
        let paths = spec.allowedHostPaths?.map { ($0.pathPrefix ?? "") + ($0.readOnly == true ? " (read-only)" : "") }
        let fields: [(String, String?, PolicyReplacement.Effect)] = [
            ("defaultAddCapabilities", spec.defaultAddCapabilities?.listText, .sets),
            ("requiredDropCapabilities", spec.requiredDropCapabilities?.listText, .sets),
            ("seLinux", spec.seLinux?.requiredOptions == nil ? nil : spec.seLinux?.text, .sets),
            ("runAsUser", spec.runAsUser.flatMap(Self.lost), Self.effect(of: spec.runAsUser)),
            ("runAsGroup", spec.runAsGroup.flatMap(Self.lost), Self.effect(of: spec.runAsGroup)),
            (
                "supplementalGroups", spec.supplementalGroups.flatMap(Self.lost),
                Self.effect(of: spec.supplementalGroups)
            ),
            ("fsGroup", spec.fsGroup.flatMap(Self.lost), Self.effect(of: spec.fsGroup)),
            ("readOnlyRootFilesystem", spec.readOnlyRootFilesystem == true ? "true" : nil, .restrictsAndSets),
            ("defaultAllowPrivilegeEscalation", spec.defaultAllowPrivilegeEscalation.map { "\($0)" }, .sets),
            ("allowPrivilegeEscalation", allowsPrivilegeEscalation ? nil : "false", .sets),
            ("allowedHostPaths", paths?.listText, .restricts),
            ("allowedFlexVolumes", spec.allowedFlexVolumes?.map { $0.driver ?? "" }.listText, .restricts),
            ("allowedCSIDrivers", spec.allowedCSIDrivers?.map { $0.name ?? "" }.listText, .restricts),
            ("forbiddenSysctls", spec.forbiddenSysctls?.listText, .restricts),
            ("runtimeClass.defaultRuntimeClassName", runtimeClass?.defaultRuntimeClassName, .sets),
            (
                "runtimeClass.allowedRuntimeClassNames",
                runtimeClass.map { ($0.allowedRuntimeClassNames ?? []).listText }, .restricts
            ),
            ("seccomp.security.alpha.kubernetes.io/defaultProfileName", seccomp.defaultProfile, .sets),
            ("apparmor.security.beta.kubernetes.io/defaultProfileName", appArmor.defaultProfile, .sets),
        ]
        return fields.compactMap { name, value, effect in
            guard let value, !value.isEmpty, value != "[]" || name.hasPrefix("runtimeClass") else { return nil }
            return .init(name: name, value: value, effect: effect)
        }
    }

    /// A rule about ids that a level does not have, or does not set: every one but `RunAsAny`.
    private static func lost(_ strategy: IDStrategy) -> String? { strategy.rule == "RunAsAny" ? nil : strategy.text }

    /// `MayRunAs` sets nothing; what `MustRunAsNonRoot` refuses the level refuses, too.
    private static func effect(of strategy: IDStrategy?) -> PolicyReplacement.Effect {
        switch strategy?.rule {
        case "MayRunAs": .restricts
        case "MustRunAsNonRoot": .sets
        default: .restrictsAndSets
        }
    }
}

extension [String] {
    fileprivate var listText: String { "[\(joined(separator: ", "))]" }
}

extension PodSecurityPolicy.IDStrategy {
    fileprivate var text: String {
        ([rule ?? ""] + (ranges ?? []).map { "\($0.min)-\($0.max)" }).joined(separator: " ")
    }
}

extension PodSecurityPolicy.SELinuxStrategy {
    fileprivate var text: String {
        let parts = seLinuxOptions?.parts ?? []
        return ([rule ?? ""] + parts.compactMap { part in part.value.map { "\(part.name)=\($0)" } }).joined(
            separator: " ")
    }
}
