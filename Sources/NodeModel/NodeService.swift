/// A service of the node that listens on a Unix socket, and does for whoever reaches that what only the node's root may.
package enum NodeService: String, Sendable, Codable, CaseIterable {
    /// Starts containers of any kind, or is the shim of one.
    case containerRuntime = "container-runtime"
    /// Starts programs as root (org.freedesktop.systemd1(5)).
    case serviceManager = "service-manager"
    /// Takes whoever connects for a device plugin (k8s.io/kubelet, pkg/apis/deviceplugin).
    case kubelet

    /// Where it listens, on nodes of EKS and others.
    package var sockets: [String] {
        switch self {
        case .containerRuntime:
            [
                "/run/containerd/containerd.sock", "/run/containerd/containerd.sock.ttrpc",
                "/run/docker.sock", "/run/docker/containerd/containerd.sock", "/run/cri-dockerd.sock",
                "/run/dockershim.sock", "/run/crio/crio.sock", "/run/podman/podman.sock",
                "/run/k3s/containerd/containerd.sock", "/run/host-containerd/containerd.sock",
                // Who registers there as a plugin changes every container that is made (containerd, docs/NRI.md).
                "/run/nri/nri.sock",
            ]
        case .serviceManager: ["/run/systemd/private", "/run/dbus/system_bus_socket"]
        case .kubelet: ["/var/lib/kubelet/device-plugins/kubelet.sock"]
        }
    }

    /// Directories in which every socket is one of it: containerd's shims listen in `/run/containerd/s`
    /// (containerd, pkg/shim, SocketAddress).
    package var socketDirectories: [String] { self == .containerRuntime ? ["/run/containerd/s"] : [] }
}

/// A socket that a task holds open.
package struct HeldSocket: Sendable, Equatable, Codable {
    /// Of the descriptor.
    package var number: Int32
    package var inode: UInt64
    /// The service of the node that it is connected to; `nil` while that is not known.
    package var service: NodeService?
    /// That service's socket, on the node.
    package var path: String?

    package init(number: Int32, inode: UInt64, service: NodeService? = nil, path: String? = nil) {
        self.number = number
        self.inode = inode
        self.service = service
        self.path = path
    }
}
