import NodeModel

extension Check {
    /// A container was given a capability that is dangerous to the node, beyond what runtimes give by default.
    ///
    /// Reads the runtime's record; one finding a capability. Silent for a privileged container, which has all of them.
    static let addedCapability = Check(
        Technique(
            id: "added-capability", title: "Was given a dangerous capability", class: .exposure, weight: .partial,
            attack: ["T1611", "T1548"], messageID: "21f6ccd51b5e170702da66891737d0b0",
            reason: "the container was given a dangerous capability",
            meaning: """
                A capability is a part of root's power. Some of them are worth all of it: with CAP_SYS_ADMIN a process \
                mounts the node's disk, with CAP_SYS_MODULE it loads code into the kernel, with CAP_DAC_READ_SEARCH it \
                opens any file of the node by its handle.
                """,
            remedy: "Remove it from securityContext.capabilities.add; drop ALL and add back what the program needs."),
        reads: [.bundles],
        declares: { request, evidence in
            let asked: CapabilitySet = request.isPrivileged ? .all : request.addedCapabilities
            return asked.isSuperset(of: CapabilitySet.named([evidence.key]).set)
        }
    ) { index in
        unprivileged(index).flatMap { container, bundle in
            let added = bundle.capabilities.subtracting(.runtimeDefault)
            return dangerousCapabilities.filter { added.isSuperset(of: CapabilitySet.named([$0.name]).set) }.map {
                entry in
                Evidence(
                    container: container, task: index.processes(of: container).first, declaration: .declaredByRuntime,
                    weight: weight(of: entry, container, index), key: entry.name,
                    detail: "CAP_\(entry.name): \(entry.power)",
                    values: ["capability": .text("CAP_\(entry.name)")])
            }
        }
    }

    /// The right to trace is worth as much as what there is to trace.
    private static func weight(
        of entry: (name: String, weight: Weight, power: String), _ container: Int, _ index: NodeIndex
    ) -> Weight {
        entry.name == "SYS_PTRACE" && index.declaresHost(.pid, container) == true ? .rootEquivalent : entry.weight
    }

    /// What each capability lets a process do to the node (capabilities(7)).
    private static let dangerousCapabilities: [(name: String, weight: Weight, power: String)] = [
        ("SYS_ADMIN", .rootEquivalent, "mounts file systems and enters namespaces"),
        ("SYS_MODULE", .rootEquivalent, "loads kernel modules"),
        ("SYS_RAWIO", .rootEquivalent, "reads and writes memory and ports of the machine"),
        ("DAC_READ_SEARCH", .rootEquivalent, "opens any file of a mounted file system by its handle"),
        ("SYS_PTRACE", .partial, "takes over any process it can see"),
        ("BPF", .partial, "loads BPF programs into the kernel"),
        ("PERFMON", .partial, "watches the whole machine through perf and BPF"),
        ("NET_ADMIN", .partial, "changes interfaces, routes and firewall rules of its network"),
        ("SYS_BOOT", .partial, "restarts the machine or loads another kernel"),
        ("SYS_TIME", .partial, "sets the node's clock"),
        ("MAC_ADMIN", .partial, "changes the mandatory access control policy"),
        ("MAC_OVERRIDE", .partial, "overrides mandatory access control"),
        ("CHECKPOINT_RESTORE", .partial, "opens the files behind any process's mappings"),
        ("SYS_RESOURCE", .minor, "overrides the node's resource limits"),
        ("SYS_NICE", .minor, "changes the priority of other processes"),
        ("SYSLOG", .minor, "reads kernel messages and addresses"),
        ("AUDIT_CONTROL", .minor, "changes the kernel's audit rules"),
        ("LINUX_IMMUTABLE", .minor, "makes files immutable"),
        ("IPC_OWNER", .minor, "opens any System V IPC object it can see"),
    ]
}
