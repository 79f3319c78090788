package import NodeModel

extension PodSecurityPolicy {
    /// What the policy does not allow in a pod as it stands, in the order and words of the plugin (`ValidatePod`).
    ///
    /// Defaults are not applied here: a pod that lacks what they would set is refused.
    package func errors(in pod: Pod) -> [FieldError] {
        let context = pod.spec.securityContext
        let path = "spec.securityContext"
        var errors: [FieldError] = []
        errors += spec.fsGroup.errors(of: context?.fsGroup.map { [$0] }, at: "\(path).fsGroup")
        errors += spec.supplementalGroups.errors(of: context?.supplementalGroups, at: "\(path).supplementalGroups")
        errors += seccompErrors(in: pod)
        errors += spec.seLinux.errors(of: context?.seLinuxOptions, at: "\(path).seLinuxOptions")
        errors += hostNamespaceErrors(in: pod.spec, path: path)
        errors += sysctlErrors(in: context?.sysctls ?? [])
        errors += volumeErrors(in: pod.spec)
        errors += runtimeClassErrors(in: pod.spec)
        for placed in pod.spec.placedContainers {
            errors += containerErrors(in: placed, of: pod)
        }
        return errors
    }

    /// The plugin names the fields as the API server holds them inside, below the security context.
    private func hostNamespaceErrors(in pod: PodSpec, path: String) -> [FieldError] {
        let namespaces = [
            ("hostNetwork", "Host network", spec.hostNetwork, pod.hostNetwork),
            ("hostPID", "Host PID", spec.hostPID, pod.hostPID),
            ("hostIPC", "Host IPC", spec.hostIPC, pod.hostIPC),
        ]
        return namespaces.compactMap { field, title, allowed, used in
            guard used == true, allowed != true else { return nil }
            return .invalid("\(path).\(field)", .bool(true), "\(title) is not allowed to be used")
        }
    }

    private func sysctlErrors(in sysctls: [Sysctl]) -> [FieldError] {
        sysctls.enumerated().compactMap { index, sysctl in
            let name = sysctl.name ?? ""
            let path = "pod.spec.securityContext.sysctls[\(index)]"
            let text = GoValue.string(name).text
            if (spec.forbiddenSysctls ?? []).contains(where: { Self.pattern($0, matches: name) }) {
                return .forbidden(path, "sysctl \(text) is not allowed")
            }
            let allowed = spec.allowedUnsafeSysctls ?? []
            if Self.safeSysctls.contains(name) || allowed.contains(where: { Self.pattern($0, matches: name) }) {
                return nil
            }
            return .forbidden(path, "unsafe sysctl \(text) is not allowed")
        }
    }

    /// Sysctls that reach no further than the pod (`SafeSysctlAllowlist` of version 1.24).
    private static let safeSysctls: Set = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
    ]

    /// A name, or a prefix that ends with `*`.
    private static func pattern(_ pattern: String, matches name: String) -> Bool {
        pattern.hasSuffix("*") ? name.utf8.starts(with: pattern.utf8.dropLast()) : name == pattern
    }

    private func runtimeClassErrors(in pod: PodSpec) -> [FieldError] {
        guard let rule = spec.runtimeClass, let name = pod.runtimeClassName else { return [] }
        let allowed = rule.allowedRuntimeClassNames ?? []
        guard !allowed.contains("*"), !allowed.contains(name) else { return [] }
        return [.invalid("spec.runtimeClassName", .string(name), "")]
    }
}

extension PodSecurityPolicy.IDRange {
    func contains(_ id: Int64) -> Bool { min <= id && id <= max }
}

extension [PodSecurityPolicy.IDRange] {
    /// The ranges as Go prints them.
    var goText: String { "[\(map { "{\($0.min) \($0.max)}" }.joined(separator: " "))]" }
}

extension PodSecurityPolicy.IDStrategy? {
    /// What is wrong with groups that a pod has, or lacks.
    func errors(of groups: [Int64]?, at path: String) -> [FieldError] {
        guard let rule = self?.rule, rule != "RunAsAny", let ranges = self?.ranges else { return [] }
        if rule == "MustRunAs", (groups ?? []).isEmpty {
            return [.invalid(path, .ints(groups), "unable to validate empty groups against required ranges")]
        }
        // One text for all errors: a pod may list thousands of groups.
        let value = GoValue.ints(groups).text
        return (groups ?? []).filter { group in !ranges.contains { $0.contains(group) } }.map {
            FieldError(
                field: path, kind: .invalid(value: value), detail: "group \($0) must be in the ranges: \(ranges.goText)"
            )
        }
    }
}

extension PodSecurityPolicy.SELinuxStrategy? {
    /// What is wrong with a label that a pod or container has, or lacks.
    func errors(of options: SELinuxOptions?, at path: String) -> [FieldError] {
        guard let required = self?.requiredOptions else { return [] }
        guard let options else { return [.required(path, "")] }
        return zip(required.parts, options.parts).compactMap { required, actual in
            let wanted = required.value ?? ""
            let found = actual.value ?? ""
            guard wanted != found, required.name != "level" || !Self.sameLevel(wanted, found) else { return nil }
            return .invalid("\(path).\(required.name)", .string(found), "must be \(wanted)")
        }
    }

    /// Whether two levels have the same sensitivity and, in any order, the same categories.
    private static func sameLevel(_ first: String, _ second: String) -> Bool {
        let levels = [first, second].map { $0.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) }
        guard levels[0].count == 2, levels[1].count == 2, levels[0][0] == levels[1][0] else { return false }
        let categories = levels.map { $0[1].split(separator: ",", omittingEmptySubsequences: false).sorted() }
        return categories[0] == categories[1]
    }
}
