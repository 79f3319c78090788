import NodeModel
import PodSecurity

/// What keeps a container from the node by the kernel's rules beside namespaces and capabilities.
extension ComparedItem {
    /// A filter of system calls; a privileged container has none (containerd internal/cri), whatever its pod says.
    ///
    /// A profile of the node's own may be one that allows by default.
    static func seccomp(_ request: PodRequest, _ bundle: Bundle?) -> ComparedItem {
        let type = request.seccompType
        return .restriction(
            .seccompProfile, asked: type == "Unconfined" || request.isPrivileged ? nil : type,
            given: bundle.map { $0.hasSeccomp ? "confined" : $0.openSeccomp?.rawValue ?? "Unconfined" },
            holds: bundle.map { $0.hasSeccomp || ($0.openSeccomp != nil && type == "Localhost") })
    }

    /// The node's own profile where the pod names one, and any other but `unconfined` where it asks for the runtime's;
    /// a privileged container has none.
    static func appArmor(_ request: PodRequest, _ bundle: Bundle?) -> ComparedItem {
        let profile = request.appArmorProfile
        let wanted = profile?.type == "Localhost" ? profile?.localhostProfile : nil
        let given = bundle.map { $0.appArmorProfile ?? "unconfined" }
        return .restriction(
            .appArmorProfile,
            asked: profile?.type == "Unconfined" || request.isPrivileged
                ? nil : wanted.map { "Localhost \($0)" } ?? profile?.type,
            given: given.map { $0 == "unconfined" ? "Unconfined" : $0 },
            holds: given.map { given in wanted.map { $0 == given } ?? (given != "unconfined") })
    }

    /// The parts of a label that the pod sets; a privileged container has no label (containerd internal/cri).
    ///
    /// Without a label SELinux is off in the runtime: a type that confines is missing then, any other is not missed.
    static func seLinux(_ request: PodRequest, _ bundle: Bundle?) -> ComparedItem {
        let options = request.seLinuxOptions ?? SELinuxOptions()
        let wanted = [options.user, options.role, options.type, options.level]
        let asked = zip(["user", "role", "type", "level"], wanted).compactMap { name, value in
            (value ?? "").isEmpty ? nil : value.map { "\(name)=\($0)" }
        }
        let holds = bundle.map { bundle in
            guard let label = bundle.selinuxLabel else {
                return !SELinuxOptions.containerTypes.contains(options.type ?? "")
            }
            // The level is the rest, and may have colons of its own.
            let given = label.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
            return given.count == 4 && zip(wanted, given).allSatisfy { ($0 ?? "").isEmpty || $0 ?? "" == $1 }
        }
        return .restriction(
            .seLinuxOptions, asked: asked.isEmpty || request.isPrivileged ? nil : asked.joined(separator: " "),
            given: bundle.map { $0.selinuxLabel ?? "no label" }, holds: holds)
    }
}
