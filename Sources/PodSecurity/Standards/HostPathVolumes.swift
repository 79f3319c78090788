import NodeModel

extension PodSecurityCheck {
    /// Pods must not mount files of the node.
    ///
    /// Reads `spec.volumes`; none may have a `hostPath`.
    static let hostPathVolumes = PodSecurityCheck(
        id: "hostPathVolumes", level: .baseline, revisions: [Revision(since: 0, judge: withHostPaths)])

    private static func withHostPaths(_ pod: Pod) -> Forbidden? {
        let volumes = (pod.spec.volumes ?? []).filter { $0.sources.contains("hostPath") }
        guard !volumes.isEmpty else { return nil }
        return Forbidden(reason: "hostPath volumes", detail: Wording.named("volume", volumes.map { $0.name ?? "" }))
    }
}
