import Glibc
import LinuxSystem
import NodeModel
import ProcFS

extension SnapshotBuilder {
    /// Reads the kernel's settings and tables, and looks where the programs are that the settings name.
    func readKernelState(_ node: inout Node, until deadline: Deadline) {
        guard options.parts.contains(.kernel) else { return }
        let far = Set(node.host.mounts.filter(\.mayHang).map(\.mountPoint))
        let (host, agents, sharesMemory) = (node.host, agentsOfContainers(node), node.hasContainerInHostIPC)
        let reading = BoundedWork.run(until: deadline) { [options] in
            var settings = HelperSettings(
                proc: options.proc, root: options.root, reference: host.reference?.pid,
                isInitialCgroup: host.reference?.namespaces[.cgroup] == .initialCgroup)
            settings.read()
            settings.readAgents(host.mounts)
            for (mount, pid) in agents { settings.readAgent(mount, of: pid) }
            var (state, gaps) = (KernelState(helpers: settings.found), settings.gaps)
            Self.locate(&state.helpers, root: options.root, far)
            state.packetSockets = Self.packetSockets(options, host, &gaps)
            if sharesMemory { state.sharedMemory = Self.sharedMemory(options, host, &gaps) }
            return (state, gaps)
        }
        guard let (state, gaps) = reading else {
            return node.gaps.add(.timeLimit, "the kernel's settings were not read in time", options.proc)
        }
        node.host.kernelState = state
        for gap in gaps { node.gaps.add(gap) }
        for name in hierarchiesMountedNowhere(node) {
            node.gaps.add(.kernel, "setting: the release agent of a cgroup hierarchy that is mounted nowhere", name)
        }
    }

    /// The hierarchies of cgroup version 1 that only containers have mounted, each with a process that shows it; none
    /// below a file system that may hang.
    private func agentsOfContainers(_ node: Node) -> [(mount: Mount, pid: Int32)] {
        var seen = Set(node.host.mounts.filter(\.isTopOfHierarchy).map(\.device))
        return node.mountTables.flatMap { table in
            let hanging = table.mounts.filter(\.mayHang).map { PathParts($0.mountPoint) }
            return table.mounts.filter { mount in
                let point = PathParts(mount.mountPoint)
                return mount.isTopOfHierarchy && !hanging.contains { $0.contains(point) }
                    && seen.insert(mount.device).inserted
            }.map { ($0, table.pid) }
        }
    }

    /// The hierarchies of cgroup version 1 that stay without a mount because a group is in them, by their controllers or
    /// names (cgroup_kill_sb, kernel/cgroup/cgroup.c).
    ///
    /// Who is not in the initial cgroup namespace is inside of something that may have them mounted.
    private func hierarchiesMountedNowhere(_ node: Node) -> [String] {
        guard options.parts.contains(.mounts), node.host.reference?.namespaces[.cgroup] == .initialCgroup
        else { return [] }
        let mounts = (node.host.mounts + node.mountTables.flatMap(\.mounts)).filter(\.isTopOfHierarchy)
        let mounted = Set(mounts.map(\.superOptions)).map(Set.init)
        let hierarchies = Set(node.cgroups.flatMap(\.memberships).filter { $0.hierarchy != 0 }.map(\.controllers))
        return hierarchies.filter { controllers in !mounted.contains { $0.isSuperset(of: controllers) } }
            .map { $0.joined(separator: ",") }.sorted()
    }

    /// Follows each program's links on the node.
    ///
    /// Below `/proc` the way is another one for each process.
    private static func locate(_ helpers: inout [HelperSetting], root: String, _ far: Set<String>) {
        guard let root = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY) else { return }
        for index in helpers.indices {
            do throws(SystemError) {
                helpers[index].target = try root.resolve(
                    helpers[index].program, mayLookAt: { $0 != "/proc" && !far.contains($0) })
            } catch {
                helpers[index].isMissing = error.isGone || error.errorNumber == ENOLINK
            }
        }
    }

    private static func packetSockets(_ options: SnapshotOptions, _ host: Host, _ gaps: inout [Gap]) -> [UInt64] {
        guard let reference = host.reference else { return [] }
        do {
            let reader = try ProcReader(root: options.proc)
            return try PacketSockets.parse(reader.file("net/packet", of: reference.pid, limit: tableLimit))
        } catch {
            // A kernel may be without packet sockets.
            if !error.isGone { gaps.add(.kernel, "packet sockets: \(error.reason)", "net/packet") }
            return []
        }
    }

    /// The table is that of the reader's own namespace.
    private static func sharedMemory(
        _ options: SnapshotOptions, _ host: Host, _ gaps: inout [Gap]
    ) -> [SharedMemory]? {
        let own = try? ProcReader(root: "/proc").namespaces(of: ownProcessID())[.ipc]
        guard let own, own == host.reference?.namespaces[.ipc] else {
            gaps.add(.kernel, "shared memory: the reader is not in the host's IPC namespace")
            return nil
        }
        do {
            let bytes = try BoundedFile.read(regular: "\(options.proc)/sysvipc/shm", limit: tableLimit)
            return try SharedMemoryTable.parse(bytes)
        } catch {
            if let failure = error as? BoundedFile.Failure, failure.isGone { return [] }
            let reason = (error as? BoundedFile.Failure)?.reason ?? (error as? ProcFSError)?.reason
            gaps.add(.kernel, "shared memory: \(reason ?? "unreadable")", "sysvipc/shm")
            return nil
        }
    }

    /// A line is some hundred bytes, and a namespace has 4,096 segments unless somebody asked for more (SHMMNI).
    private static let tableLimit = 1 << 20
}

extension Node {
    fileprivate var hasContainerInHostIPC: Bool { tasks.contains(where: isOfContainerInHostIPC) }

    /// Whether a task is a container's, and reaches the node's shared memory.
    func isOfContainerInHostIPC(_ task: NodeTask) -> Bool {
        guard let host = host.reference?.namespaces[.ipc] else { return false }
        return task.container != nil && task.namespaces[.ipc] == host
    }
}
