package import NodeModel

/// The Pod Security Standards: all checks, and what they say of a pod (k8s.io/pod-security-admission, `policy`).
package enum PodSecurityStandards {
    /// All checks by their identifiers, those of `baseline` first: the order in which refusals name them.
    static let checks: [PodSecurityCheck] = [
        .appArmorProfile, .capabilitiesBaseline, .hostNamespaces, .hostPathVolumes, .hostPorts,
        .hostProbesAndHostLifecycle, .privileged, .procMount, .seLinuxOptions, .seccompProfileBaseline, .sysctls,
        .windowsHostProcess,
        .allowPrivilegeEscalation, .capabilitiesRestricted, .procMountRestricted, .restrictedVolumes, .runAsNonRoot,
        .runAsUser, .seccompProfileRestricted,
    ]

    /// Judges a pod as it is written; fields that an API server would fill in are the caller's to fill in before.
    ///
    /// Versions newer than the checks are judged by their newest forms, as `latest` is.
    package static func evaluate(
        _ pod: Pod, level: PodSecurityLevel, version: PodSecurityVersion
    ) -> PodSecurityVerdict {
        let violations = checks(at: level, version: version).compactMap { check in
            check.judge(pod, at: version).map {
                PodSecurityViolation(check: check.id, reason: $0.reason, detail: $0.detail)
            }
        }
        return PodSecurityVerdict(level: level, version: version, violations: violations)
    }

    /// The checks that apply at a level and a version, without those in whose place others stand.
    static func checks(at level: PodSecurityLevel, version: PodSecurityVersion) -> [PodSecurityCheck] {
        let applicable = checks.filter { $0.level <= level && $0.revision(at: version) != nil }
        let overridden = applicable.flatMap(\.overrides)
        return applicable.filter { !overridden.contains($0.id) }
    }
}

/// What one check forbids about a pod.
package struct PodSecurityViolation: Sendable, Equatable {
    /// The check's identifier, such as `hostNamespaces`.
    package let check: String
    /// Short and without the pod's values, such as `host namespaces`.
    package let reason: String
    /// The containers, volumes and values at fault, such as `hostPID=true`.
    package let detail: String
}

/// Whether a pod meets a level of the standards, and if not, why.
package struct PodSecurityVerdict: Sendable, Equatable {
    package let level: PodSecurityLevel
    package let version: PodSecurityVersion
    /// In the order of the Kubernetes project: the checks of `baseline` first, each level sorted by identifier.
    package let violations: [PodSecurityViolation]

    package var isAllowed: Bool { violations.isEmpty }

    /// All violations in one line: `reason (detail), reason (detail)`.
    package var detail: String {
        violations.map { "\($0.reason) (\($0.detail))" }.joined(separator: ", ")
    }

    /// The refusal of an API server, such as `violates PodSecurity "baseline:v1.29": host namespaces (hostPID=true)`;
    /// `nil` if the pod is allowed.
    package var refusal: String? {
        isAllowed ? nil : "violates PodSecurity \"\(level.rawValue):\(version)\": \(detail)"
    }
}
