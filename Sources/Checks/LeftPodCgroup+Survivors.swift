import NodeModel

extension Check {
    /// Tasks that have outlived their container: they left its cgroup before it was removed, and have its mounts still.
    ///
    /// Told once for each container. Without the files that a pod's container is given there is only a gap of the node.
    static func evidenceOfSurvivors(_ index: NodeIndex) -> [Evidence] {
        // The record may be one of those that were not read.
        if index.node.lacksRecords == true { return [] }
        var seen: Set<String> = []
        return index.survivors.compactMap { task, trace in
            guard let trace, let position = task.cgroup else { return nil }
            let key = [trace.podUID, trace.sandboxID, trace.container].map { $0 ?? "" }.joined(separator: "/")
            guard seen.insert(key).inserted else { return nil }
            let pod = index.pod(of: trace)
            let lines = index.node.cgroups[position].memberships
            let line = lines.mostTelling
            var values: [String: EvidenceValue] = [
                "hierarchies": .list(lines.map(\.name)), "cgroup": .text(line?.path ?? "/"),
                "attribution": .text("mounts"),
                "parents": .list(index.ancestors(of: task).prefix(8).map { "\($0.pid) \($0.comm)" }),
            ]
            values["podUID"] = trace.podUID.map { .text($0) }
            values["sandboxID"] = trace.sandboxID.map { .text($0) }
            values["containerName"] = trace.container.map { .text($0) }
            let known = [
                trace.container, pod.map { "pod \($0.name == nil ? $0.uid ?? "?" : $0.displayName)" },
                trace.sandboxID.map { "sandbox \($0.prefix(13))" },
            ].compactMap { $0 }
            return Evidence(
                pod: pod, task: task, declaration: .undeclared, key: key,
                detail: "\(index.name(task)) has the mounts of a container that is gone "
                    + "(\(known.joined(separator: ", "))), and is in cgroup \(line?.path ?? "/")",
                values: values)
        }
    }
}

extension NodeIndex {
    /// Whose the container was: a pod that is still there, one that has its logs still, or one known by its uid.
    fileprivate func pod(of trace: ContainerTrace) -> PodIdentity? {
        let sandbox = trace.sandboxID.flatMap { container($0) }.flatMap { podOfContainer[$0] }.map { pods[$0].identity }
        guard let uid = trace.podUID else { return sandbox }
        return pods.first { $0.identity.uid == uid }?.identity
            ?? node.podLogs.compactMap(\.pod).first { $0.uid == uid } ?? PodIdentity(uid: uid)
    }
}
