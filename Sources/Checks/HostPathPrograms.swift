import NodeModel

/// Single programs and libraries of the node that something mounts read-only past the record, as a hook of the runtime
/// does for a driver: one for each file, and worth little.
extension Check {
    /// The place that tells them.
    static let programPlace = "host-path-binaries"

    /// What of the node's `/usr` is mounted read-only and is not in the record, below the directories that hold every
    /// program; a mount table does not tell a file from a directory.
    static func programsApart(_ mounts: [HostPathMount]) -> (programs: [HostPathMount], others: [HostPathMount]) {
        func isProgram(_ mount: HostPathMount) -> Bool {
            let parts = PathParts(mount.path).parts
            return !mount.isWritable && mount.declaration == .undeclared && mount.submounts.isEmpty
                && parts.first == "usr" && parts.count > 2
        }
        return (mounts.filter(isProgram), mounts.filter { !isProgram($0) })
    }

    /// One finding for all of a container: by the record's word, where that has hooks, which mount what they like.
    static func evidence(ofPrograms mounts: [HostPathMount], _ container: Int, _ index: NodeIndex) -> Evidence? {
        guard let first = mounts.first else { return nil }
        let hooks = index.node.containers[container].bundle?.hooks
        let more = mounts.count > 1 ? " and \(mounts.count - 1) more" : ""
        var values: [String: EvidenceValue] = [
            "path": .text(first.path), "mountPoint": .text(first.mountPoint), "readOnly": .flag(true),
            "count": .number(Int64(mounts.count)), "reaches": .list([programPlace]),
        ]
        values["hooks"] = hooks.map { .list($0) }
        return Evidence(
            container: container, task: index.processes(of: container).first,
            declaration: hooks == nil ? .undeclared : .declaredByRuntime, weight: .minor, key: "programs",
            detail: "\(first.path) at \(first.mountPoint)\(more), read-only, not in the record"
                + (hooks?.first.map { ", which has the hook \($0)" } ?? ""),
            values: values)
    }
}

extension Evidence {
    /// What a hook may have mounted: that is the node's own setting, and no field of a pod asks for it.
    var isOfHooks: Bool { values["hooks"] != nil }
}
