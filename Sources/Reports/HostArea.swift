import Checks

/// A part of the node's state that a pod can share, take or leave changed: a column of the matrix.
enum HostArea: String, Sendable, CaseIterable {
    case processes = "Processes"
    case network = "Network"
    case namespaces = "Other namespaces"
    case tree = "File tree"
    case hostPaths = "Host paths"
    case devices = "Devices"
    case sockets = "Sockets"
    case privileges = "Privileges"
    case kernel = "Kernel, cgroups"
    case files = "Files left"
    case identity = "Identity"

    /// The area of a technique; what none of the others names is about who the container is.
    init(of technique: Technique) {
        self = Self.allCases.first { $0.patterns.contains { $0.matches(technique.id) } } ?? .identity
    }

    /// The ids of its techniques.
    var patterns: [NamePattern] {
        let texts =
            switch self {
            case .processes:
                [
                    "*-host-pid-namespace", "host-pid-namespace", "shared-process-namespace", "holds-host-process",
                    "holds-process-memory", "foreign-*", "node-process-signalled",
                ]
            case .network: ["*-host-network-namespace", "host-network-namespace", "holds-packet-socket"]
            case .namespaces:
                [
                    "*-host-ipc-namespace", "host-ipc-namespace", "*-host-uts-namespace", "host-uts-namespace",
                    "host-user-namespace", "shared-memory-reached", "holds-host-namespace", "entered-foreign-namespace",
                    "first-process-in-host-namespace",
                ]
            case .tree:
                [
                    "entered-host-mount-namespace", "root-*", "working-directory-in-host-tree",
                    "leaked-working-directory", "runs-host-program", "holds-host-file", "file-handle-opened",
                ]
            case .hostPaths: ["host-path-*"]
            case .devices: ["host-device", "holds-host-disk", "holds-kernel-memory", "node-disk-mounted"]
            case .sockets:
                [
                    "abstract-shim-socket", "holds-runtime-socket", "holds-kubelet-socket",
                    "holds-service-manager-socket",
                ]
            case .privileges:
                [
                    "privileged", "added-capability", "capabilities-beyond-bundle", "confinement-not-in-force",
                    "seccomp-unconfined", "undeclared-setting", "unmasked-proc",
                ]
            case .kernel:
                [
                    "kernel-*", "*-bpf-program", "bpf-*", "*-host-cgroup-namespace", "host-cgroup-namespace",
                    "*-pod-cgroup", "events-silenced",
                ]
            case .files: ["node-file-*", "node-files-*", "log-*"]
            case .identity:
                [
                    "container-unknown-to-api", "pod-unknown-to-api", "container-without-log", "orphan-container",
                    "node-debug-pod", "runtime-hook",
                ]
            }
        return texts.map(NamePattern.init)
    }
}
