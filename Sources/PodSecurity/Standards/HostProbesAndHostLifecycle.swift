import NodeModel

extension PodSecurityCheck {
    /// Probes and hooks, which the kubelet runs from the node's network, must not name an address.
    ///
    /// Reads `httpGet.host` and `tcpSocket.host` of all probes and lifecycle hooks; unset and empty are allowed.
    static let hostProbesAndHostLifecycle = PodSecurityCheck(
        id: "hostProbesAndHostLifecycle", level: .baseline, revisions: [Revision(since: 34, judge: withHandlerHosts)])

    private static func withHandlerHosts(_ pod: Pod) -> Forbidden? {
        let containers = Wording.distinct(pod.containers { !handlerHosts(of: $0).isEmpty })
        guard !containers.isEmpty else { return nil }
        let hosts = Wording.distinct(pod.containers.flatMap(handlerHosts))
        let reason = "probe or lifecycle host"
        let uses = "\(Wording.use(containers.count)) \(Wording.named(reason, hosts))"
        return Forbidden(reason: reason, detail: "\(Wording.named("container", containers)) \(uses)")
    }

    private static func handlerHosts(of container: ContainerSpec) -> [String] {
        let handlers = [
            container.livenessProbe, container.readinessProbe, container.startupProbe, container.lifecycle?.postStart,
            container.lifecycle?.preStop,
        ]
        return handlers.flatMap { [$0?.httpGet?.host, $0?.tcpSocket?.host] }.compactMap(\.self).filter { !$0.isEmpty }
    }
}
