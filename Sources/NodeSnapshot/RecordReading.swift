import ContainerRuntime
import LinuxSystem
import NodeFiles
import NodeModel
import PodLogs
import ProcFS

/// The parts of a node that stand in files: they are read on threads of their own, since a look at a dead mount hangs.
enum RecordReading {
    /// The containers of every runtime that keeps records here.
    ///
    /// - Parameter hasPorts: the ports of the node that lead into them as well, which are compared with what the API says.
    static func containers(
        _ options: SnapshotOptions, hasPorts: Bool, until deadline: Deadline
    ) -> RuntimeReading {
        guard options.parts.contains(.bundles) else { return RuntimeReading() }
        let tasks = ContainerdTasks(root: options.root, slices: options.slices, known: options.knownRecords)
        var reading = tasks.read(until: deadline)
        // A pod may be able to make docker's records long: they cost none of containerd's.
        DockerLabels(root: options.root, slices: options.slices).fill(&reading, until: deadline.half)
        if hasPorts {
            PortMappings(root: options.root, slices: options.slices).fill(&reading, until: deadline.half)
        }
        return reading
    }

    /// - Parameter containers: their sandboxes tell where the kubelet keeps its logs.
    static func podLogs(
        _ options: SnapshotOptions, _ ownMounts: OwnMounts, of containers: [Container], until deadline: Deadline
    ) -> PodLogReading {
        guard options.parts.contains(.podLogs) else { return PodLogReading() }
        let tree = PodLogTree(
            root: options.root, paths: logTrees(containers), mountPoints: ownMounts.all.map(\.mountPoint),
            slices: options.slices)
        return tree.read(until: deadline)
    }

    /// The usual log tree, and that of most sandboxes where it is another one (podLogsDir of the kubelet): whoever reaches
    /// the runtime's socket may make some that name any place.
    static func logTrees(_ containers: [Container]) -> [String] {
        let usual = "/var/log/pods"
        let named = containers.filter { $0.kind == .sandbox }.compactMap(\.logDirectory).map {
            "/" + $0.pathComponents().dropLast().joined(separator: "/")
        }
        let counts = Dictionary(named.map { ($0, 1) }, uniquingKeysWith: +)
        let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? usual
        return most == usual || most == "/" ? [usual] : [usual, most]
    }

    /// The files in the watched places, of which what may hang is left out.
    static func placedFiles(_ options: SnapshotOptions, _ ownMounts: OwnMounts) -> PlacedFileReading {
        guard options.parts.contains(.nodeFiles), !options.watchedPaths.isEmpty else { return PlacedFileReading() }
        let prefix = options.root.hasSuffix("/") ? String(options.root.dropLast()) : options.root
        let far = ownMounts.all.filter(\.mayHang).map(\.mountPoint).filter { $0.hasPrefix("\(prefix)/") }
        return PlacedFileWalk.read(
            options.watchedPaths, root: options.root,
            farMountPoints: Set(far.map { String($0.dropFirst(prefix.count)) }), slices: options.slices)
    }
}
