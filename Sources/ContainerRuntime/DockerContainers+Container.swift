import NodeModel

extension Container {
    /// A docker container; `processes` names the init process of every running one, for namespaces that are shared.
    init(_ config: DockerConfig, _ hostConfig: DockerHostConfig, processes: [String: Int32]) {
        let labels = config.config?.labels ?? [:]
        func label(_ name: String) -> String? { labels["io.kubernetes.\(name)"] }
        let type = label("docker.type")
        let isSandbox = type == "podsandbox"
        self.init(
            id: config.id, runtime: .docker,
            kind: isSandbox ? .sandbox : type == "container" ? .container : .plain,
            sandboxID: isSandbox ? config.id : label("sandbox.id"),
            name: isSandbox ? nil : label("container.name"),
            image: config.config?.image,
            pod: type == nil
                ? nil : PodIdentity(namespace: label("pod.namespace"), name: label("pod.name"), uid: label("pod.uid")),
            bundle: Bundle(config, hostConfig, processes: processes),
            initPID: config.state?.pid)
    }
}

extension Bundle {
    /// What an OCI record would say, from docker's own settings (moby daemon/oci_linux.go).
    fileprivate init(_ config: DockerConfig, _ hostConfig: DockerHostConfig, processes: [String: Int32]) {
        let isPrivileged = hostConfig.isPrivileged ?? false
        let options = hostConfig.securityOptions ?? []
        self.init(
            namespaces: Self.namespaces(hostConfig, processes: processes),
            capabilities: Self.capabilities(hostConfig, isPrivileged: isPrivileged),
            noNewPrivileges: options.contains { $0 == "no-new-privileges" || $0 == "no-new-privileges=true" },
            hasSeccomp: !isPrivileged && !options.contains { $0 == "seccomp=unconfined" || $0 == "seccomp:unconfined" },
            appArmorProfile: config.appArmorProfile.flatMap { $0.isEmpty ? nil : $0 },
            maskedPaths: hostConfig.maskedPaths ?? [],
            readonlyPaths: hostConfig.readonlyPaths ?? [],
            devices: (hostConfig.devices ?? []).compactMap { $0.path.map { BundleDevice(path: $0) } },
            allowsAllDevices: isPrivileged,
            mounts: (config.mountPoints ?? [:]).sorted { $0.key < $1.key }.map { destination, mount in
                BundleMount(
                    destination: mount.destination ?? destination, type: "bind", source: mount.source,
                    options: ["rbind", mount.isWritable == false ? "ro" : "rw"]
                        + [mount.propagation].compactMap { $0.flatMap { $0.isEmpty ? nil : $0 } })
            },
            hasReadonlyRoot: hostConfig.hasReadonlyRoot ?? false,
            uid: Self.uid(config.config?.user ?? ""),
            selinuxLabel: config.processLabel.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// The user of `user:group`, nobody meaning root; a name is one of the image's own, whose files are not read.
    private static func uid(_ user: String) -> UInt32? {
        let name = user.prefix { $0 != ":" }
        return name.isEmpty ? 0 : UInt32(name)
    }

    /// A mode of `host` leaves the kind out; `container:<id>` is that container's namespace.
    private static func namespaces(_ config: DockerHostConfig, processes: [String: Int32]) -> [BundleNamespace] {
        let modes: [(NamespaceKind, String?)] = [
            (.mount, nil), (.pid, config.pidMode), (.ipc, config.ipcMode), (.network, config.networkMode),
            // docker gives a container in the host's network its own UTS namespace; dockershim asks for the host's.
            (.uts, config.utsMode), (.cgroup, config.cgroupNamespaceMode == "private" ? nil : "host"),
        ]
        return modes.compactMap { kind, mode in
            guard let mode, mode != "" else { return BundleNamespace(kind: kind) }
            if mode == "host" { return nil }
            guard mode.hasPrefix("container:") else { return BundleNamespace(kind: kind) }
            let target = String(mode.dropFirst("container:".count))
            return BundleNamespace(
                kind: kind, path: processes[target].map { "/proc/\($0)/ns/\(kind.rawValue)" } ?? mode)
        }
    }

    private static func capabilities(_ config: DockerHostConfig, isPrivileged: Bool) -> CapabilitySet {
        if isPrivileged { return .known }
        var set = CapabilitySet.runtimeDefault
        let dropped = config.droppedCapabilities ?? []
        let added = config.addedCapabilities ?? []
        if dropped.contains(where: { $0.uppercased() == "ALL" }) { set = [] }
        if added.contains(where: { $0.uppercased() == "ALL" }) { set = .known }
        set.subtract(CapabilitySet.named(dropped).set)
        return set.union(CapabilitySet.named(added).set)
    }
}
