import NodeModel

extension Check {
    /// A task of a container loaded a BPF program; told by events alone, as a scan cannot see who did it.
    static let bpfProgramLoaded = Check(
        Technique(
            id: "bpf-program-loaded", title: "Loaded a BPF program", class: .action, weight: .partial,
            attack: ["T1014", "T1611"], messageID: "9b4cbec4ff1e4cb189d24918d2fa6b9e",
            reason: "a task of the container loaded a BPF program into the node's kernel",
            meaning: """
                A BPF program runs in the node's kernel: it may read what every process does, change what they read, \
                redirect their traffic, and hide. Network and security agents load theirs from a pod.
                """,
            remedy: """
                Unless the pod is such an agent, look at the programs that are loaded (bpftool prog) and at who holds \
                them; drop CAP_BPF, CAP_SYS_ADMIN and privileged.
                """),
        reads: [.bundles],
        declares: { request, _ in request.asksForBPF },
        act: { task, deed, container, index in
            guard case .called(.program) = deed, let container else { return nil }
            return Evidence(
                container: container, task: task, declaration: index.declaresBPF(container),
                detail: "\(index.name(task)) loaded a BPF program")
        }
    ) { _ in [] }
}

extension NodeIndex {
    /// Whether the container's record gives it the right to load programs (bpf(2)).
    func declaresBPF(_ container: Int) -> Declaration {
        guard let bundle = node.containers[container].bundle else { return .unknown }
        let rights = CapabilitySet.named(["BPF", "SYS_ADMIN"]).set
        return bundle.capabilities.isDisjoint(with: rights) ? .undeclared : .declaredByRuntime
    }
}

extension PodRequest {
    /// Whether the pod asks for the right to load programs.
    var asksForBPF: Bool {
        isPrivileged || !addedCapabilities.isDisjoint(with: CapabilitySet.named(["BPF", "SYS_ADMIN"]).set)
    }
}
