/// A policy that the API would refuse, and why.
package struct InvalidPolicy: Error, Sendable, Equatable, CustomStringConvertible {
    package let name: String
    /// At least one.
    package let errors: [FieldError]

    /// The API's answer: one error as it is, several in brackets, none twice.
    package var description: String {
        var seen: Set<String> = []
        let texts = errors.map(\.description).filter { seen.insert($0).inserted }
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        return "PodSecurityPolicy.policy \(GoValue.string(name).text) is invalid: \(list)"
    }
}

extension PodSecurityPolicy {
    /// Checks the policy as the API does when it is created (`ValidatePodSecurityPolicy`).
    ///
    /// Stricter in one point: a range of host ports that holds no port is an error here.
    package func validate() throws(InvalidPolicy) {
        let errors = ruleErrors + volumeKindErrors + capabilityListErrors + driverErrors + sysctlListErrors + portErrors
        guard errors.isEmpty else { throw InvalidPolicy(name: name, errors: errors) }
    }

    private var ruleErrors: [FieldError] {
        let groupRules = ["MayRunAs", "MustRunAs", "RunAsAny"]
        var errors = Self.errors(of: spec.runAsUser, at: "spec.runAsUser", rules: Self.userRules)
        if let runAsGroup = spec.runAsGroup {
            errors += Self.errors(of: runAsGroup, at: "spec.runAsGroup", rules: groupRules)
        }
        let seLinux = spec.seLinux?.rule ?? ""
        if !["MustRunAs", "RunAsAny"].contains(seLinux) {
            errors.append(.notSupported("spec.seLinux.rule", seLinux, ["MustRunAs", "RunAsAny"]))
        }
        errors += Self.errors(of: spec.supplementalGroups, at: "spec.supplementalGroups", rules: groupRules)
        errors += Self.errors(of: spec.fsGroup, at: "spec.fsGroup", rules: groupRules)
        return errors
    }

    private static let userRules = ["MustRunAs", "MustRunAsNonRoot", "RunAsAny"]

    private static func errors(of strategy: IDStrategy?, at path: String, rules: [String]) -> [FieldError] {
        var errors: [FieldError] = []
        let rule = strategy?.rule ?? ""
        if !rules.contains(rule) { errors.append(.notSupported("\(path).rule", rule, rules)) }
        for (index, range) in (strategy?.ranges ?? []).enumerated() {
            let path = "\(path).ranges[\(index)]"
            if range.min < 0 { errors.append(.invalid("\(path).min", .int(range.min), "min cannot be negative")) }
            if range.max < 0 { errors.append(.invalid("\(path).max", .int(range.max), "max cannot be negative")) }
            if range.min > range.max {
                errors.append(.invalid("\(path).min", .int(range.min), "min cannot be greater than max"))
            }
        }
        return errors
    }

    private var volumeKindErrors: [FieldError] {
        let supported = Self.volumeKinds + ["*"]
        return (spec.volumes ?? []).filter { !supported.contains($0) }.map {
            .notSupported("spec.volumes", $0, supported)
        }
    }

    private var capabilityListErrors: [FieldError] {
        let drops = spec.requiredDropCapabilities ?? []
        var errors: [FieldError] = []
        if !drops.isEmpty, (spec.allowedCapabilities ?? []).contains("*") {
            let detail = "must be empty when all capabilities are allowed by a wildcard"
            errors.append(.invalid("requiredDropCapabilities", .capabilities(drops), detail))
        }
        let lists = [
            ("defaultAddCapabilities", spec.defaultAddCapabilities), ("allowedCapabilities", spec.allowedCapabilities),
        ]
        for (field, list) in lists {
            errors += (list ?? []).filter(drops.contains).map {
                .invalid(field, .string($0), "capability is listed in \(field) and requiredDropCapabilities")
            }
        }
        if spec.defaultAllowPrivilegeEscalation == true, !allowsPrivilegeEscalation {
            let detail = """
                Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to \
                true
                """
            errors.append(.invalid("spec.defaultAllowPrivilegeEscalation", .bool(true), detail))
        }
        return errors
    }

    private var driverErrors: [FieldError] {
        var errors: [FieldError] = []
        for (index, path) in (spec.allowedHostPaths ?? []).enumerated() {
            let field = "spec.allowedHostPaths[\(index)]"
            let prefix = path.pathPrefix ?? ""
            if prefix.isEmpty { errors.append(.required(field, "is required")) }
            if prefix.split(separator: "/").contains("..") {
                errors.append(.invalid(field, .string(prefix), "must not contain '..'"))
            }
        }
        for (index, volume) in (spec.allowedFlexVolumes ?? []).enumerated() where (volume.driver ?? "").isEmpty {
            // The API says the list's name twice.
            let field = "spec.allowedFlexVolumes.allowedFlexVolumes[\(index)].driver"
            errors.append(.required(field, "must specify a driver"))
        }
        let runtimeClass = spec.runtimeClass
        if let name = runtimeClass?.defaultRuntimeClassName {
            let allowed = runtimeClass?.allowedRuntimeClassNames ?? []
            if !allowed.contains(name), !allowed.contains("*") {
                errors.append(
                    .required("spec.runtimeClass.allowedRuntimeClassNames", "default \"\(name)\" must be allowed"))
            }
        }
        return errors
    }

    private var sysctlListErrors: [FieldError] {
        let lists = [
            ("allowedUnsafeSysctls", spec.allowedUnsafeSysctls), ("forbiddenSysctls", spec.forbiddenSysctls),
        ]
        return lists.flatMap { field, list -> [FieldError] in
            let list = list ?? []
            let path = "spec.\(field)"
            var errors: [FieldError] = list.indices.filter { list[$0].isEmpty }.map {
                .invalid("\(path)[\($0)]", .string(""), "empty sysctl not allowed")
            }
            if list.count > 1, list.contains(where: { $0.hasPrefix("*") }) {
                errors.append(.forbidden("\(path).items", "if '*' is present, must not specify other sysctls"))
            }
            return errors
        }
    }

    private var portErrors: [FieldError] {
        (spec.hostPorts ?? []).enumerated().flatMap { index, range -> [FieldError] in
            let path = "spec.hostPorts[\(index)]"
            var errors: [FieldError] = [("min", range.min), ("max", range.max)].filter { !(0...65535).contains($0.1) }
                .map { .invalid("\(path).\($0.0)", .int($0.1), "must be between 0 and 65535, inclusive") }
            if range.min > range.max {
                errors.append(.invalid("\(path).min", .int(range.min), "min cannot be greater than max"))
            }
            return errors
        }
    }
}
