import NodeModel

extension PodSecurityCheck {
    /// Pods must not share namespaces of the node.
    ///
    /// Reads `spec.hostNetwork`, `spec.hostPID` and `spec.hostIPC`; unset and `false` are allowed.
    static let hostNamespaces = PodSecurityCheck(
        id: "hostNamespaces", level: .baseline, revisions: [Revision(since: 0, judge: withHostNamespaces)])

    private static func withHostNamespaces(_ pod: Pod) -> Forbidden? {
        let namespaces = [
            ("hostNetwork", pod.spec.hostNetwork), ("hostPID", pod.spec.hostPID), ("hostIPC", pod.spec.hostIPC),
        ]
        let shared = namespaces.filter { $0.1 == true }.map { "\($0.0)=true" }
        guard !shared.isEmpty else { return nil }
        return Forbidden(reason: "host namespaces", detail: shared.joined(separator: ", "))
    }
}
