/// What holds for all containers of a pod (`v1.PodSecurityContext`).
package struct PodSecurityContext: Sendable, Equatable, Codable {
    package var runAsUser: Int64?
    package var runAsGroup: Int64?
    package var runAsNonRoot: Bool?
    package var supplementalGroups: [Int64]?
    package var fsGroup: Int64?
    package var seccompProfile: SecurityProfile?
    package var appArmorProfile: SecurityProfile?
    package var seLinuxOptions: SELinuxOptions?
    package var sysctls: [Sysctl]?
    package var windowsOptions: WindowsOptions?

    package init() {}
}

/// What holds for one container; where it says something, the pod's word does not count (`v1.SecurityContext`).
package struct SecurityContext: Sendable, Equatable, Codable {
    package var privileged: Bool?
    /// Unset means `true`.
    package var allowPrivilegeEscalation: Bool?
    package var capabilities: Capabilities?
    package var runAsUser: Int64?
    package var runAsGroup: Int64?
    package var runAsNonRoot: Bool?
    package var readOnlyRootFilesystem: Bool?
    /// `Default` or `Unmasked`.
    package var procMount: String?
    package var seccompProfile: SecurityProfile?
    package var appArmorProfile: SecurityProfile?
    package var seLinuxOptions: SELinuxOptions?
    package var windowsOptions: WindowsOptions?

    package init() {}

    /// Names without `CAP_`, or `ALL` (`v1.Capabilities`).
    package struct Capabilities: Sendable, Equatable, Codable {
        package var add: [String]?
        package var drop: [String]?

        package init() {}
    }
}

/// `v1.SeccompProfile` and `v1.AppArmorProfile`, which have the same shape.
package struct SecurityProfile: Sendable, Equatable, Codable {
    /// `RuntimeDefault`, `Localhost` or `Unconfined`.
    package var type: String?
    package var localhostProfile: String?

    package init() {}
}

/// `v1.SELinuxOptions`.
package struct SELinuxOptions: Sendable, Equatable, Codable {
    package var user: String?
    package var role: String?
    package var type: String?
    package var level: String?

    package init() {}
}

/// `v1.WindowsSecurityContextOptions`, as far as it names the node.
package struct WindowsOptions: Sendable, Equatable, Codable {
    package var hostProcess: Bool?

    package init() {}
}

/// One kernel setting that the pod asks for (`v1.Sysctl`).
package struct Sysctl: Sendable, Equatable, Codable {
    package var name: String?
    package var value: String?

    package init() {}

    /// A name with dots between its parts, as runtimes have it: where the first separator is a slash, slashes and dots
    /// change places, so that a part may hold a dot (sysctl.d(5); component-helpers/node/util/sysctl).
    package static func normalized(_ name: String) -> String {
        guard name.first(where: { $0 == "." || $0 == "/" }) == "/" else { return name }
        return String(name.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
    }
}
