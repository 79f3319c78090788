package import NodeModel

/// A container with its place in the pod.
struct PlacedContainer {
    let container: ContainerSpec
    /// Such as `spec.initContainers[0]`.
    let path: String
}

extension PodSpec {
    /// The three lists of containers in the order in which the API visits them, with their field names.
    static var containerLists: [(name: String, list: WritableKeyPath<PodSpec, [ContainerSpec]?>)] {
        [
            ("initContainers", \.initContainers), ("containers", \.containers),
            ("ephemeralContainers", \.ephemeralContainers),
        ]
    }

    /// All containers in the order of `containerLists`.
    var placedContainers: [PlacedContainer] {
        Self.containerLists.flatMap { name, list in
            (self[keyPath: list] ?? []).enumerated().map { index, container in
                PlacedContainer(container: container, path: "spec.\(name)[\(index)]")
            }
        }
    }

    /// The pod's settings with those that the API itself fills in before any policy sees the pod.
    ///
    /// On the host network, a port of a container is one of the node (`SetDefaults_PodSpec`, core/v1 defaults.go).
    package func withAPIDefaults() -> PodSpec {
        guard hostNetwork == true else { return self }
        var spec = self
        for list in [\PodSpec.initContainers, \.containers] {
            spec[keyPath: list] = spec[keyPath: list]?.map { container in
                var container = container
                container.ports = container.ports?.map { port in
                    var port = port
                    if port.hostPort ?? 0 == 0 { port.hostPort = port.containerPort }
                    return port
                }
                return container
            }
        }
        return spec
    }
}

/// What holds for a container: its own word, or else the pod's (pkg/securitycontext/accessors.go).
struct EffectiveContext {
    let pod: PodSecurityContext?
    let container: SecurityContext?

    var runAsUser: Int64? { container?.runAsUser ?? pod?.runAsUser }
    var runAsGroup: Int64? { container?.runAsGroup ?? pod?.runAsGroup }
    var runAsNonRoot: Bool? { container?.runAsNonRoot ?? pod?.runAsNonRoot }
    var seLinuxOptions: SELinuxOptions? { container?.seLinuxOptions ?? pod?.seLinuxOptions }
}

extension SecurityProfile {
    /// The value of the old annotation that says the same; empty if there is none (`SeccompAnnotationForField`).
    var seccompAnnotation: String {
        switch type {
        case "Unconfined": "unconfined"
        case "RuntimeDefault": "runtime/default"
        case "Localhost": localhostProfile.map { "localhost/\($0)" } ?? ""
        default: ""
        }
    }
}

/// The names of the annotations of old pods.
enum ProfileAnnotation {
    static let seccompPod = "seccomp.security.alpha.kubernetes.io/pod"

    static func seccomp(_ container: ContainerSpec) -> String {
        "container.seccomp.security.alpha.kubernetes.io/\(container.name ?? "")"
    }

    static let appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/"

    static func appArmor(_ container: ContainerSpec) -> String { appArmorPrefix + (container.name ?? "") }

    /// The path under which errors of policies name an annotation.
    static func path(_ name: String) -> String { "pod.metadata.annotations[\(name)]" }
}
