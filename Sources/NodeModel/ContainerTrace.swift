/// What the mounts of a task tell of the container that it was made in, where no record and no cgroup does any more.
package struct ContainerTrace: Sendable, Equatable {
    package var podUID: String?
    package var sandboxID: String?
    /// The container's name in its pod.
    package var container: String?

    package init(podUID: String? = nil, sandboxID: String? = nil, container: String? = nil) {
        self.podUID = podUID
        self.sandboxID = sandboxID
        self.container = container
    }
}

extension MountTable {
    /// What the files that every container of a pod is given come from; `nil` where none of them is here.
    ///
    /// The kubelet's are `pods/<uid>/etc-hosts` and `pods/<uid>/containers/<name>/<id>` (kubernetes
    /// pkg/kubelet/kubelet_pods.go, kubelet_getters.go), containerd's `io.containerd.grpc.v1.cri/sandboxes/<id>/…`
    /// (internal/cri/server/helpers.go). Both stay in the mount table when the files are gone.
    package var traceOfContainer: ContainerTrace? {
        var trace = ContainerTrace()
        for mount in mounts where Self.givenFiles.contains(mount.mountPoint) {
            let parts = mount.root.pathComponents()
            if let pods = parts.firstIndex(of: "pods"), parts.count > pods + 2 {
                switch parts[pods + 2] {
                case "etc-hosts": trace.podUID = String(parts[pods + 1])
                case "containers" where parts.count > pods + 3:
                    trace.podUID = String(parts[pods + 1])
                    trace.container = String(parts[pods + 3])
                default: break
                }
            }
            if let sandboxes = parts.firstIndex(of: "sandboxes"), sandboxes > 0, parts.count > sandboxes + 2,
                parts[sandboxes - 1] == "io.containerd.grpc.v1.cri"
            {
                trace.sandboxID = String(parts[sandboxes + 1])
            }
        }
        return trace == ContainerTrace() ? nil : trace
    }

    private static let givenFiles: Set = [
        "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/dev/shm", "/dev/termination-log",
    ]

    /// The root is one that a container runtime put together: an overlay of its layers, or a directory that it copied
    /// them to.
    package var hasRootOfContainer: Bool {
        guard let root = mounts.last(where: { $0.mountPoint == "/" }) else { return false }
        let layers = root.fileSystemType == "overlay" ? root.superOptions : []
        return ([root.root] + layers).contains { text in
            ["/io.containerd.snapshotter.", "/docker/overlay2/", "/containers/storage/overlay/"].contains {
                text.containsBytes(of: $0)
            }
        }
    }
}

extension NodeIndex {
    /// The tasks in the files of a container that nothing of the node knows any more, and what their mounts tell.
    ///
    /// None of a service, whose root is the node's or one of its own; none of a container that ends, which is in its
    /// cgroup until then.
    package var survivors: [(task: NodeTask, trace: ContainerTrace?)] {
        /// Of the namespaces that were looked at.
        var traces: [NamespaceID: (trace: ContainerTrace?, isContainers: Bool)] = [:]
        return node.tasks.compactMap { task in
            guard task.container == nil, !task.isKernelThread, task.isExiting != true, !task.isStarting,
                let namespace = task.namespaces[.mount], hostNamespace(.mount) != nil, !isHost(.mount, namespace)
            else { return nil }
            if traces[namespace] == nil {
                let table = mountTable(namespace)
                let trace = table?.traceOfContainer
                traces[namespace] = (trace, trace != nil || table?.hasRootOfContainer == true)
            }
            return traces[namespace].flatMap { $0.isContainers ? (task, $0.trace) : nil }
        }
    }
}
