/// One container of the node: what the runtime recorded of it and whose it is.
package struct Container: Sendable, Equatable, Codable {
    package var id: String
    package var runtime: Runtime
    /// The containerd namespace, `k8s.io` for the kubelet's containers; `nil` for other runtimes.
    package var runtimeNamespace: String?
    package var kind: Kind
    /// The pod sandbox it belongs to by its annotations; a sandbox names itself.
    package var sandboxID: String?
    /// The container's name in its pod; `nil` for a sandbox.
    package var name: String?
    package var image: String?
    package var pod: PodIdentity?
    /// `nil` when the runtime's record is missing or could not be read.
    package var bundle: Bundle?
    /// When the runtime's record was written, before any of the container's own code ran, in nanoseconds since 1970-01-01
    /// UTC; `nil` where nothing tells.
    package var recordedAt: Int64?
    /// The process that the runtime started for the container, in the PID namespace of the reader.
    package var initPID: Int32?
    /// `runc create` has run and `runc start` has not: none of the container's own code has run yet.
    package var isCreated: Bool
    /// The ports of the node that lead into a sandbox, in ascending order; `nil` where nothing tells.
    package var hostPorts: [UInt16]?
    /// Where the kubelet keeps the logs of a sandbox's pod, as the sandbox's record says.
    package var logDirectory: String?
    /// The device of the container's root file system in the node's own mount table.
    package var rootDevice: DeviceNumber?
    /// Containers around this one, outermost first: the node of a nested cluster.
    package var outerContainerIDs: [String]

    /// The runtime whose record or cgroup name the container was found by.
    package enum Runtime: String, Sendable, Codable {
        case containerd, docker, crio = "cri-o", unknown
    }

    /// What the runtime's record says the container is.
    package enum Kind: String, Sendable, Codable {
        case sandbox
        case container
        /// A record without any pod annotation: not made by a kubelet.
        case plain
        /// No record.
        case unknown
    }

    package init(
        id: String, runtime: Runtime = .unknown, runtimeNamespace: String? = nil, kind: Kind = .unknown,
        sandboxID: String? = nil, name: String? = nil, image: String? = nil, pod: PodIdentity? = nil,
        bundle: Bundle? = nil, initPID: Int32? = nil, isCreated: Bool = false, rootDevice: DeviceNumber? = nil,
        outerContainerIDs: [String] = []
    ) {
        self.id = id
        self.runtime = runtime
        self.runtimeNamespace = runtimeNamespace
        self.kind = kind
        self.sandboxID = sandboxID
        self.name = name
        self.image = image
        self.pod = pod
        self.bundle = bundle
        self.initPID = initPID
        self.isCreated = isCreated
        hostPorts = nil
        logDirectory = nil
        self.rootDevice = rootDevice
        self.outerContainerIDs = outerContainerIDs
    }

    /// A container of which nothing but its cgroup is known.
    package init(_ place: ContainerPlace, runtime: Runtime = .unknown) {
        self.init(
            id: place.containerID, runtime: runtime, pod: place.podUID.map { PodIdentity(uid: $0) },
            outerContainerIDs: place.outerContainerIDs)
    }
}

/// Which pod something belongs to; the names are unknown where only a cgroup path or an old log directory told.
package struct PodIdentity: Sendable, Hashable, Codable {
    package var namespace: String?
    package var name: String?
    /// The uid in the node's own records: for a static pod the kubelet's 32-digit hash, not the API object's uid.
    package var uid: String?

    package init(namespace: String? = nil, name: String? = nil, uid: String? = nil) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    /// `namespace/name`, or what is known of it.
    package var displayName: String {
        if let name { return "\(namespace ?? "?")/\(name)" }
        return uid.map { "pod \($0)" } ?? "?"
    }
}

/// Whether what a container shares was asked for.
package enum Declaration: String, Sendable, Codable, CaseIterable {
    /// The pod's specification in the Kubernetes API asks for it.
    case declared
    /// The OCI bundle asks for it; the API was not asked.
    case declaredByRuntime = "declared-by-runtime"
    /// Nothing asked for it, or nothing can ask for it.
    case undeclared
    /// There is no record to tell.
    case unknown
}
