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

    static func podLogs(
        _ options: SnapshotOptions, _ ownMounts: OwnMounts, until deadline: Deadline
    ) -> PodLogReading {
        guard options.parts.contains(.podLogs) else { return PodLogReading() }
        let tree = PodLogTree(
            root: options.root, mountPoints: ownMounts.all.map(\.mountPoint), slices: options.slices)
        return tree.read(until: deadline)
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
