import NodeModel

extension Check {
    /// The record of a container has a hook that is none of the drivers' own: the runtime runs it as root on the node.
    ///
    /// Reads the records, and for whose a program may be the mounts of all containers. Silent of hooks that run in the
    /// container itself, of docker's own (libnetwork-setkey), and of known ones at their places, whoever may write there.
    static let runtimeHook = Check(
        Technique(
            id: "runtime-hook", title: "Has the runtime run an unknown program", class: .residue,
            weight: .runnableResidue, attack: ["T1611", "T1543"], messageID: "c456ea88e45158e6a439568591fa80d1",
            reason: "the runtime's record of the container names a hook that is not a known one",
            meaning: """
                A hook is a program that the runtime runs on the node, as root and outside the container, when a container \
                starts or ends (OCI runtime specification, Hooks). No pod can ask for one: it comes from the node's own \
                settings, from a file put into its hook, CDI or NRI directories, or from the runtime's socket.
                """,
            remedy: """
                Find out who put it there: /etc/cdi, /var/run/cdi, /opt/nri/plugins, /etc/containers/oci/hooks.d and the \
                runtime's configuration. Compare the program with its package before anything runs it again.
                """),
        reads: [.bundles, .mounts]
    ) { index in
        index.node.containers.indices.flatMap { container in
            let hooks = Set(index.node.containers[container].bundle?.hooks ?? [])
            return hooks.sorted().compactMap { hook in
                isKnown(hook, index) ? nil : evidence(hook, container, index)
            }
        }
    }

    private static func evidence(_ hook: String, _ container: Int, _ index: NodeIndex) -> Evidence {
        let origin = origin(of: hook, index)
        return Evidence(
            container: container, task: index.processes(of: container).first, declaration: .undeclared,
            weight: origin == nil ? .inertResidue : nil, key: hook,
            detail: "\(hook): \(origin ?? "not one of the known hooks")", values: ["path": .text(hook)])
    }

    /// Why the program may be a pod's own.
    private static func origin(of hook: String, _ index: NodeIndex) -> String? {
        let path = PathParts(hook)
        if path.isInContainerRoot || isLayer(path) { return "in the file system of a container" }
        if PathParts("/var/lib/kubelet/pods").contains(path) { return "in the volume of a pod" }
        if ["/tmp", "/var/tmp", "/dev/shm"].contains(where: { PathParts($0).contains(path) }) {
            return "in a directory that everybody may write to"
        }
        for container in index.node.containers.indices {
            let mount = index.hostPaths(of: container).first { mount in
                mount.isWritable && ([mount.path] + mount.otherPaths).contains { PathParts($0).contains(path) }
            }
            guard let mount else { continue }
            let pod = index.podOfContainer[container].map { index.pods[$0].identity.displayName }
            let owner = pod ?? index.node.containers[container].id
            return "\(owner) may write to it, by its mount of \(mount.path)"
        }
        return nil
    }

    /// A directory of a snapshotter or storage driver, from which root file systems are put together.
    private static func isLayer(_ path: PathParts) -> Bool {
        path.parts.contains { $0.hasPrefix("io.containerd.snapshotter.") }
            || path.parts.indices.dropFirst().contains { index in
                path.parts[index - 1] == "docker"
                    && ["overlay2", "vfs", "btrfs", "devicemapper"].contains(path.parts[index])
            }
    }

    /// A driver's, or docker's own.
    private static func isKnown(_ hook: String, _ index: NodeIndex) -> Bool {
        isOfDriver(hook) || isDocker(PathParts(hook), index)
    }

    /// Programs of NVIDIA's container toolkit and of AWS Neuron, where their packages and the GPU operator put them
    /// (NVIDIA Container Toolkit, "Architecture Overview"; AWS Neuron, "Containers").
    static func isOfDriver(_ hook: String) -> Bool {
        let path = PathParts(hook)
        guard let name = path.parts.last, let directory = path.directory else { return false }
        let names = [
            "nvidia-container-runtime-hook", "nvidia-container-toolkit", "nvidia-ctk", "nvidia-cdi-hook",
            "oci-neuron-hook", "oci_neuron_hook", "oci-add-hooks",
        ]
        let places = [
            "/usr/bin", "/usr/local/bin", "/usr/sbin", "/usr/libexec/oci/hooks.d", "/usr/local/nvidia/toolkit",
            "/opt/aws/neuron/bin",
        ]
        return names.contains(String(name)) && places.contains { PathParts($0) == directory }
    }

    /// docker gives every container a hook that is docker's own program, by `/proc/PID/exe` (moby, libnetwork/osl).
    private static func isDocker(_ path: PathParts, _ index: NodeIndex) -> Bool {
        guard path.parts.count == 3, path.parts[0] == "proc", path.parts[2] == "exe", let pid = Int32(path.parts[1]),
            let task = index.process(pid)
        else { return false }
        return task.container == nil && task.executable.map { $0.hasSuffix("/dockerd") } ?? false
    }
}
