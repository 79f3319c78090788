import NodeModel

extension PodSecurityCheck {
    /// Containers must say that their processes gain no privileges by executing a set-user-ID file.
    ///
    /// Reads `securityContext.allowPrivilegeEscalation` of all containers; only `false` is allowed.
    static let allowPrivilegeEscalation = PodSecurityCheck(
        id: "allowPrivilegeEscalation", level: .restricted,
        revisions: [
            Revision(since: 8, judge: withPrivilegeEscalation),
            Revision(since: 25, exempting: \.isWindows, judge: withPrivilegeEscalation),
        ])

    private static func withPrivilegeEscalation(_ pod: Pod) -> Forbidden? {
        let containers = pod.containers { $0.securityContext?.allowPrivilegeEscalation != false }
        guard !containers.isEmpty else { return nil }
        return Forbidden(
            reason: "allowPrivilegeEscalation != false",
            detail: "\(Wording.named("container", containers)) must set securityContext.allowPrivilegeEscalation=false")
    }
}
