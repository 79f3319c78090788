import Glibc
import LinuxSystem
import NodeModel

/// What the node's packages say of files: the database of dpkg is read, or rpm asked, as the node's distribution has it.
struct PackageDatabase {
    /// What is said of one file.
    enum Verdict: Sendable, Equatable {
        /// A package has the file with this content.
        case same
        /// A package has the file, with another content.
        case other
        /// No package has the file.
        case none
    }

    let root: String
    let rpm: RPMPackages
    /// That of the node's distribution; `nil` where there is none to ask.
    let manager: PackageManager?

    /// - Parameter root: where the node's root directory is; programs of another root than this process' own are not run.
    init(root: String, rpm: RPMPackages = RPMPackages()) {
        self.root = root
        self.rpm = rpm
        manager = PackageManager(root: root)
    }

    /// What the database is at this moment.
    var statuses: [FileStatus] {
        (manager?.databases ?? []).compactMap { try? FileStatus(following: root + $0) }
    }

    /// The verdicts by path; what nobody could be asked of is missing.
    ///
    /// - Parameter files: with their hashes, where they are regular.
    func verdicts(of files: [PlacedFile], until deadline: Deadline) -> [String: Verdict] {
        switch manager {
        case nil: return [:]
        case .dpkg:
            guard let node = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY),
                let packages = DebianPackages(of: files.map(\.path), below: node)
            else { return [:] }
            return Self.verdicts(of: files) { packages.verdict(of: $0, below: node) }
        case .rpm:
            guard root == "/", !files.contains(where: { $0.path == rpm.program }),
                let packages = rpm.records(of: files.map(\.path), until: deadline)
            else { return [:] }
            return Self.verdicts(of: files) { file in
                packages[file.path].map { $0.isSame(as: file) ? .same : .other } ?? Verdict.none
            }
        }
    }

    private static func verdicts(of files: [PlacedFile], _ verdict: (PlacedFile) -> Verdict?) -> [String: Verdict] {
        var verdicts: [String: Verdict] = [:]
        for file in files { verdicts[file.path] = verdict(file) }
        return verdicts
    }
}
