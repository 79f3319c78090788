import NodeModel

extension PodSecurityCheck {
    /// Containers must drop all capabilities and may add `NET_BIND_SERVICE` alone.
    ///
    /// Reads `securityContext.capabilities` of all containers; `drop` must name `ALL`.
    static let capabilitiesRestricted = PodSecurityCheck(
        id: "capabilities_restricted", level: .restricted,
        revisions: [
            Revision(since: 22, judge: withKeptCapabilities),
            Revision(since: 25, exempting: \.isWindows, judge: withKeptCapabilities),
        ], overrides: ["capabilities_baseline"])

    private static func withKeptCapabilities(_ pod: Pod) -> Forbidden? {
        let keeping = pod.containers { $0.securityContext?.capabilities?.drop?.contains("ALL") != true }
        let kept =
            keeping.isEmpty
            ? nil : "\(Wording.named("container", keeping)) must set securityContext.capabilities.drop=[\"ALL\"]"
        let details = [kept, pod.addedCapabilities(beyond: ["NET_BIND_SERVICE"])].compactMap(\.self)
        guard !details.isEmpty else { return nil }
        return Forbidden(reason: "unrestricted capabilities", detail: details.joined(separator: "; "))
    }
}
