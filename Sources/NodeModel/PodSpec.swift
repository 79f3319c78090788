/// What a pod asks for (`v1.PodSpec`), as far as it bears on what the pod may share with the node.
package struct PodSpec: Sendable, Equatable, Codable {
    package var nodeName: String?
    package var hostPID: Bool?
    package var hostNetwork: Bool?
    package var hostIPC: Bool?
    /// `false` puts the pod into a user namespace of its own; unset means the node's.
    package var hostUsers: Bool?
    package var shareProcessNamespace: Bool?
    package var serviceAccountName: String?
    package var automountServiceAccountToken: Bool?
    package var runtimeClassName: String?
    package var priorityClassName: String?
    package var os: OperatingSystem?
    package var securityContext: PodSecurityContext?
    package var containers: [ContainerSpec]?
    package var initContainers: [ContainerSpec]?
    package var ephemeralContainers: [ContainerSpec]?
    package var volumes: [Volume]?

    package init() {}

    /// `v1.PodOS`.
    package struct OperatingSystem: Sendable, Equatable, Codable {
        package var name: String?

        package init() {}
    }
}

/// One container of a pod, of any of the three lists (`v1.Container`, `v1.EphemeralContainer`).
package struct ContainerSpec: Sendable, Equatable, Codable {
    package var name: String?
    package var image: String?
    package var command: [String]?
    /// `Always` on an init container makes it a sidecar, which keeps running.
    package var restartPolicy: String?
    /// The container whose PID namespace an ephemeral container joins.
    package var targetContainerName: String?
    package var securityContext: SecurityContext?
    package var resources: ResourceRequirements?
    package var ports: [ContainerPort]?
    package var volumeMounts: [VolumeMount]?
    package var volumeDevices: [VolumeDevice]?
    package var livenessProbe: NetworkHandler?
    package var readinessProbe: NetworkHandler?
    package var startupProbe: NetworkHandler?
    package var lifecycle: Lifecycle?

    package init() {}
}

/// `v1.ContainerPort`.
package struct ContainerPort: Sendable, Equatable, Codable {
    package var name: String?
    package var containerPort: Int64?
    /// 0 and unset mean none.
    package var hostPort: Int64?
    package var hostIP: String?
    package var `protocol`: String?

    package init() {}
}

/// Where a volume is mounted in a container (`v1.VolumeMount`).
package struct VolumeMount: Sendable, Equatable, Codable {
    /// The volume's name.
    package var name: String?
    package var mountPath: String?
    package var readOnly: Bool?
    /// `Disabled`, `IfPossible` or `Enabled`.
    package var recursiveReadOnly: String?
    /// `None`, `HostToContainer` or `Bidirectional`.
    package var mountPropagation: String?
    package var subPath: String?
    package var subPathExpr: String?

    package init() {}
}

/// A raw block device in a container (`v1.VolumeDevice`).
package struct VolumeDevice: Sendable, Equatable, Codable {
    package var name: String?
    package var devicePath: String?

    package init() {}
}

/// The parts of a probe (`v1.Probe`) or of a hook (`v1.LifecycleHandler`) by which the kubelet opens a connection.
package struct NetworkHandler: Sendable, Equatable, Codable {
    package var httpGet: Target?
    package var tcpSocket: Target?

    package init() {}

    package struct Target: Sendable, Equatable, Codable {
        /// Unset and empty mean the pod's own address.
        package var host: String?

        package init() {}
    }
}

/// `v1.Lifecycle`.
package struct Lifecycle: Sendable, Equatable, Codable {
    package var postStart: NetworkHandler?
    package var preStop: NetworkHandler?

    package init() {}
}
