package import NodeModel

/// What the API says was asked for, for one container: its pod, and its own part of the specification.
package struct PodRequest: Sendable, Equatable {
    package var pod: Pod
    /// `nil` for a sandbox, which only the pod's own fields concern.
    package var container: ContainerSpec?
    /// Where the paths that pods ask for lead on the node, as far as that is known.
    package var pathTargets: [String: String]?

    package init(pod: Pod, container: ContainerSpec?, pathTargets: [String: String]? = nil) {
        self.pod = pod
        self.container = container
        self.pathTargets = pathTargets
    }

    /// The container is the first that its pod asks for: what holds for the pod as a whole is told of it.
    package var isOfFirstContainer: Bool { container != nil && pod.spec.containers?.first?.name == container?.name }

    package var isPrivileged: Bool { container?.securityContext?.privileged == true }

    /// The container's own word before the pod's.
    ///
    /// The annotations of Kubernetes before 1.19 do not count: API servers up to 1.26 copied them into the fields, and
    /// from 1.27 on nothing reads them (CHANGELOG-1.27).
    package var seccompType: String? {
        container?.securityContext?.seccompProfile?.type ?? pod.spec.securityContext?.seccompProfile?.type
    }

    /// The container's own word before the annotation of Kubernetes before 1.30 and the pod's.
    package var appArmorProfile: SecurityProfile? {
        if let own = container?.securityContext?.appArmorProfile { return own }
        let annotation = container?.name.flatMap {
            pod.metadata.annotations?["container.apparmor.security.beta.kubernetes.io/\($0)"]
        }
        guard let annotation else { return pod.spec.securityContext?.appArmorProfile }
        var profile = SecurityProfile()
        switch annotation {
        case "unconfined": profile.type = "Unconfined"
        case "runtime/default": profile.type = "RuntimeDefault"
        default:
            profile.type = "Localhost"
            profile.localhostProfile = String(annotation.trimmingPrefix("localhost/"))
        }
        return profile
    }

    /// The container's own word before the pod's.
    package var seLinuxOptions: SELinuxOptions? {
        container?.securityContext?.seLinuxOptions ?? pod.spec.securityContext?.seLinuxOptions
    }

    /// The capabilities that are added and not dropped again.
    ///
    /// Runtimes take `ALL` of either list first, dropping before adding nothing of it, and then the single names, the
    /// dropped ones last (containerd internal/cri/server/container_create_linux.go).
    package var addedCapabilities: CapabilitySet {
        let base: CapabilitySet = addsAllCapabilities ? .all : []
        return base.union(Self.named(capabilities?.add)).subtracting(Self.named(capabilities?.drop))
    }

    /// `ALL` is added: every capability that the runtime itself has.
    package var addsAllCapabilities: Bool { Self.hasAll(capabilities?.add) && !Self.hasAll(capabilities?.drop) }

    /// The capabilities that are dropped and not added again.
    package var droppedCapabilities: CapabilitySet {
        Self.hasAll(capabilities?.drop)
            ? CapabilitySet.all.subtracting(addedCapabilities) : Self.named(capabilities?.drop)
    }

    private var capabilities: SecurityContext.Capabilities? { container?.securityContext?.capabilities }

    private static func hasAll(_ names: [String]?) -> Bool { names?.contains { $0.uppercased() == "ALL" } ?? false }

    private static func named(_ names: [String]?) -> CapabilitySet { CapabilitySet.named(names ?? []).set }

    /// Ports of the node that the container asks for; with the node's network every port is one
    /// (pkg/apis/core/v1/defaults.go).
    package var hostPorts: [Int64] { hostPorts(of: container.map { [$0] } ?? []) }

    /// Those that any container of the pod asks for.
    package var podHostPorts: [Int64] { hostPorts(of: pod.allContainers.map(\.specification)) }

    private func hostPorts(of containers: [ContainerSpec]) -> [Int64] {
        guard pod.spec.hostNetwork != true else { return [] }
        return containers.flatMap { $0.ports ?? [] }.compactMap(\.hostPort).filter { $0 != 0 }.sorted()
    }

    /// Whether the pod asks for a device.
    ///
    /// `nil` where a device plugin may have added it.
    package func asksForDevice(_ path: String) -> Bool? {
        if isPrivileged || (container?.volumeDevices ?? []).contains(where: { $0.devicePath == path }) { return true }
        return container?.resources?.hasExtendedResource == true ? nil : false
    }
}

extension NodeIndex {
    /// What the API says was asked for, where it knows the container.
    package func request(of container: Int) -> PodRequest? {
        guard let api = node.apiPods else { return nil }
        switch matching.matches[container] {
        case .sandbox(let pod): return PodRequest(pod: api.pods[pod], container: nil)
        case .container(let pod, let found):
            return found.specification.map {
                PodRequest(pod: api.pods[pod], container: $0, pathTargets: node.host.pathTargets)
            }
        case .unknown, .noPod, .unknownContainer, .podGone: return nil
        }
    }
}
