import Glibc
import LinuxSystem
import NodeModel

/// What the node's packages say of files: the database of dpkg is read, or rpm asked, as the node's distribution has it.
struct PackageDatabase {
    /// What is said of one file.
    enum Verdict: Sendable, Equatable {
        /// A package has the file with this content.
        case same
        /// A package has the file, with another content or mode.
        case other
        /// A package has the file with this content; whether with this mode, which gives rights, nothing tells.
        case sameContent
        /// No package has the file.
        case none
    }

    let root: String
    /// `nil` where it cannot be run.
    let rpm: RPMPackages?
    /// That of the node's distribution; `nil` where there is none to ask.
    let manager: PackageManager?
    private let slices: Slices?

    /// - Parameter root: where the node's root directory is.
    init(root: String, rpm: RPMPackages? = nil, slices: Slices? = nil) {
        self.root = root
        self.rpm = rpm
        self.slices = slices
        manager = PackageManager(root: root)
    }

    /// What the database is at this moment; SQLite makes an empty log for whoever only asks.
    var statuses: [FileStatus] {
        (manager?.databases ?? []).compactMap { try? FileStatus(following: root + $0) }.filter { $0.size > 0 }
    }

    /// There is one that this process may ask.
    var canBeAsked: Bool { manager == .dpkg || manager == .rpm && rpm != nil }

    /// A package manager is at work on it, or was from a time on, in nanoseconds since 1970-01-01 UTC.
    func isChanging(since start: Int64) -> Bool { isLocked || statuses.contains { $0.changedAt >= start } }

    private var isLocked: Bool {
        guard let manager, let node = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY) else { return false }
        return manager.lockedDirectories.contains { path in
            guard let directory = try? node.openDirectory(below: path),
                (try? directory.status(of: manager.lock))?.kind == .regular,
                let file = try? directory.openEntry(manager.lock, O_RDONLY | O_NONBLOCK)
            else { return false }
            return file.isLocked
        }
    }

    /// The verdicts by path; what nobody could be asked of is missing.
    ///
    /// - Parameter files: hashed where that is not known already.
    func verdicts(of files: [PlacedFile], until deadline: Deadline) -> [String: Verdict] {
        switch manager {
        case nil: return [:]
        case .dpkg:
            guard let node = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY),
                let packages = DebianPackages(of: files.map(\.path), below: node)
            else { return [:] }
            return Self.verdicts(of: files, until: deadline) { packages.verdict(of: $0, below: node, slices) }
        case .rpm:
            guard let rpm, let node = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY),
                let packages = rpm.answer(of: files.map(\.path), until: deadline)
            else { return [:] }
            return Self.verdicts(of: files, until: deadline) { file in
                if let record = packages.records[file.path] { return record.verdict(of: file, below: node, slices) }
                return packages.unowned.contains(file.path) ? Verdict.none : nil
            }
        }
    }

    /// What packages may call a file: they have some in /bin, /sbin and /lib, which are links into /usr since (usrmerge).
    static func names(of path: String) -> [String] {
        path.hasPrefix("/usr/") ? [path, String(path.dropFirst(4))] : [path]
    }

    private static func verdicts(
        of files: [PlacedFile], until deadline: Deadline, _ verdict: (PlacedFile) -> Verdict?
    ) -> [String: Verdict] {
        var verdicts: [String: Verdict] = [:]
        for file in files where !deadline.isPast { verdicts[file.path] = verdict(file) }
        return verdicts
    }
}
