package import NodeModel

extension NodeIndex {
    /// Every item of a container's specification against what its runtime's record and its processes show.
    ///
    /// `nil` where the API does not know the container. Items that are neither asked for nor there are left out.
    package func comparison(of container: Int) -> [ComparedItem]? {
        guard let request = request(of: container), request.container != nil else { return nil }
        let items =
            hostItems(request, container) + powerItems(request, container) + deviceItems(request, container)
            + rootItems(request, container) + volumeItems(request, container)
        return items.filter { $0.verdict != .asDeclared || $0.isTold }
    }

    private func hostItems(_ request: PodRequest, _ container: Int) -> [ComparedItem] {
        let spec = request.pod.spec
        let shares: [(ComparedItem.Field, NamespaceKind, Bool?)] = [
            (.hostPID, .pid, spec.hostPID), (.hostNetwork, .network, spec.hostNetwork), (.hostIPC, .ipc, spec.hostIPC),
        ]
        var items = shares.map { field, kind, asked in
            ComparedItem.share(field, asked: asked, given: sharesHost(kind, container))
        }
        // The kubelet targets a container only where each has a PID namespace of its own
        // (pkg/kubelet/kuberuntime/kuberuntime_container_linux.go).
        let isTargeting = request.container?.targetContainerName != nil && spec.hostPID != true
        items.append(
            .share(
                .shareProcessNamespace, asked: isTargeting ? true : spec.shareProcessNamespace,
                given: sharesPodsProcesses(container)))
        // Unset is the node's user namespace.
        let own = declaresHost(.user, container).map { !$0 }
        items.append(
            .restriction(
                .hostUsers, asked: spec.hostUsers == false ? "false" : nil, given: own.map { "\(!$0)" }, holds: own))
        return items
    }

    /// Whether any process of the container is in the host's namespace, or its record puts it there.
    func sharesHost(_ kind: NamespaceKind, _ container: Int) -> Bool? {
        let host = hostNamespace(kind)
        let seen = tasks(of: container).filter { !$0.isStarting }.compactMap { $0.namespaces[kind] }
        if let host, seen.contains(host) { return true }
        return declaresHost(kind, container) ?? (host == nil || seen.isEmpty ? nil : false)
    }

    /// Whether the record puts the container into a PID namespace that is neither its own nor the host's.
    private func sharesPodsProcesses(_ container: Int) -> Bool? {
        guard let bundle = node.containers[container].bundle else { return nil }
        return bundle.namespace(.pid)?.path == nil ? false : declaresHost(.pid, container).map { !$0 }
    }

    private func powerItems(_ request: PodRequest, _ container: Int) -> [ComparedItem] {
        let context = request.container?.securityContext
        let bundle = node.containers[container].bundle
        let items = [
            ComparedItem.share(.privileged, asked: context?.privileged, given: bundle?.isPrivileged),
            .share(
                .unmaskedProc,
                asked: request.isPrivileged ? true : context?.procMount.map { $0 == "Unmasked" },
                given: bundle?.hasOpenProc),
            .restriction(
                .allowPrivilegeEscalation, asked: context?.allowPrivilegeEscalation == false ? "false" : nil,
                given: bundle.map { "\(!$0.noNewPrivileges)" }, holds: bundle?.noNewPrivileges),
            .seccomp(request, bundle), .appArmor(request, bundle), .seLinux(request, bundle),
        ]
        return items + capabilityItems(request, bundle)
    }

    private func capabilityItems(_ request: PodRequest, _ bundle: Bundle?) -> [ComparedItem] {
        // A privileged container has every capability, and that is told once.
        guard !request.isPrivileged, bundle?.isPrivileged != true else { return [] }
        let added = request.addedCapabilities
        let dropped = request.droppedCapabilities
        guard let has = bundle?.capabilities else {
            return added.isEmpty && dropped.isEmpty
                ? [] : [ComparedItem(.capabilities, declared: "set", actual: nil, verdict: .unknown)]
        }
        let surplus = has.subtracting(.runtimeDefault).subtracting(added)
        // Of all there are, a runtime gives those that it has itself.
        let missing = request.addsAllCapabilities ? [] : added.subtracting(has)
        let kept = dropped.intersection(has)
        func item(
            _ field: ComparedItem.Field, _ set: CapabilitySet, _ verdict: ComparedItem.Verdict, actual: String? = nil
        ) -> ComparedItem? {
            guard !set.isEmpty else { return nil }
            let names = Check.summary(set.names)
            return ComparedItem(
                field, declared: verdict == .notDeclared ? nil : names, actual: actual ?? names, verdict: verdict)
        }
        return [
            item(.addedCapabilities, added.intersection(has), .asDeclared),
            item(.addedCapabilities, surplus, .notDeclared),
            item(.addedCapabilities, missing, .notInForce, actual: "none"),
            item(.droppedCapabilities, kept, .notInForce, actual: "held"),
        ].compactMap { $0 }
    }

    /// Devices that not every container has.
    private func deviceItems(_ request: PodRequest, _ container: Int) -> [ComparedItem] {
        // A privileged container has every device, and that is told once.
        guard !request.isPrivileged, let bundle = node.containers[container].bundle, !bundle.isPrivileged else {
            return []
        }
        let devices = bundle.devices.filter { !$0.isOfEveryContainer }
        let items = devices.map { device in
            let asks = request.asksForDevice(device.path)
            // What a device plugin hands out is no disk.
            let isDeclared = device.type == "b" ? asks == true : asks
            return ComparedItem(
                .device(device.path), declared: isDeclared == true ? "volumeDevices" : nil,
                actual: device.number.map { "\(device.type ?? "?") \($0)" } ?? "given",
                verdict: isDeclared.map { $0 ? .asDeclared : .notDeclared } ?? .unknown)
        }
        guard bundle.allowsAllDevices else { return items }
        return items + [ComparedItem(.device("*"), declared: nil, actual: "every device", verdict: .notDeclared)]
    }

    private func rootItems(_ request: PodRequest, _ container: Int) -> [ComparedItem] {
        let own = request.container?.securityContext
        let pods = request.pod.spec.securityContext
        let bundle = node.containers[container].bundle
        let user = own?.runAsUser ?? pods?.runAsUser
        let nonRoot = own?.runAsNonRoot ?? pods?.runAsNonRoot
        var items: [ComparedItem] = [
            .restriction(
                .runAsUser, asked: user.map { "\($0)" }, given: bundle?.uid.map { "\($0)" },
                holds: bundle?.uid.map { Int64($0) == user }),
            .restriction(
                .runAsNonRoot, asked: nonRoot == true ? "true" : nil, given: bundle?.uid.map { "uid \($0)" },
                holds: bundle?.uid.map { $0 != 0 }),
            .restriction(
                .readOnlyRootFilesystem, asked: own?.readOnlyRootFilesystem == true ? "true" : nil,
                given: bundle.map { "\($0.hasReadonlyRoot)" }, holds: bundle?.hasReadonlyRoot),
        ]
        items += portItems(request, container)
        if let name = request.pod.spec.runtimeClassName {
            // Which of the runtime's handlers a class names, only the API's class and the runtime's configuration tell.
            items.append(
                ComparedItem(.runtimeClassName, declared: name, actual: shim(of: container), verdict: .unknown))
        }
        return items + sysctlItems(request, container)
    }

    /// Ports of the node, which the runtime gives the pod's sandbox for all of its containers together.
    private func portItems(_ request: PodRequest, _ container: Int) -> [ComparedItem] {
        func text(_ ports: some Collection<Int64>) -> String? {
            ports.isEmpty ? nil : Set(ports).sorted().map(String.init).joined(separator: ", ")
        }
        let asked = text(request.hostPorts)
        guard let sandbox = sandbox(of: container), let ports = node.containers[sandbox].hostPorts else {
            return asked.map { [ComparedItem(.hostPorts, declared: $0, actual: nil, verdict: .unknown)] } ?? []
        }
        let given = Set(ports.map(Int64.init))
        let kept = Set(request.hostPorts).intersection(given)
        let isGiven = kept.count == Set(request.hostPorts).count
        var items: [ComparedItem] = []
        if let asked {
            items.append(
                ComparedItem(
                    .hostPorts, declared: asked, actual: text(kept) ?? "none",
                    verdict: isGiven ? .asDeclared : .notInForce))
        }
        // What no container asks for is told once.
        let surplus = text(given.subtracting(request.podHostPorts))
        if let surplus, request.isOfFirstContainer {
            items.append(ComparedItem(.hostPorts, declared: nil, actual: surplus, verdict: .notDeclared))
        }
        return items
    }

    /// The name of the program that the runtime left beside the container, such as `containerd-shim-runc-v2`.
    private func shim(of container: Int) -> String? {
        let program = initTask(of: container).flatMap { process($0.parent) }?.executable
        return program?.pathComponents().last.map(String.init)
    }

    /// The runtime sets kernel settings in the pod's sandbox.
    private func sysctlItems(_ request: PodRequest, _ container: Int) -> [ComparedItem] {
        let asked = (request.pod.spec.securityContext?.sysctls ?? []).compactMap { sysctl in
            sysctl.name.map { (Sysctl.normalized($0), sysctl.value ?? "") }
        }
        let given = sandbox(of: container).flatMap { node.containers[$0].bundle?.sysctls }.map { sysctls in
            Dictionary(sysctls.map { (Sysctl.normalized($0), $1) }, uniquingKeysWith: { first, _ in first })
        }
        let wanted = asked.map { name, value in
            ComparedItem.restriction(
                .sysctl(name), asked: value, given: given.map { $0[name] ?? "unset" },
                holds: given.map { $0[name] == value })
        }
        let names = Set(asked.map(\.0))
        // What nobody asks for is told once of a pod.
        let surplus = (request.isOfFirstContainer ? given ?? [:] : [:]).filter {
            !names.contains($0.key) && !Self.runtimeSysctls.contains($0.key)
        }
        return wanted
            + surplus.sorted { $0.key < $1.key }.map {
                ComparedItem(.sysctl($0.key), declared: nil, actual: $0.value, verdict: .notDeclared)
            }
    }

    /// What containerd sets for every pod (internal/cri/config, enable_unprivileged_ports and _icmp).
    static let runtimeSysctls: Set<String> = [
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range",
    ]

    private func volumeItems(_ request: PodRequest, _ container: Int) -> [ComparedItem] {
        hostPaths(of: container).map { mount in
            let declared = request.volumeMount(over: PathParts(mount.mountPoint))
            let paths = [mount.path] + mount.otherPaths
            let isAsked = request.asksForHostPath(
                paths, isWritable: mount.isWritable, isVolume: mount.volumePath != nil, at: mount.mountPoint)
            let verdict: ComparedItem.Verdict =
                switch isAsked {
                case nil: .unknown
                case false: .notDeclared
                case true: declared?.readOnly == true && mount.isWritable ? .notInForce : .asDeclared
                }
            let asked = request.hostPath(at: mount.mountPoint)
            let wanted = declared?.readOnly == true ? "read-only" : "writable"
            let actual = mount.isWritable ? "writable" : "read-only"
            guard verdict == .notDeclared else {
                return ComparedItem(.hostPath(mount.path), declared: wanted, actual: actual, verdict: verdict)
            }
            return ComparedItem(
                .hostPath(asked ?? mount.path), declared: asked.map { _ in wanted },
                actual: asked == nil ? actual : "\(actual) \(mount.path)", verdict: verdict)
        }
    }
}
