import LinuxSystem

/// The package manager that a node's distribution has: any pod that can write to the node can put the database of another
/// one there.
enum PackageManager: CaseIterable {
    case dpkg, rpm

    /// What says which distribution it is; the first is often a link to the second (os-release(5)).
    private static let releaseFiles = ["/etc/os-release", "/usr/lib/os-release"]
    private static let limit = 65_536

    /// - Parameter root: where the node's root directory is.
    /// - Returns: `nil` where the node does not say, or its distribution has neither, as Bottlerocket.
    init?(root: String) {
        guard let found = Self.releaseFiles.lazy.compactMap({ Self.read($0, root: root) }).first,
            let manager = Self(release: found)
        else { return nil }
        self = manager
    }

    /// By what the file says of the distribution (`ID`), and of those that it is like (`ID_LIKE`).
    init?(release: [UInt8]) {
        var names: [String] = []
        for line in String(decoding: release, as: UTF8.self).split(separator: "\n") {
            guard let key = ["ID=", "ID_LIKE="].first(where: { line.hasPrefix($0) }) else { continue }
            names += line.dropFirst(key.count).split { " \"'".contains($0) }.map(String.init)
        }
        let manager = Self.allCases.first { !$0.distributions.isDisjoint(with: names) }
        guard let manager else { return nil }
        self = manager
    }

    private var distributions: Set<String> {
        switch self {
        case .dpkg: ["debian", "ubuntu"]
        case .rpm: ["amzn", "rhel", "fedora", "centos"]
        }
    }

    /// Where its database is (rpm: Amazon Linux 2, Amazon Linux 2023, others), by which it shows that it changed; SQLite
    /// may keep the last changes in a log beside it.
    var databases: [String] {
        switch self {
        case .dpkg: [DebianPackages.status]
        case .rpm:
            ["/var/lib/rpm/Packages"]
                + lockedDirectories.flatMap { ["\($0)/rpmdb.sqlite", "\($0)/rpmdb.sqlite-wal"] }
        }
    }

    /// Who can write there decides what the database says: its directories, the program that reads it with its settings, and
    /// what says that the node has it.
    var trustedPlaces: [String] {
        Self.releaseFiles
            + (self == .dpkg
                ? [DebianPackages.directory]
                : ["/var/lib/rpm", "/usr/lib/sysimage/rpm", RPMPackages.path, "/usr/lib/rpm", "/usr/lib64", "/etc/rpm"])
    }

    /// The file that it locks while it is at work, in one of some directories (dpkg(1), rpm's lib/rpmlock.c).
    var lock: String { self == .dpkg ? "lock" : ".rpm.lock" }
    var lockedDirectories: [String] {
        self == .dpkg ? [DebianPackages.directory] : ["/var/lib/rpm", "/usr/lib/sysimage/rpm"]
    }

    private static func read(_ path: String, root: String) -> [UInt8]? {
        guard let node = try? Descriptor.open(root, LinuxFlags.directory), let target = try? node.resolve(path),
            let slash = target.lastIndex(of: "/"),
            let directory = try? node.openDirectory(below: String(target[..<slash]))
        else { return nil }
        return try? BoundedFile.read(String(target[target.index(after: slash)...]), in: directory, limit: limit)
    }
}
