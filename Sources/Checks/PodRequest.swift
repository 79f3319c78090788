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

    package var isPrivileged: Bool { container?.securityContext?.privileged == true }

    /// The container's own word before the pod's.
    package var seccompType: String? {
        container?.securityContext?.seccompProfile?.type ?? seccompAnnotation
            ?? pod.spec.securityContext?.seccompProfile?.type
    }

    /// Before Kubernetes 1.19 seccomp profiles stood in annotations; the API server copies them into the fields since.
    private var seccompAnnotation: String? {
        let annotations = pod.metadata.annotations ?? [:]
        let own = container?.name.flatMap { annotations["container.seccomp.security.alpha.kubernetes.io/\($0)"] }
        switch own ?? annotations["seccomp.security.alpha.kubernetes.io/pod"] {
        case "unconfined": return "Unconfined"
        case "runtime/default", "docker/default": return "RuntimeDefault"
        case .some: return "Localhost"
        case nil: return nil
        }
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

    /// The capabilities that are added; `ALL` is every one.
    package var addedCapabilities: CapabilitySet { Self.capabilities(container?.securityContext?.capabilities?.add) }

    package var droppedCapabilities: CapabilitySet { Self.capabilities(container?.securityContext?.capabilities?.drop) }

    private static func capabilities(_ names: [String]?) -> CapabilitySet {
        guard let names else { return [] }
        if names.contains(where: { $0.uppercased() == "ALL" }) { return .all }
        return CapabilitySet.named(names).set
    }

    /// Ports of the node that the pod asks for; with the node's network every port is one (pkg/apis/core/v1/defaults.go).
    package var hostPorts: [Int64] {
        guard pod.spec.hostNetwork != true else { return [] }
        let ports = container?.ports ?? []
        return ports.compactMap(\.hostPort).filter { $0 != 0 }.sorted()
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
