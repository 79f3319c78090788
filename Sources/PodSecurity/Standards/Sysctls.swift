import NodeModel

extension PodSecurityCheck {
    /// Kernel settings must be such that other pods do not notice.
    ///
    /// Reads `spec.securityContext.sysctls[*].name`. The list of the safe ones grew with Kubernetes' own.
    static let sysctls = PodSecurityCheck(
        id: "sysctls", level: .baseline,
        revisions: safeSysctls.indices.map { index in
            let allowed = Set(safeSysctls[...index].flatMap(\.names))
            return Revision(since: safeSysctls[index].since) { withUnsafeSysctls($0, allowed: allowed) }
        })

    /// The settings that were added to the list, and since which minor version.
    private static let safeSysctls: [(since: Int, names: [String])] = [
        (
            0,
            [
                "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
                "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
            ]
        ),
        (27, ["net.ipv4.ip_local_reserved_ports"]),
        (
            29,
            [
                "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
                "net.ipv4.tcp_keepalive_probes",
            ]
        ),
        (32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
    ]

    private static func withUnsafeSysctls(_ pod: Pod, allowed: Set<String>) -> Forbidden? {
        let names = (pod.spec.securityContext?.sysctls ?? []).map { $0.name ?? "" }.filter { !allowed.contains($0) }
        guard !names.isEmpty else { return nil }
        return Forbidden(reason: "forbidden sysctls", detail: names.joined(separator: ", "))
    }
}
