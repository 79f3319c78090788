import Glibc
package import LinuxSystem
package import NodeModel

/// What the log tree holds.
package struct PodLogReading: Sendable, Equatable {
    package var directories: [PodLogDirectory] = []
    package var oddities: [PodLogOddity] = []
    package var gaps: [Gap] = []

    package init() {}
}

/// Walks `/var/log/pods`, and where else the kubelet keeps its logs, without following a link, opening a file or entering
/// another file system, and looks at the links to its logs in `/var/log/containers`, by which log collectors find them
/// (kubernetes pkg/kubelet/kuberuntime/legacy.go).
///
/// The tree itself may be a link, as on nodes that keep their logs on a data disk: one of root's is gone after.
package struct PodLogTree: Sendable {
    /// Entries looked at in one directory, and in one scan.
    ///
    /// A full node has some thousands: 110 pods of a few containers, five files each.
    package static let directoryLimit = 100_000
    package static let entryLimit = 1_000_000
    /// Oddities listed of one pod's directory, or of the links, so that none can hide what is in the others, and in one
    /// scan; more are counted as a gap.
    package static let podOddityLimit = 200
    package static let oddityLimit = 10_000
    /// Directories listed that no kubelet makes; more hide nothing that is in a pod's.
    static let unrecognisedLimit = 200

    private let root: String
    private let paths: [String]
    private let links: String
    private let mountPoints: [String]
    private let slices: Slices?

    /// - Parameters:
    ///   - root: where the node's root directory is.
    ///   - paths: the log trees, from the node's root.
    ///   - links: the directory of the kubelet's links to its logs, from the node's root.
    ///   - mountPoints: every mount point that the reader sees, to stay out of: a look at a dead network mount hangs.
    ///   - slices: the thread rests between two entries where a slice has been long enough.
    package init(
        root: String = "/", paths: [String] = ["/var/log/pods"], links: String = "/var/log/containers",
        mountPoints: [String], slices: Slices? = nil
    ) {
        self.root = root
        self.slices = slices
        self.paths = paths
        self.links = links
        self.mountPoints = mountPoints
    }

    /// The mount points in a directory, which is at `place` of the node, by the directory's own name.
    private func mountPoints(in place: String, of path: String) -> Set<String> {
        let prefix = (root.hasSuffix("/") ? String(root.dropLast()) : root) + place
        return Set(mountPoints.filter { $0.hasPrefix(prefix) }.map { path + $0.dropFirst(prefix.count) })
    }

    package func read(until deadline: Deadline) -> PodLogReading {
        var walk = Walk(deadline: deadline, slices: slices, entriesLeft: Self.entryLimit, mountPoints: [])
        let node: Descriptor
        do {
            node = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
        } catch {
            walk.reading.gaps.add(.podLogs, "the node's root cannot be opened: \(error.reason)", root)
            return walk.reading
        }
        var places: Set<String> = []
        for path in paths {
            do {
                let place = try node.resolve(path, mayFollow: { $0.uid == 0 })
                // One may be a link to another.
                guard places.insert(place).inserted else { continue }
                walk.mountPoints = mountPoints(in: place, of: path)
                try readPods(of: path, try node.openDirectory(below: place), &walk)
            } catch  where error.isGone {
                // A node without the tree has no pods yet, or its kubelet another podLogsDir.
            } catch {
                walk.reading.gaps.add(.podLogs, error.reason, path)
            }
        }
        if !places.isEmpty { readLinks(node, &walk) }
        return walk.reading
    }

    struct Walk {
        var reading = PodLogReading()
        let deadline: Deadline
        let slices: Slices?
        var entriesLeft: Int
        /// What the walk stays out of.
        var mountPoints: Set<String>
        var isEnded = false
        var odditiesOfPod = 0
        var unrecognised = 0

        /// False once the walk has to end, which is then a gap.
        mutating func mayGoOn(at path: String) -> Bool {
            slices?.endIfLong()
            if !isEnded, deadline.isPast {
                reading.gaps.add(.timeLimit, "log directories not reached", path)
                isEnded = true
            }
            return !isEnded
        }

        /// Ends the walk for want of room, once.
        mutating func end(_ reason: String, _ path: String) {
            if !isEnded { reading.gaps.add(.podLogs, reason, path) }
            isEnded = true
        }

        mutating func add(_ oddity: PodLogOddity) {
            if reading.oddities.count - unrecognised == PodLogTree.oddityLimit {
                reading.gaps.add(.podLogs, "more than \(PodLogTree.oddityLimit) odd entries", oddity.path)
            } else if odditiesOfPod == PodLogTree.podOddityLimit {
                let reason = "more than \(PodLogTree.podOddityLimit) odd entries in one directory"
                reading.gaps.add(.podLogs, reason, oddity.path)
            } else {
                reading.oddities.append(oddity)
                odditiesOfPod += 1
            }
        }

        mutating func addUnrecognised(_ path: String) {
            if unrecognised == PodLogTree.unrecognisedLimit {
                let reason = "more than \(PodLogTree.unrecognisedLimit) directories that no kubelet makes"
                return reading.gaps.add(.podLogs, reason, path)
            }
            reading.oddities.append(PodLogOddity(path: path, kind: .unrecognisedDirectory))
            unrecognised += 1
        }
    }

    private func readPods(
        of tree: String, _ top: borrowing Descriptor, _ walk: inout Walk
    ) throws(SystemError) {
        for name in try names(in: top, tree, &walk) {
            let podPath = "\(tree)/\(name)"
            guard walk.mayGoOn(at: podPath) else { return }
            walk.odditiesOfPod = 0
            let pod = PodLogName.pod(name)
            guard let directory = open(name, in: top, podPath, pod, &walk) else { continue }
            if pod == nil { walk.addUnrecognised(podPath) }
            var found = PodLogDirectory(name: name, pod: pod)
            do {
                for container in try names(in: directory, podPath, &walk) {
                    let containerPath = "\(podPath)/\(container)"
                    guard walk.mayGoOn(at: containerPath) else { break }
                    guard let logs = open(container, in: directory, containerPath, pod, &walk) else { continue }
                    let entries = readLogs(logs, containerPath, pod, &walk)
                    found.containers.append(
                        ContainerLogs(name: container, entries: entries, directory: containerPath, logTrees: paths))
                }
            } catch  where error.isGone {
                // The kubelet removes a pod's directory while others are read.
            } catch {
                walk.reading.gaps.add(.podLogs, error.reason, podPath)
            }
            walk.reading.directories.append(found)
        }
    }

    /// What a container's directory holds; nothing of one that goes away meanwhile, which leaves the pod's others.
    func readLogs(
        _ directory: borrowing Descriptor, _ path: String, _ pod: PodIdentity?, _ walk: inout Walk
    ) -> [PodLogEntry] {
        var entries: [PodLogEntry] = []
        for name in logNames(in: directory, path, &walk) {
            let filePath = "\(path)/\(name)"
            guard walk.mayGoOn(at: filePath) else { break }
            if walk.mountPoints.contains(filePath) {
                walk.add(PodLogOddity(path: filePath, pod: pod, kind: .mountPoint))
                continue
            }
            do {
                let status = try directory.status(of: name)
                let target = status.kind == .link ? String(escaping: try directory.linkTarget(of: name)) : nil
                entries.append(PodLogEntry(name: name, kind: status.kind, linkTarget: target))
                note(status, target, filePath, pod, &walk)
                if status.kind == .directory {
                    walk.add(PodLogOddity(path: filePath, pod: pod, kind: .directoryForFile))
                }
            } catch  where error.isGone {
                continue
            } catch {
                walk.reading.gaps.add(.podLogs, error.reason, filePath)
            }
        }
        return entries
    }

    private func logNames(in directory: borrowing Descriptor, _ path: String, _ walk: inout Walk) -> [String] {
        do {
            return try names(in: directory, path, &walk)
        } catch {
            if !error.isGone { walk.reading.gaps.add(.podLogs, error.reason, path) }
            return []
        }
    }

    /// Looks at the links for the collectors: nobody but the kubelet makes any there, and all of its own lead into the trees.
    private func readLinks(_ node: borrowing Descriptor, _ walk: inout Walk) {
        walk.odditiesOfPod = 0
        do {
            let place = try node.resolve(links, mayFollow: { $0.uid == 0 })
            walk.mountPoints = mountPoints(in: place, of: links)
            let directory = try node.openDirectory(below: place)
            for name in try names(in: directory, links, &walk) {
                let link = "\(links)/\(name)"
                guard walk.mayGoOn(at: link) else { return }
                if !walk.mountPoints.contains(link) { noteLink(name, in: directory, link, &walk) }
            }
        } catch  where error.isGone || error.errorNumber == ENOLINK {
            // No container was started yet, and nobody finds a log there.
        } catch {
            walk.reading.gaps.add(.podLogs, error.reason, links)
        }
    }

    private func noteLink(_ name: String, in directory: borrowing Descriptor, _ link: String, _ walk: inout Walk) {
        do {
            guard try directory.status(of: name).kind == .link else { return }
            let target = String(escaping: try directory.linkTarget(of: name))
            if !PodLogLinks.isOrdinary(target, of: link, logTrees: paths) {
                walk.add(PodLogOddity(path: link, kind: .link(target: target)))
            }
        } catch {
            if !error.isGone { walk.reading.gaps.add(.podLogs, error.reason, link) }
        }
    }

    /// The names of a directory, taken from the walk's bound; bytes that are no UTF-8 cannot be opened again and are
    /// a gap.
    private func names(
        in directory: borrowing Descriptor, _ path: String, _ walk: inout Walk
    ) throws(SystemError) -> [String] {
        let (names, isCut) = try directory.entryNames(limit: min(Self.directoryLimit, walk.entriesLeft))
        walk.entriesLeft -= names.count
        if isCut, names.count == Self.directoryLimit {
            walk.reading.gaps.add(.podLogs, "more than \(Self.directoryLimit) entries in a directory", path)
        } else if isCut {
            walk.end("more than \(Self.entryLimit) entries", path)
        }
        return names.compactMap { bytes in
            if let name = String(validating: bytes, as: UTF8.self) { return name }
            walk.reading.gaps.add(.podLogs, "name is no UTF-8", "\(path)/\(String(escaping: bytes))")
            return nil
        }
    }

    /// Opens a directory of the tree; anything else in its place is an oddity.
    private func open(
        _ name: String, in parent: borrowing Descriptor, _ path: String, _ pod: PodIdentity?, _ walk: inout Walk
    ) -> Descriptor? {
        if walk.mountPoints.contains(path) {
            walk.add(PodLogOddity(path: path, pod: pod, kind: .mountPoint))
            return nil
        }
        do {
            let status = try parent.status(of: name)
            let target = status.kind == .link ? String(escaping: try parent.linkTarget(of: name)) : nil
            note(status, target, path, pod, &walk)
            let isLinkInside = target.map { PodLogLinks.isOrdinary($0, of: path, logTrees: paths) } ?? false
            if status.kind == .regular || isLinkInside {
                walk.add(PodLogOddity(path: path, pod: pod, kind: .fileForDirectory))
            }
            return status.kind == .directory ? try parent.openEntry(name, O_RDONLY | O_DIRECTORY) : nil
        } catch {
            if !error.isGone { walk.reading.gaps.add(.podLogs, error.reason, path) }
            return nil
        }
    }

    private func note(
        _ status: FileStatus, _ target: String?, _ path: String, _ pod: PodIdentity?, _ walk: inout Walk
    ) {
        switch status.kind {
        case .link:
            if let target, !PodLogLinks.isOrdinary(target, of: path, logTrees: paths) {
                walk.add(PodLogOddity(path: path, pod: pod, kind: .link(target: target)))
            }
        case .regular:
            if status.linkCount > 1 {
                walk.add(
                    PodLogOddity(path: path, pod: pod, kind: .hardLink(count: UInt32(clamping: status.linkCount))))
            }
        case .directory: break
        case .fifo, .socket, .character, .block, .unknown:
            walk.add(PodLogOddity(path: path, pod: pod, kind: .notRegular(type: status.kind.rawValue)))
        }
        if status.uid != 0 { walk.add(PodLogOddity(path: path, pod: pod, kind: .foreignOwner(uid: status.uid))) }
    }
}
