import LinuxSystem
import NodeModel
import ProcFS
import Synchronization

/// A look at the files of tasks, bounded in time.
struct FileLook: Sendable {
    let options: SnapshotOptions
    let host: Host
    let tables: [MountTable]
    let openTasks: OpenTasks?

    /// The directories that tell the node's tree: what a task holds of them it holds of the node.
    private static let places = [
        "/etc", "/root", "/home", "/usr", "/boot", "/var", "/var/lib", "/var/lib/kubelet", "/var/lib/containerd",
        "/var/log",
        "/run", "/run/containerd",
    ]

    /// So many are looked at sooner than two threads are started.
    private static let smallCount = 256

    /// Whoever holds very much is looked at after all others.
    ///
    /// - Parameter line: the place of the call: of works that hang no more than a few are left behind at each
    ///   (`BoundedWork`).
    func read(_ wanted: [FileReading.Wanted], until deadline: Deadline, line: UInt = #line) -> FileReading {
        let progress = Progress()
        let work = BoundedWork(line: line) { [progress] in
            let (files, disks) = hostSide()
            progress.reading.withLock { ($0.hostFiles, $0.disks) = (files, disks) }
            look(at: wanted, limit: ProcReader.descriptorLimit, progress)
            let long = Set(progress.reading.withLock { $0.files }.filter { $0.isCut == true }.map(\.task))
            look(at: wanted.filter { long.contains($0.task) }, limit: ProcReader.longDescriptorLimit, progress)
            // A look at the services' files may hang: without the lock, which is asked for when the time is up.
            var reading = progress.reading.withLock { $0 }
            reading.resolveSockets(wanted, options, host)
            progress.reading.withLock { [reading] in $0 = reading }
        }
        let isDone = work.result(until: deadline) != nil
        var reading = progress.reading.withLock { $0 }
        // Of sockets that were found and not asked about nothing is known.
        if !isDone { for index in reading.files.indices { reading.files[index].sockets = nil } }
        let left = wanted.filter { !reading.seen.contains($0.task) }
        if !isDone || !left.isEmpty {
            reading.gaps.add(
                Gap(
                    kind: .timeLimit, reason: "files of tasks not looked at", count: left.count,
                    examples: left.first.map { ["pid \($0.task.pid)"] } ?? []))
        }
        return reading
    }

    private func look(at wanted: [FileReading.Wanted], limit: Int, _ progress: Progress) {
        let packetSockets = Set(host.kernelState?.packetSockets ?? [])
        let (hostFiles, disks) = progress.reading.withLock { ($0.hostFiles, $0.disks) }
        let shares = wanted.count > Self.smallCount ? min(2, processorCount()) : 1
        let gaps = ParallelWork.run(shares: shares) { share -> [Gap] in
            guard let reader = try? ProcReader(root: options.proc, slices: options.slices, openTasks: openTasks)
            else { return [] }
            // Without the host's own mounts, every mount would look like one that no table shows.
            let places =
                host.mounts.isEmpty
                ? nil
                : NodePlaces(
                    root: options.root, hostFiles: hostFiles, hostMounts: host.mounts, tables: tables,
                    diskControls: Set(disks.controls))
            for (number, entry) in wanted.enumerated() where number % shares == share {
                places?.namespace = entry.mount
                let result = Result { () throws(ProcFSError) in
                    try reader.files(
                        of: entry.task, entry.descriptors, limit: limit, besides: entry.leader,
                        packetSockets: packetSockets, places: places)
                }
                progress.reading.withLock { $0.add(result, of: entry.task) }
                reader.endSliceIfLong()
            }
            return places?.gaps ?? []
        }
        progress.reading.withLock { reading in for gap in gaps.joined() { reading.gaps.add(gap) } }
    }

    private final class Progress: Sendable {
        let reading = Mutex(FileReading())
    }

    /// The node's own root is that of the reference process; where that may not be looked at, the root of the options.
    private func hostSide() -> ([HostFile], HostDisks) {
        var files: [HostFile] = []
        let root = host.reference.flatMap { FileIdentity(path: "\(options.proc)/\($0.pid)/root") }
        if let root = root ?? FileIdentity(path: options.root) { files.append(HostFile(path: "/", file: root)) }
        for place in Self.places {
            if let file = FileIdentity(path: options.root + place) { files.append(HostFile(path: place, file: file)) }
        }
        return (files, HostDisks(host.mounts, root: options.root))
    }
}
