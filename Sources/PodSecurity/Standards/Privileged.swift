import NodeModel

extension PodSecurityCheck {
    /// Containers must not be privileged, which turns most protections off.
    ///
    /// Reads `securityContext.privileged` of all containers; unset and `false` are allowed.
    static let privileged = PodSecurityCheck(
        id: "privileged", level: .baseline, revisions: [Revision(since: 0, judge: withPrivileges)])

    private static func withPrivileges(_ pod: Pod) -> Forbidden? {
        let containers = pod.containers { $0.securityContext?.privileged == true }
        guard !containers.isEmpty else { return nil }
        return Forbidden(
            reason: "privileged",
            detail: "\(Wording.named("container", containers)) must not set securityContext.privileged=true")
    }
}
