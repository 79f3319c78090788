import NodeModel

extension Check {
    /// The kernel's settings and memory stand open in the container's /proc.
    ///
    /// Reads the masked and read-only paths of the record, and whether the mount table really covers /proc/sys where the
    /// record promises it (CVE-2025-31133 and its kin leave that state). Silent for a privileged container.
    static let unmaskedProc = Check(
        Technique(
            id: "unmasked-proc", title: "Has an unmasked /proc", class: .exposure, weight: .partial,
            attack: ["T1611"], messageID: "9bacab81daba78459862aefdbc6ff688",
            reason: "paths of /proc that runtimes hide stand open in the container",
            meaning: """
                With a writable /proc/sys root in the container sets kernel.core_pattern or kernel.modprobe, and the \
                kernel runs its program on the node as root. Masks also hide the node's memory, keys and timers.
                """,
            remedy: "Leave procMount at Default; Unmasked is meant only for pods with hostUsers: false."),
        reads: [.bundles, .mounts]
    ) { index in
        unprivileged(index, index.tenants).compactMap { container, bundle in
            let isWritable = !bundle.readonlyPaths.contains("/proc/sys")
            let isUnmasked = !bundle.maskedPaths.contains("/proc/kcore")
            let task = index.processes(of: container).first
            if isWritable || isUnmasked {
                let open = (isWritable ? ["/proc/sys"] : []) + (isUnmasked ? ["/proc/kcore"] : [])
                return Evidence(
                    container: container, task: task, declaration: .declaredByRuntime,
                    weight: isWritable && bundle.uid == 0 ? .rootEquivalent : .partial,
                    detail: "not covered: \(open.joined(separator: ", "))", values: ["open": .list(open)])
            }
            guard let table = index.ownMountTable(of: container), coversProc(table) == false else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared, weight: .rootEquivalent,
                detail: "the record promises a read-only /proc/sys and the mounts have none",
                values: ["open": .list(["/proc/sys"])])
        }
    }

    /// Whether /proc/sys is read-only, or `nil` where there is no /proc at all.
    private static func coversProc(_ table: MountTable) -> Bool? {
        guard let proc = table.mounts.last(where: { $0.mountPoint == "/proc" && $0.fileSystemType == "proc" }) else {
            return nil
        }
        // A cover of an earlier /proc stays in the table, out of reach below a later one.
        let cover = table.mounts.last { $0.mountPoint == "/proc/sys" && $0.parentID == proc.id } ?? proc
        return !cover.isWritable
    }
}
