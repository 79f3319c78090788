import LinuxSystem
import NodeModel

extension ChangeSearch {
    /// Asks the node's packages what they have of files that differ, or that only they can tell of.
    ///
    /// - Parameter walk: when the files began to be looked at, in nanoseconds since 1970-01-01 UTC.
    mutating func askPackages(
        _ found: inout [ChangedFile], _ packages: PackageDatabase, _ node: borrowing Descriptor,
        since walk: Int64
    ) {
        guard !found.isEmpty else { return }
        let files =
            found.filter { $0.basis == .package }.compactMap(\.now)
            + found.compactMap(\.now).filter { $0.sha256 != nil || $0.target != nil }
        let verdicts = known.verdicts(of: files, databases: packages.statuses) { [deadline] in
            packages.verdicts(of: $0, until: deadline)
        }
        for index in found.indices {
            let verdict = verdicts[found[index].path]
            found[index].isOfPackage = verdict.map { $0 != .none }
            found[index].hasContentOfPackage = verdict == .sameContent ? true : nil
        }
        if packages.isChanging(since: walk) { leaveUnfinished(&found, verdicts) }
        keepOthers(&found, verdicts, packages)
        for index in found.indices where found[index].basis == .package { hash(&found[index], node) }
        dropPackaged(&found, verdicts, packages)
    }

    /// Asks nobody, since a pod may have put another program in rpm's place, which would be run as root.
    ///
    /// What an update can have brought is neither excused nor told of: it was changed no later than the database, which rpm
    /// writes last. Whatever was changed after that is told of, and what the baseline has otherwise.
    mutating func leaveUnasked(_ found: inout [ChangedFile], _ packages: PackageDatabase) {
        let updated = packages.statuses.map(\.changedAt).max() ?? .min
        func isUnknown(_ file: ChangedFile) -> Bool {
            switch file.basis {
            case .package: true
            case .time: file.now.map { $0.changed <= updated } ?? false
            case .baseline, .owner, .told: false
            }
        }
        for file in found where isUnknown(file) {
            gaps.add(
                .nodeFiles, "not compared with its package: rpm itself was changed, where a pod can write", file.path)
        }
        found.removeAll(where: isUnknown)
    }

    /// Of the programs that only packages can tell of keeps those that are not as theirs have them, with others that were
    /// changed like that: no conffile is among them (deb-conffiles(5)), and nothing that the node's people change by hand.
    private mutating func keepOthers(
        _ found: inout [ChangedFile], _ verdicts: [String: PackageDatabase.Verdict], _ packages: PackageDatabase
    ) {
        for file in found where file.basis == .package && verdicts[file.path] == nil && packages.canBeAsked {
            gaps.add(.nodeFiles, "a program could not be compared with its package", file.path)
        }
        func isOther(_ file: ChangedFile) -> Bool { [.other, .sameContent].contains(verdicts[file.path]) }
        for index in found.indices where isOther(found[index]) && found[index].isProgramOfNode {
            found[index].basis = .package
        }
        found.removeAll { $0.basis == .package && !isOther($0) }
    }

    /// Neither excuses nor tells of what was changed a short while ago: a package manager at work puts files in place that
    /// its database does not have yet.
    ///
    /// Not of what is older, since a pod that may write to the manager's lock can hold it without end (fcntl(2), F_WRLCK).
    private mutating func leaveUnfinished(
        _ found: inout [ChangedFile], _ verdicts: [String: PackageDatabase.Verdict]
    ) {
        let times = now - Self.updateTime...now
        func isUnfinished(_ file: ChangedFile) -> Bool {
            guard let changed = file.now?.changed, file.basis != .owner else { return false }
            return times.contains(changed) && verdicts[file.path] != .same
        }
        for file in found where isUnfinished(file) {
            gaps.add(.nodeFiles, "a file changed while packages are installed", file.path)
        }
        found.removeAll(where: isUnfinished)
    }

    /// Drops what is as its package has it, as after an update.
    ///
    /// That is a gap where the database cannot be trusted with it: a pod could have written that, or the baseline, which
    /// only root writes, says otherwise. Who forged the database may be gone by now.
    private mutating func dropPackaged(
        _ found: inout [ChangedFile], _ verdicts: [String: PackageDatabase.Verdict], _ packages: PackageDatabase
    ) {
        let asPackaged = found.filter { file in
            verdicts[file.path] == .same && file.basis != .owner && file.now?.uid == file.recorded?.uid ?? 0
        }
        guard !asPackaged.isEmpty, let manager = packages.manager else { return }
        let isForgeable = podsMayWrite(manager.trustedPlaces)
        for file in asPackaged {
            if file.basis == .baseline {
                gaps.add(.nodeFiles, "not as the baseline has it, but as a package does", file.path)
            } else if isForgeable {
                gaps.add(.nodeFiles, "as a package has it, by a database that a pod can write to", file.path)
            }
        }
        let excused = Set(asPackaged.map(\.path))
        found.removeAll { excused.contains($0.path) }
    }
}

extension ChangedFile {
    /// Its package alone says what it is to be: of a mode that gives rights no list of dpkg tells.
    fileprivate var isProgramOfNode: Bool {
        guard basis != .baseline, let now, now.kind == .regular else { return false }
        return EssentialFiles.programs.contains(path)
            || (path.utf8.starts(with: "/usr/".utf8) && now.permissions & 0o6022 == 0)
    }
}
