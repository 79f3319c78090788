import NodeModel

extension PodSecurityCheck {
    /// Containers must not take ports of the node.
    ///
    /// Reads `ports[*].hostPort` of all containers; unset and 0 are allowed.
    static let hostPorts = PodSecurityCheck(
        id: "hostPorts", level: .baseline, revisions: [Revision(since: 0, judge: withHostPorts)])

    private static func withHostPorts(_ pod: Pod) -> Forbidden? {
        func hostPorts(of container: ContainerSpec) -> [String] {
            (container.ports ?? []).compactMap(\.hostPort).filter { $0 != 0 }.map(String.init)
        }
        let containers = pod.containers { !hostPorts(of: $0).isEmpty }
        guard !containers.isEmpty else { return nil }
        // Sorted as texts, not as numbers.
        let ports = Wording.distinct(pod.containers.flatMap(hostPorts))
        let uses = "\(Wording.use(containers.count)) \(Wording.counted("hostPort", ports.count))"
        return Forbidden(
            reason: "hostPort",
            detail: "\(Wording.named("container", containers)) \(uses) \(ports.joined(separator: ", "))")
    }
}
