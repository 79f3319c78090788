import NodeModel

extension Check {
    /// A container holds programs of BPF, or maps or links of such.
    ///
    /// What is held is in use, whoever loaded it: a program that only its attachment or a file in /sys/fs/bpf keeps is not
    /// seen. Reads the open files of every container's first process and of tasks with rights over others.
    static let holdsBPFProgram = held(
        Technique(
            id: "holds-bpf-program", title: "Holds BPF programs", class: .exposure, weight: .partial,
            attack: ["T1014", "T1611"], messageID: "ee73270eeab2c470f621038074751033",
            reason: "a task of the container holds programs or maps of BPF in the node's kernel",
            meaning: """
                A BPF program runs in the node's kernel: it may read what every process does, change what they read, \
                redirect their traffic, and hide. Network and security agents hold theirs from a pod.
                """,
            remedy: """
                Unless the pod is such an agent, look at the programs that are loaded (bpftool prog), and drop CAP_BPF, \
                CAP_SYS_ADMIN and privileged.
                """),
        reads: [.bundles], declares: { request, _ in request.asksForBPF },
        declaration: { container, index in index.declaresBPF(container) }
    ) { _, files, _, _ in
        var held: [String: Int] = [:]
        for (_, name) in files.objects(of: \.nameOfBPF) { held[name, default: 0] += 1 }
        guard !held.isEmpty, let first = files.objects(of: \.nameOfBPF).first else { return [] }
        let counts = held.sorted { $0.key < $1.key }.map { "\($1) of \($0)" }.joined(separator: ", ")
        // Who may load no program may make maps all the same, unless the node forbids it (unprivileged_bpf_disabled).
        let isMapsAlone = held.keys.allSatisfy { $0 == "maps" }
        return [Holding("", "descriptor \(first.number)", "one of BPF (\(counts))", weight: isMapsAlone ? .minor : nil)]
    }

    /// A container in the host's network holds a packet socket there, which gets the frames of every interface.
    ///
    /// Reads the open files of the container's first process, of tasks that may make such sockets, and of those with
    /// rights over others. A container that is in the network of its pod hears its pod alone.
    static let holdsPacketSocket = held(
        Technique(
            id: "holds-packet-socket", title: "Listens on the node's interfaces", class: .exposure, weight: .minor,
            attack: ["T1040"], messageID: "9f17da6d09140c3686e05508386f5b59",
            reason: "a task of the container holds a packet socket in the host's network namespace",
            meaning: """
                A packet socket receives what the node and all its pods send and receive, and sends frames under any address. \
                With hostNetwork every pod may have one, as CAP_NET_RAW is among the default capabilities.
                """,
            remedy: "Drop CAP_NET_RAW in every hostNetwork pod that does not capture packets, or take hostNetwork away."
        ),
        reads: [.bundles, .kernel], declares: { request, _ in request.pod.spec.hostNetwork == true },
        declaration: { container, index in
            index.declaresHost(.network, container).map { $0 ? .declaredByRuntime : .undeclared } ?? .unknown
        }
    ) { _, files, _, _ in
        let sockets = files.objects(of: { if case .packetSocket(let inode) = $0 { inode } else { nil } })
        guard let first = sockets.first else { return [] }
        return [Holding("", "descriptor \(first.number)", "a packet socket on the node's interfaces")]
    }
}

extension HeldObject {
    /// What of BPF it is, for people.
    fileprivate var nameOfBPF: String? {
        switch self {
        case .program: "programs"
        case .map: "maps"
        case .link: "links"
        case .process, .namespace, .packetSocket: nil
        }
    }
}
