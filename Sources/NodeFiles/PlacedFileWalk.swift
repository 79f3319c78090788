import Glibc
package import LinuxSystem
package import NodeModel

/// The files in the watched places, without their contents.
package struct PlacedFileReading: Sendable, Equatable {
    /// In ascending order of path, each once.
    package var files: [PlacedFile] = []
    package var gaps: [Gap] = []
    /// When the first of them was looked at, by the clock that files have their times of, in nanoseconds since 1970-01-01
    /// UTC: that one ticks, and may be behind (fs/inode.c, current_time).
    var startedAt = Clock.wallNanoseconds() - Node.clockDifference
    /// The directories of the places; of one that is in each of several, what those are in.
    var directories: Set<Substring> = []
    /// Everything in the places was looked at, so that what is missing is not there.
    package var isWhole: Bool { gaps.isEmpty }

    package init() {}
}

/// Looks at every file in the watched places; nothing is opened but directories, and no link is followed.
package struct PlacedFileWalk {
    /// Entries looked at in one directory, and in one walk: `/usr/bin` of a large node has some 3,000.
    package static let directoryLimit = 10_000
    package static let entryLimit = 50_000

    private let paths: [WatchedPath]
    private let farMountPoints: Set<String>
    private let slices: Slices?
    private var reading = PlacedFileReading()
    private var entriesLeft = Self.entryLimit

    /// - Parameters:
    ///   - farMountPoints: mount points, from the node's root, of file systems that may hang when they are looked at.
    ///   - slices: the thread rests between two entries where a slice has been long enough.
    package static func read(
        _ paths: [WatchedPath], root: String, farMountPoints: Set<String> = [], slices: Slices? = nil
    ) -> PlacedFileReading {
        var walk = PlacedFileWalk(paths: paths, farMountPoints: farMountPoints, slices: slices)
        do {
            let top = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
            for path in paths { walk.visit(path, path.components[...], at: "", top) }
        } catch {
            walk.reading.gaps.add(.nodeFiles, "the node's root cannot be opened: \(error.reason)", root)
        }
        walk.reading.files = walk.sortedFiles()
        return walk.reading
    }

    private init(paths: [WatchedPath], farMountPoints: Set<String>, slices: Slices?) {
        self.paths = paths
        reading.directories = Set(paths.map(\.certainDirectory))
        self.farMountPoints = farMountPoints
        self.slices = slices
    }

    /// Two watched paths may meet in one file.
    private func sortedFiles() -> [PlacedFile] {
        var files: [PlacedFile] = []
        for file in reading.files.sorted(by: { $0.path < $1.path }) where file.path != files.last?.path {
            files.append(file)
        }
        return files
    }

    /// Goes down to the directory of a watched path, one component after the other.
    private mutating func visit(
        _ path: WatchedPath, _ components: ArraySlice<Substring>, at place: String, _ directory: borrowing Descriptor
    ) {
        guard let component = components.first else { return visitLast(path, at: place, directory) }
        let rest = components.dropFirst()
        guard component == "*" else { return step(String(component), path, rest, at: place, directory) }
        for name in names(in: directory, place) {
            guard status(of: name, directory, "\(place)/\(name)")?.kind == .directory else { continue }
            step(name, path, rest, at: place, directory)
        }
    }

    private mutating func step(
        _ name: String, _ path: WatchedPath, _ rest: ArraySlice<Substring>, at place: String,
        _ directory: borrowing Descriptor
    ) {
        let below = "\(place)/\(name)"
        guard let status = status(of: name, directory, below) else { return }
        guard status.kind == .directory else {
            // What is in its place is a file of the place itself.
            add(name, status, directory, below)
            let isElsewhere = status.kind == .link && !leadsToWatched(name, at: place, directory)
            if isElsewhere { reading.gaps.add(.nodeFiles, "a link in the place of a directory is not followed", below) }
            return
        }
        do {
            visit(path, rest, at: below, try directory.openEntry(name, LinuxFlags.path | O_DIRECTORY))
        } catch {
            note(error, below)
        }
    }

    /// A link such as `/usr/sbin` to `bin`, whose target is looked at as itself.
    private func leadsToWatched(_ name: String, at place: String, _ directory: borrowing Descriptor) -> Bool {
        guard let bytes = try? directory.linkTarget(of: name), let target = String(validating: bytes, as: UTF8.self)
        else { return false }
        let path = PathParts(target.hasPrefix("/") ? target : "\(place)/\(target)")
        return path != PathParts("\(place)/\(name)") && paths.contains { PathParts($0.directory) == path }
    }

    private mutating func visitLast(_ path: WatchedPath, at place: String, _ directory: borrowing Descriptor) {
        guard path.names.isEmpty else {
            for name in path.names {
                let file = "\(place)/\(name)"
                if let status = status(of: name, directory, file) { add(name, status, directory, file) }
            }
            return
        }
        if let own = try? directory.status() { reading.files.append(PlacedFile(place, own)) }
        list(directory, place, isDeep: path.isDeep)
    }

    private mutating func list(_ directory: borrowing Descriptor, _ place: String, isDeep: Bool) {
        for name in names(in: directory, place) {
            slices?.endIfLong()
            let path = "\(place)/\(name)"
            guard let status = status(of: name, directory, path) else { continue }
            add(name, status, directory, path)
            guard isDeep, status.kind == .directory else { continue }
            do {
                list(try directory.openEntry(name, LinuxFlags.path | O_DIRECTORY), path, isDeep: false)
            } catch {
                note(error, path)
            }
        }
    }

    private mutating func add(
        _ name: String, _ status: FileStatus, _ directory: borrowing Descriptor, _ path: String
    ) {
        var file = PlacedFile(path, status)
        if status.kind == .link { file.target = (try? directory.linkTarget(of: name)).map { String(escaping: $0) } }
        reading.files.append(file)
    }

    /// `nil` for what is not there, which is no gap, and for what could not be looked at, which is one.
    private mutating func status(
        of name: String, _ directory: borrowing Descriptor, _ path: String
    ) -> FileStatus? {
        guard farMountPoints.isEmpty || !farMountPoints.contains(path) else {
            reading.gaps.add(.nodeFiles, "a file system that may hang is mounted there", path)
            return nil
        }
        do {
            return try directory.status(of: name)
        } catch {
            note(error, path)
            return nil
        }
    }

    /// The names in a directory, which is opened to be listed, taken from the walk's bound.
    private mutating func names(in directory: borrowing Descriptor, _ place: String) -> [String] {
        do {
            let open = try directory.openEntry(".", O_RDONLY | O_DIRECTORY)
            let (names, isCut) = try open.entryNames(limit: min(Self.directoryLimit, entriesLeft))
            entriesLeft -= names.count
            if isCut {
                let isWalk = names.count < Self.directoryLimit
                let limit = isWalk ? "\(Self.entryLimit) entries" : "\(Self.directoryLimit) entries in a directory"
                reading.gaps.add(.nodeFiles, "more than \(limit)", place)
            }
            return names.compactMap { bytes in
                if let name = String(validating: bytes, as: UTF8.self) { return name }
                reading.gaps.add(.nodeFiles, "name is no UTF-8", "\(place)/\(String(escaping: bytes))")
                return nil
            }
        } catch {
            note(error, place)
            return []
        }
    }

    private mutating func note(_ error: SystemError, _ path: String) {
        if !error.isGone { reading.gaps.add(.nodeFiles, error.reason, path) }
    }
}

extension WatchedPath {
    /// The part of its directory that is one by name.
    fileprivate var certainDirectory: Substring {
        "/" + components.prefix { $0 != "*" }.joined(separator: "/")[...]
    }
}

extension PlacedFile {
    init(_ path: String, _ status: FileStatus) {
        self.init(
            path: path, kind: Kind(rawValue: status.kind.rawValue) ?? .unknown, device: status.device,
            inode: status.inode, uid: status.uid, gid: status.gid, permissions: status.permissions,
            links: status.linkCount, size: status.size, modified: status.modifiedAt, changed: status.changedAt)
    }
}

extension PlacedFileReading {
    /// Reads the contents of all regular files.
    ///
    /// - Parameter root: where the node's root directory is.
    package mutating func readHashes(root: String) {
        let node: Descriptor
        do throws(SystemError) {
            node = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
        } catch {
            return gaps.add(.nodeFiles, "the node's root cannot be opened: \(error.reason)", root)
        }
        for index in files.indices where files[index].kind == .regular {
            do {
                files[index].sha256 = try FileHash.sha256(files[index].path, below: node)
            } catch {
                gaps.add(.nodeFiles, "\(error)", files[index].path)
            }
        }
    }
}
