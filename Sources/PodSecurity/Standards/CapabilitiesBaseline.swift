import NodeModel

extension PodSecurityCheck {
    /// Containers must not add capabilities beyond those that runtimes give by default, nor `NET_RAW`.
    ///
    /// Reads `securityContext.capabilities.add` of all containers.
    static let capabilitiesBaseline = PodSecurityCheck(
        id: "capabilities_baseline", level: .baseline, revisions: [Revision(since: 0, judge: withAddedCapabilities)])

    private static let defaultCapabilities: Set = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    private static func withAddedCapabilities(_ pod: Pod) -> Forbidden? {
        guard let detail = pod.addedCapabilities(beyond: defaultCapabilities) else { return nil }
        return Forbidden(reason: "non-default capabilities", detail: detail)
    }
}

extension Pod {
    /// Which containers add which capabilities beyond those that are allowed, or `nil`.
    func addedCapabilities(beyond allowed: Set<String>) -> String? {
        func forbidden(_ container: ContainerSpec) -> [String] {
            (container.securityContext?.capabilities?.add ?? []).filter { !allowed.contains($0) }
        }
        let containers = containers { !forbidden($0).isEmpty }
        guard !containers.isEmpty else { return nil }
        let names = Wording.quoted(Wording.distinct(self.containers.flatMap(forbidden)))
        return "\(Wording.named("container", containers)) must not include \(names) in securityContext.capabilities.add"
    }
}
