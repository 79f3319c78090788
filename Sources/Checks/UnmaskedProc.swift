import NodeModel

extension Check {
    /// The kernel's settings and memory stand open in the container's /proc.
    ///
    /// Reads the masked and read-only paths of the record, and whether the mount table really covers /proc/sys where the
    /// record promises it, with no writable piece of it elsewhere (CVE-2025-31133 and CVE-2025-52565 leave that state, and
    /// whoever mounts a procfs of his own), and masks what it says is masked. Silent for a privileged container.
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
        reads: [.bundles, .mounts],
        declares: { request, _ in
            request.isPrivileged || request.container?.securityContext?.procMount == "Unmasked"
        }
    ) { index in
        let covers = Set(index.node.mountTables.flatMap { $0.mounts.map(\.mountPoint) })
        return unprivileged(index, index.tenants).compactMap { container, bundle in
            let isWritable = !bundle.readonlyPaths.contains("/proc/sys")
            let isUnmasked = !bundle.maskedPaths.contains("/proc/kcore")
            let task = index.processes(of: container).first
            // The kernel lets no root but the node's own write its settings (fs/proc/proc_sysctl.c, user_namespaces(7)).
            let isRoot = bundle.uid == 0 && bundle.namespace(.user) == nil
            if isWritable || isUnmasked {
                let open = (isWritable ? ["/proc/sys"] : []) + (isUnmasked ? ["/proc/kcore"] : [])
                return Evidence(
                    container: container, task: task, declaration: .declaredByRuntime,
                    weight: isWritable && isRoot ? .rootEquivalent : .partial,
                    detail: "not covered: \(open.joined(separator: ", "))", values: ["open": .list(open)])
            }
            let tables = index.ownMountTables(of: container)
            guard let table = tables.first else { return nil }
            let missing = missingMasks(table, bundle, covers)
            let open = openSettings(tables, container, index)
            if !missing.isEmpty, open == nil {
                return Evidence(
                    container: container, task: task, declaration: .undeclared, weight: .partial,
                    detail: "the record masks \(missing.joined(separator: ", ")) and the mounts do not",
                    values: ["open": .list(missing)])
            }
            guard let open else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared,
                weight: isRoot ? .rootEquivalent : .partial, detail: open.detail, values: ["open": .list(open.paths)])
        }
    }

    /// The masked paths of the record that no mount covers (CVE-2025-31133 leaves that state, too), of those that this
    /// kernel has: runtimes leave out a path that is not there, and another container's mount shows that it is.
    private static func missingMasks(_ table: MountTable, _ bundle: Bundle, _ covers: Set<String>) -> [String] {
        let points = Set(table.mounts.map(\.mountPoint))
        return bundle.maskedPaths.filter { path in
            let top = path.hasPrefix("/proc/") ? "/proc" : path.hasPrefix("/sys/") ? "/sys" : ""
            return points.contains(top) && covers.contains(path) && !points.contains(path)
        }.sorted()
    }

    /// The kernel's settings that stand writable although the record promises otherwise; away from their place in any
    /// mount namespace that a task of the container made.
    private static func openSettings(
        _ tables: [MountTable], _ container: Int, _ index: NodeIndex
    ) -> (paths: [String], detail: String)? {
        if tables.first.flatMap(coversProc) == false {
            return (["/proc/sys"], "the record promises a read-only /proc/sys and the mounts have none")
        }
        let found = tables.lazy.map { table in table.mounts.compactMap { straySetting($0, table, container, index) } }
        guard let strays = found.first(where: { !$0.isEmpty }) else { return nil }
        let more = strays.count > 1 ? " and \(strays.count - 1) more" : ""
        return (strays.prefix(5).map(\.point), "/proc\(strays[0].root) is writable at \(strays[0].point)\(more)")
    }

    /// Where a mount shows a writable piece of /proc/sys, or the system request trigger, away from its place and from every
    /// volume that shows the node's.
    private static func straySetting(
        _ mount: Mount, _ table: MountTable, _ container: Int, _ index: NodeIndex
    ) -> (root: String, point: String)? {
        guard mount.fileSystemType == "proc", mount.isWritable, !["/proc", "/proc/sys"].contains(mount.mountPoint)
        else { return nil }
        if isOfVolume(mount, container, index) { return nil }
        if mount.root == "/" {
            let point = mount.mountPoint + "/sys"
            let isCovered = table.mounts.contains { $0.parentID == mount.id && $0.mountPoint == point }
            return isCovered ? nil : ("/sys", point)
        }
        let isSetting = ["/sys", "/sysrq-trigger"].contains { PathParts($0).contains(PathParts(mount.root)) }
        return isSetting ? (mount.root, mount.mountPoint) : nil
    }

    /// Came along with a volume: a procfs of the node's, or the one of a container's root below the directory that the
    /// runtime mounts roots in, such as its own.
    private static func isOfVolume(_ mount: Mount, _ container: Int, _ index: NodeIndex) -> Bool {
        let place = PathParts(mount.mountPoint)
        if index.hostMountsOfDevice[mount.device] != nil {
            return index.node.containers[container].bundle?.mounts.contains {
                $0.isBind && PathParts($0.destination).contains(place)
            } ?? false
        }
        return index.hostPaths(of: container).contains { volume in
            let top = PathParts(volume.mountPoint)
            guard top.contains(place) else { return false }
            let below = place.parts.dropFirst(top.parts.count).joined(separator: "/")
            let path = PathParts("\(volume.path)/\(below)")
            return index.node.host.mounts.contains {
                let point = PathParts($0.mountPoint)
                return point.isInContainerRoot && point.contains(path)
            }
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
