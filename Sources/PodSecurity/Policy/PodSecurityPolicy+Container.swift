import NodeModel

extension PodSecurityPolicy {
    /// What the policy does not allow in one container (`validateContainer`).
    func containerErrors(in placed: PlacedContainer, of pod: Pod) -> [FieldError] {
        let container = placed.container
        let context = container.securityContext
        let effective = EffectiveContext(pod: pod.spec.securityContext, container: context)
        let path = "\(placed.path).securityContext"
        var errors = userErrors(in: effective, path: path)
        errors += spec.runAsGroup.errors(of: effective.runAsGroup.map { [$0] }, at: path)
        errors += spec.seLinux.errors(of: effective.seLinuxOptions, at: "\(path).seLinuxOptions")
        errors += appArmorErrors(in: container, of: pod)
        errors += seccompErrors(in: container, of: pod)
        if spec.privileged != true, context?.privileged == true {
            errors.append(.invalid("\(path).privileged", .bool(true), "Privileged containers are not allowed"))
        }
        let procMount = context?.procMount ?? "Default"
        let procMounts = spec.allowedProcMountTypes ?? []
        if !(procMounts.isEmpty ? ["Default"] : procMounts).contains(procMount) {
            errors.append(.invalid("\(path).procMount", .string(procMount), "ProcMountType is not allowed"))
        }
        errors += capabilityErrors(in: context?.capabilities, path: "\(path).capabilities")
        errors += hostPortErrors(in: container, path: placed.path)
        errors += readOnlyErrors(in: context, path: "\(path).readOnlyRootFilesystem")
        if !allowsPrivilegeEscalation, context?.allowPrivilegeEscalation ?? true {
            let value = context?.allowPrivilegeEscalation.map(GoValue.bool) ?? .null
            let detail = "Allowing privilege escalation for containers is not allowed"
            errors.append(.invalid("\(path).allowPrivilegeEscalation", value, detail))
        }
        return errors
    }

    private func userErrors(in context: EffectiveContext, path: String) -> [FieldError] {
        switch spec.runAsUser?.rule {
        case "MustRunAs":
            guard let user = context.runAsUser else { return [.required("\(path).runAsUser", "")] }
            let ranges = spec.runAsUser?.ranges ?? []
            guard !ranges.contains(where: { $0.contains(user) }) else { return [] }
            return [.invalid("\(path).runAsUser", .int(user), "must be in the ranges: \(ranges.goText)")]
        case "MustRunAsNonRoot":
            if context.runAsNonRoot == nil, context.runAsUser == nil {
                return [.required("\(path).runAsNonRoot", "must be true")]
            }
            if context.runAsNonRoot == false {
                return [.invalid("\(path).runAsNonRoot", .bool(false), "must be true")]
            }
            guard context.runAsUser == 0 else { return [] }
            return [.invalid("\(path).runAsUser", .int(0), "running with the root UID is forbidden")]
        default:
            return []
        }
    }

    private func capabilityErrors(in capabilities: SecurityContext.Capabilities?, path: String) -> [FieldError] {
        let defaultAdds = spec.defaultAddCapabilities ?? []
        let requiredDrops = spec.requiredDropCapabilities ?? []
        guard let capabilities else {
            guard !defaultAdds.isEmpty || !requiredDrops.isEmpty else { return [] }
            return [.invalid(path, .null, "required capabilities are not set on the securityContext")]
        }
        let allowed = Set(spec.allowedCapabilities ?? []).union(defaultAdds)
        if (spec.allowedCapabilities ?? []).contains("*") { return [] }
        let added = (capabilities.add ?? []).filter { !allowed.contains($0) }.map { name in
            FieldError.invalid("\(path).add", .string(name), "capability may not be added")
        }
        let drops = Set(capabilities.drop ?? [])
        let kept = requiredDrops.filter { !drops.contains($0) }.map { name in
            FieldError.invalid(
                "\(path).drop", .capabilities(capabilities.drop), "\(name) is required to be dropped but was not found")
        }
        return added + kept
    }

    private func hostPortErrors(in container: ContainerSpec, path: String) -> [FieldError] {
        let ranges = spec.hostPorts ?? []
        let allowed = ranges.map { $0.min == $0.max ? "\($0.min)" : "\($0.min)-\($0.max)" }.joined(separator: ",")
        return (container.ports ?? []).compactMap { port in
            guard let number = port.hostPort, number > 0 else { return nil }
            guard !ranges.contains(where: { $0.min <= number && number <= $0.max }) else { return nil }
            let detail = "Host port \(number) is not allowed to be used. Allowed ports: [\(allowed)]"
            return .invalid("\(path).hostPort", .int(number), detail)
        }
    }

    private func readOnlyErrors(in context: SecurityContext?, path: String) -> [FieldError] {
        guard spec.readOnlyRootFilesystem == true else { return [] }
        switch context?.readOnlyRootFilesystem {
        case nil:
            return [.invalid(path, .null, "ReadOnlyRootFilesystem may not be nil and must be set to true")]
        case false?:
            return [.invalid(path, .bool(false), "ReadOnlyRootFilesystem must be set to true")]
        case true?:
            return []
        }
    }
}
