package import NodeModel

extension NodeIndex {
    /// A pod of the node written as a specification that would give it what its runtime's records and processes show.
    ///
    /// `nil` where a container has no record. What nothing on the node shows (volumes that are no host paths, whether a
    /// missing seccomp filter was asked for) is left unset; of an SELinux label the type counts, since the runtime sets
    /// user and role for all.
    package func actualPod(_ view: PodView) -> Pod? {
        // A second sandbox is one that somebody made like a container.
        let members = view.containers.filter { node.containers[$0].kind != .plain } + view.secondSandboxes
        guard !members.isEmpty, members.allSatisfy({ node.containers[$0].bundle != nil }) else { return nil }
        let all = members + [view.sandbox].compactMap { $0 }
        var pod = Pod()
        pod.metadata.namespace = view.identity.namespace
        pod.metadata.name = view.identity.name
        pod.metadata.uid = view.identity.uid
        pod.spec.hostPID = all.contains { sharesHost(.pid, $0) == true }
        pod.spec.hostIPC = all.contains { sharesHost(.ipc, $0) == true }
        pod.spec.hostNetwork = all.contains { sharesHost(.network, $0) == true }
        pod.spec.hostUsers = members.allSatisfy { declaresHost(.user, $0) == false } ? false : nil
        pod.spec.securityContext = actualSysctls(view)
        var paths: [String] = []
        pod.spec.containers = members.compactMap { member in
            paths += hostPaths(of: member).map(\.path)
            return node.containers[member].bundle.map { specification(node.containers[member], $0) }
        }
        if !(pod.spec.containers ?? []).isEmpty, pod.spec.hostNetwork != true {
            pod.spec.containers?[0].ports = actualPorts(view)
        }
        pod.spec.volumes = Array(Set(paths)).sorted().map { path in
            var volume = Volume(name: path, sources: ["hostPath"])
            volume.hostPath = Volume.HostPath()
            volume.hostPath?.path = path
            return volume
        }
        return pod
    }

    /// The ports of the node, which the runtime gives the sandbox.
    private func actualPorts(_ view: PodView) -> [ContainerPort]? {
        view.sandbox.flatMap { node.containers[$0].hostPorts }?.map { number in
            var port = ContainerPort()
            port.hostPort = Int64(number)
            return port
        }
    }

    private func actualSysctls(_ view: PodView) -> PodSecurityContext? {
        let given = view.sandbox.flatMap { node.containers[$0].bundle?.sysctls } ?? [:]
        let asked = given.filter { !Self.runtimeSysctls.contains($0.key) }.sorted { $0.key < $1.key }
        guard !asked.isEmpty else { return nil }
        var context = PodSecurityContext()
        context.sysctls = asked.map { name, value in
            var sysctl = Sysctl()
            sysctl.name = name
            sysctl.value = value
            return sysctl
        }
        return context
    }

    private func specification(_ container: Container, _ bundle: Bundle) -> ContainerSpec {
        var specification = ContainerSpec()
        specification.name = container.name ?? String(container.id.prefix(13))
        specification.image = container.image
        var context = SecurityContext()
        context.privileged = bundle.isPrivileged
        context.allowPrivilegeEscalation = !bundle.noNewPrivileges
        context.readOnlyRootFilesystem = bundle.hasReadonlyRoot
        context.runAsUser = bundle.uid.map(Int64.init)
        context.runAsNonRoot = bundle.uid.map { $0 != 0 }
        context.procMount = bundle.hasOpenProc && !bundle.isPrivileged ? "Unmasked" : nil
        if bundle.hasSeccomp || bundle.openSeccomp != nil {
            context.seccompProfile = SecurityProfile()
            context.seccompProfile?.type = bundle.hasSeccomp ? "RuntimeDefault" : "Localhost"
        }
        if let label = bundle.selinuxLabel?.split(separator: ":", omittingEmptySubsequences: false), label.count > 3 {
            context.seLinuxOptions = SELinuxOptions()
            context.seLinuxOptions?.type = String(label[2])
        }
        context.capabilities = capabilities(bundle.capabilities)
        specification.securityContext = context
        return specification
    }

    /// What is added to the runtime's default, and `ALL` dropped where no more is left than may be added back.
    private func capabilities(_ held: CapabilitySet) -> SecurityContext.Capabilities {
        var capabilities = SecurityContext.Capabilities()
        let bind = CapabilitySet.named(["NET_BIND_SERVICE"]).set
        if bind.isSuperset(of: held) {
            capabilities.drop = ["ALL"]
            capabilities.add = held.isEmpty ? nil : ["NET_BIND_SERVICE"]
        } else {
            let added = held.subtracting(.runtimeDefault).names.map { String($0.dropFirst(4)) }
            capabilities.add = added.isEmpty ? nil : added
        }
        return capabilities
    }
}
