import Glibc
package import LinuxSystem
package import NodeModel

/// Finds the files that are not known to be as they were, and reads of those what there is to know.
package struct ChangeSearch: Sendable {
    /// Bytes that are hashed in one scan.
    static let byteLimit: Int64 = 1 << 30
    /// How long, in nanoseconds, a package manager may take from putting a file in place to having it in its database.
    static let updateTime: Int64 = 600_000_000_000

    let root: String
    private let baseline: String
    let known: KnownFiles
    let deadline: Deadline
    let slices: Slices?
    let podsMayWrite: @Sendable ([String]) -> Bool
    /// In nanoseconds since 1970-01-01 UTC, no earlier than the files were looked at.
    var now = Clock.wallNanoseconds()
    /// `nil` where programs of the node are not this process' own.
    var rpm: RPMPackages?
    var gaps: [Gap] = []
    private var bytesLeft = Self.byteLimit

    /// - Parameters:
    ///   - root: where the node's root directory is.
    ///   - baseline: the path of the recorded baseline, which need not be there.
    ///   - podsMayWrite: whether a pod can write to one of some paths of the node, or below it.
    package init(
        root: String, baseline: String, known: KnownFiles, until deadline: Deadline, slices: Slices? = nil,
        podsMayWrite: @escaping @Sendable ([String]) -> Bool
    ) {
        self.root = root
        self.baseline = baseline
        self.known = known
        self.deadline = deadline
        self.slices = slices
        self.podsMayWrite = podsMayWrite
        rpm = root == "/" ? RPMPackages() : nil
    }

    /// The files that differ from the baseline; where there is none, and below `/run`, those that were changed from a time
    /// on, or that are not root's where all is, and the essential programs that are not as their packages have them.
    ///
    /// - Parameters:
    ///   - start: in nanoseconds since 1970-01-01 UTC; `nil` where nobody runs who may have changed anything.
    ///   - told: the files of whose change a finding tells that is not over, whenever that was.
    package consuming func changes(
        among reading: PlacedFileReading, since start: Int64?, told: Set<String> = []
    ) -> (files: [ChangedFile], gaps: [Gap]) {
        var recorded: [String: PlacedFile]?
        do throws(TrustedDocumentFailure) {
            recorded = try known.baseline(baseline)
        } catch {
            gaps.add(.nodeFiles, "the baseline cannot be used", "\(error)")
        }
        let node: Descriptor
        do throws(SystemError) {
            node = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
        } catch {
            gaps.add(.nodeFiles, "the node's root cannot be opened: \(error.reason)", root)
            return ([], gaps)
        }
        let units = TransientUnits(below: node)
        let files = reading.files.filter { told.contains($0.path) || !units.contain($0) }
        var found = candidates(among: files, recorded, since: start, told)
        if let recorded, reading.isWhole { found += Self.removed(recorded, reading.files) }
        found = FileBound.seeming.keep(found.sorted { $0.path < $1.path }, in: reading.directories, &gaps)
        // First, so that no other file uses up what is read in one scan.
        found = essential(among: reading.files, recorded, besides: found) + found
        for index in found.indices where found[index].basis != .package { hash(&found[index], node) }
        // An untrusted program may have the size of the one that it replaced, and not have been read.
        let isRPMChanged = found.contains { $0.path == RPMPackages.path && !$0.isReadAndSame }
        found.removeAll { $0.isSameAgain }
        let packages = PackageDatabase(root: root, rpm: rpm, slices: slices)
        if rpm != nil, packages.manager == .rpm, isRPMChanged, podsMayWrite([RPMPackages.path]) {
            leaveUnasked(&found, packages)
        } else {
            askPackages(&found, packages, node, since: reading.startedAt)
        }
        // Only now, since what is excused is to hide nothing, nor is what was told of: how much that is has its own bound.
        let news = found.filter { !told.contains($0.path) }.sorted { $0.path < $1.path }
        found = FileBound.told.keep(news, in: reading.directories, &gaps) + found.filter { told.contains($0.path) }
        return (found.sorted { $0.path < $1.path }, gaps)
    }

    /// The essential files to which nothing seems to have been done: their content is compared all the same.
    ///
    /// With the baseline's, since a fault of the kernel may have changed it without a trace (CVE-2022-0847); where there is
    /// none, a program's with its package's, since whoever changed it may be gone.
    private func essential(
        among files: [PlacedFile], _ recorded: [String: PlacedFile]?, besides found: [ChangedFile]
    ) -> [ChangedFile] {
        let present = Set(found.map(\.path))
        let wanted = recorded == nil ? EssentialFiles.programs : EssentialFiles.all
        let essential = files.filter {
            $0.kind == .regular && wanted.contains($0.path) && !present.contains($0.path)
        }
        guard let recorded else { return essential.map { ChangedFile(now: $0, basis: .package) } }
        known.forgetOne(of: essential)
        return essential.compactMap { file in
            recorded[file.path].map { ChangedFile(now: file, recorded: $0, basis: .baseline) }
        }
    }

    private func candidates(
        among files: [PlacedFile], _ recorded: [String: PlacedFile]?, since start: Int64?, _ told: Set<String>
    ) -> [ChangedFile] {
        var owners: [Substring: UInt32] = [:]
        for file in files where file.kind == .directory { owners[file.path[...]] = file.uid }
        return files.compactMap { file in
            if let recorded, Baseline.covers(file.path) {
                let before = recorded[file.path]
                if before.map(file.isUntouched) ?? (file.kind == .directory) { return nil }
                return ChangedFile(now: file, recorded: before, basis: .baseline)
            }
            guard file.kind != .directory else {
                // Its times are of its entries; that everybody may write to it is the pod's work, as far as is known.
                let isOpen = told.contains(file.path) && file.permissions & 0o002 != 0
                return isOpen ? ChangedFile(now: file, basis: .told) : nil
            }
            if let start, file.changed >= start { return ChangedFile(now: file, basis: .time) }
            if told.contains(file.path) { return ChangedFile(now: file, basis: .told) }
            guard start != nil else { return nil }
            let directory = file.path[..<(file.path.lastIndex(of: "/") ?? file.path.startIndex)]
            guard file.uid != 0, owners[directory].map({ $0 != file.uid }) ?? false else { return nil }
            return ChangedFile(now: file, basis: .owner)
        }
    }

    private static func removed(_ recorded: [String: PlacedFile], _ files: [PlacedFile]) -> [ChangedFile] {
        let present = Set(files.map(\.path))
        return recorded.values.filter { $0.kind != .directory && !present.contains($0.path) }.map {
            ChangedFile(now: nil, recorded: $0, basis: .baseline)
        }
    }

    mutating func hash(_ file: inout ChangedFile, _ node: borrowing Descriptor) {
        guard let now = file.now, now.kind == .regular else { return }
        if let hash = known.hash(of: now) {
            file.now?.sha256 = hash
            return
        }
        guard !deadline.isPast else { return gaps.add(.timeLimit, "changed files were not read", now.path) }
        guard now.size <= bytesLeft else {
            return gaps.add(.nodeFiles, "changed files have more than \(Self.byteLimit >> 20) MiB", now.path)
        }
        bytesLeft -= now.size
        do {
            let hash = try FileHash.sha256(now.path, below: node, slices: slices)
            file.now?.sha256 = hash
            known.remember(hash, of: now)
        } catch {
            gaps.add(.nodeFiles, "a changed file could not be read: \(error)", now.path)
        }
    }
}

extension ChangedFile {
    /// It was written or replaced, and is what it was.
    fileprivate var isSameAgain: Bool {
        guard let now, let recorded else { return false }
        return now.differences(from: recorded).isEmpty
    }

    fileprivate var isReadAndSame: Bool { now?.sha256 != nil && now?.sha256 == recorded?.sha256 && isSameAgain }
}
