package import NodeModel

/// A policy that the Kubernetes API took up to version 1.24 (`policy/v1beta1` and, before, `extensions/v1beta1`).
///
/// Names and shapes are the API's own. A field that is `nil` was not set; `validate()` tells whether the API would
/// have taken the policy.
package struct PodSecurityPolicy: Sendable, Equatable, Codable {
    package var apiVersion: String?
    package var kind: String?
    package var metadata = Metadata()
    package var spec = Spec()

    package init() {}

    /// The policy's name, and the annotations that hold its seccomp and AppArmor rules.
    package struct Metadata: Sendable, Equatable, Codable {
        package var name: String?
        package var annotations: [String: String]?

        package init() {}
    }

    /// `policy/v1beta1.PodSecurityPolicySpec`.
    package struct Spec: Sendable, Equatable, Codable {
        package var privileged: Bool?
        package var defaultAddCapabilities: [String]?
        package var requiredDropCapabilities: [String]?
        /// `*` allows all.
        package var allowedCapabilities: [String]?
        /// Kinds of volumes; `*` allows all, none allows none.
        package var volumes: [String]?
        package var hostNetwork: Bool?
        package var hostPorts: [HostPortRange]?
        package var hostPID: Bool?
        package var hostIPC: Bool?
        package var seLinux: SELinuxStrategy?
        package var runAsUser: IDStrategy?
        /// Unset means `RunAsAny`.
        package var runAsGroup: IDStrategy?
        package var supplementalGroups: IDStrategy?
        package var fsGroup: IDStrategy?
        package var readOnlyRootFilesystem: Bool?
        package var defaultAllowPrivilegeEscalation: Bool?
        /// Unset means `true`.
        package var allowPrivilegeEscalation: Bool?
        /// None allows all.
        package var allowedHostPaths: [AllowedHostPath]?
        /// None allows all.
        package var allowedFlexVolumes: [AllowedFlexVolume]?
        /// None allows all.
        package var allowedCSIDrivers: [AllowedCSIDriver]?
        /// Names, or prefixes that end with `*`.
        package var allowedUnsafeSysctls: [String]?
        package var forbiddenSysctls: [String]?
        /// None means `Default` alone.
        package var allowedProcMountTypes: [String]?
        package var runtimeClass: RuntimeClassStrategy?

        package init() {}
    }
}

extension PodSecurityPolicy {
    /// Ports of the node from `min` to `max`, both included.
    package struct HostPortRange: Sendable, Equatable, Codable {
        package var min: Int64
        package var max: Int64
    }

    /// User or group ids from `min` to `max`, both included.
    package struct IDRange: Sendable, Equatable, Codable {
        package var min: Int64
        package var max: Int64
    }

    /// Which user or groups a pod may have: a rule, such as `MustRunAs`, and its ranges.
    package struct IDStrategy: Sendable, Equatable, Codable {
        package var rule: String?
        package var ranges: [IDRange]?
    }

    /// Which SELinux label a pod may have.
    package struct SELinuxStrategy: Sendable, Equatable, Codable {
        package var rule: String?
        package var seLinuxOptions: SELinuxOptions?
    }

    /// A path of the node, with all below it, that pods may mount.
    package struct AllowedHostPath: Sendable, Equatable, Codable {
        package var pathPrefix: String?
        package var readOnly: Bool?
    }

    /// A driver that flex volumes may name.
    package struct AllowedFlexVolume: Sendable, Equatable, Codable {
        package var driver: String?
    }

    /// A driver that inline CSI volumes may name.
    package struct AllowedCSIDriver: Sendable, Equatable, Codable {
        package var name: String?
    }

    /// Which runtime classes a pod may name; `*` allows all.
    package struct RuntimeClassStrategy: Sendable, Equatable, Codable {
        package var allowedRuntimeClassNames: [String]?
        package var defaultRuntimeClassName: String?
    }
}

extension PodSecurityPolicy {
    /// The name, empty if the policy has none.
    package var name: String { metadata.name ?? "" }

    /// The API's default of `allowPrivilegeEscalation`.
    var allowsPrivilegeEscalation: Bool { spec.allowPrivilegeEscalation ?? true }

    /// The profiles of seccomp that the annotations allow and set.
    var seccomp: ProfileRule {
        ProfileRule(annotations: metadata.annotations, prefix: "seccomp.security.alpha.kubernetes.io/")
    }

    /// The profiles of AppArmor that the annotations allow and set.
    var appArmor: ProfileRule {
        ProfileRule(annotations: metadata.annotations, prefix: "apparmor.security.beta.kubernetes.io/")
    }

    /// The two annotations of a policy about profiles.
    struct ProfileRule {
        /// A list separated by commas; `nil` if the policy has no such annotation.
        let allowed: String?
        /// Empty for none.
        let defaultProfile: String

        init(annotations: [String: String]?, prefix: String) {
            allowed = annotations?[prefix + "allowedProfileNames"]
            defaultProfile = annotations?[prefix + "defaultProfileName"] ?? ""
        }

        /// The parts of `allowed`; a trailing comma makes the empty name one of them.
        var allowedNames: [String] {
            allowed?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
        }
    }
}
