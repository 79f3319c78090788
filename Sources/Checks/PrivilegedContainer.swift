import NodeModel

extension Check {
    /// A privileged container: every device, no masked path, no seccomp filter and the capabilities of root.
    ///
    /// Reads the runtime's record. Covers what the checks of single capabilities, devices, masks and seccomp would say
    /// of the same container, so those stay silent there.
    static let privileged = Check(
        Technique(
            id: "privileged", title: "Runs privileged", class: .exposure, weight: .rootEquivalent,
            attack: ["T1611", "T1610"], messageID: "72ac93323726a628b12a3fcaf4d06a9d",
            reason: "the container is privileged",
            meaning: """
                The container has every capability and every device of the node: it can mount the node's disk, load \
                kernel modules and change kernel settings. Nothing but its own good will keeps it from being root on the \
                node.
                """,
            remedy: "Ask for the single capability, device or mount that the container needs instead of privileged."),
        reads: [.bundles], declares: { request, _ in request.isPrivileged }
    ) { index in
        index.node.containers.indices.compactMap { container in
            guard let bundle = index.node.containers[container].bundle, bundle.isPrivileged else { return nil }
            return Evidence(
                container: container, task: index.processes(of: container).first, declaration: .declaredByRuntime,
                detail: "\(bundle.capabilities.count) capabilities, no seccomp, no masked paths",
                values: [
                    "capabilities": .number(Int64(bundle.capabilities.count)), "seccomp": .flag(false),
                    "maskedPaths": .number(0), "allDevices": .flag(true),
                ])
        }
    }

    /// The containers that are not privileged, with their records; every one where none is named.
    ///
    /// No kubelet gives a sandbox capabilities, devices or mounts of the node, so where those are looked for a sandbox
    /// is a container like any other: anybody who asks the runtime can make one in another's pod.
    static func unprivileged(_ index: NodeIndex, _ containers: [Int]? = nil) -> [(container: Int, bundle: Bundle)] {
        (containers ?? Array(index.node.containers.indices)).compactMap { container in
            guard let bundle = index.node.containers[container].bundle, !bundle.isPrivileged else { return nil }
            return (container, bundle)
        }
    }
}
