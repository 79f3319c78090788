import LinuxSystem
import NodeModel
import Synchronization

/// What scans of one process remember of files, so that one that finds nothing changed reads nothing but their status.
package final class KnownFiles: Sendable {
    private struct Key: Hashable {
        var device, inode: UInt64
        var size, modified, changed: Int64

        init(_ file: PlacedFile) {
            (device, inode) = (file.device, file.inode)
            (size, modified, changed) = (file.size, file.modified, file.changed)
        }
    }

    /// A baseline as look-ups need it.
    struct KnownBaseline: Sendable {
        var path: String
        var status: FileStatus
        var files: [String: PlacedFile]
    }

    private struct State {
        var hashes: [Key: String] = [:]
        var baseline: KnownBaseline?
        var verdicts: [String: PackageDatabase.Verdict] = [:]
        var databases: [FileStatus] = []
        var scans = 0
    }

    private static let limit = 10_000
    /// A kubelet's 120 million bytes, once in so many scans, cost next to nothing.
    static let scansPerFile = 10
    private let state = Mutex(State())

    package init() {}

    /// The hash of a file that was not touched since it was remembered.
    func hash(of file: PlacedFile) -> String? { state.withLock { $0.hashes[Key(file)] } }

    func remember(_ hash: String, of file: PlacedFile) {
        state.withLock { state in
            if state.hashes.count >= Self.limit { state.hashes = [:] }
            state.hashes[Key(file)] = hash
        }
    }

    /// Forgets the hash of one of some files at times, of each in its turn, so that what changed without a trace is read again.
    func forgetOne(of files: [PlacedFile]) {
        guard !files.isEmpty else { return }
        state.withLock { state in
            state.scans += 1
            let (turn, rest) = state.scans.quotientAndRemainder(dividingBy: Self.scansPerFile)
            if rest == 0 { state.hashes[Key(files[turn % files.count])] = nil }
        }
    }

    /// The baseline of a path, read anew where it is another file than the last time; `nil` where there is none.
    func baseline(_ path: String) throws(TrustedDocumentFailure) -> [String: PlacedFile]? {
        guard let status = try? FileStatus(following: path) else {
            state.withLock { $0.baseline = nil }
            // Why it cannot be read is for the reader to say.
            return try BaselineFile.load(path).map(Self.lookUp)
        }
        if let known = state.withLock({ $0.baseline }), known.path == path, known.status == status {
            return known.files
        }
        guard let files = try BaselineFile.load(path).map(Self.lookUp) else { return nil }
        state.withLock { $0.baseline = KnownBaseline(path: path, status: status, files: files) }
        return files
    }

    private static func lookUp(_ baseline: Baseline) -> [String: PlacedFile] {
        Dictionary(baseline.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What a package database says of files, asked again only of those that it was not asked of since it changed.
    func verdicts(
        of files: [PlacedFile], databases: [FileStatus], _ ask: ([PlacedFile]) -> [String: PackageDatabase.Verdict]
    ) -> [String: PackageDatabase.Verdict] {
        func key(_ file: PlacedFile) -> String {
            // Of what was not read its identity tells.
            let content = file.sha256 ?? "\(file.device) \(file.inode) \(file.size) \(file.modified) \(file.changed)"
            // A verdict is about the mode as well.
            return "\(content) \(file.permissions) \(file.path)"
        }
        var known = state.withLock { state in
            if state.databases != databases || state.verdicts.count >= Self.limit { state.verdicts = [:] }
            state.databases = databases
            return state.verdicts
        }
        let unknown = files.filter { known[key($0)] == nil }
        if !unknown.isEmpty {
            let answers = ask(unknown)
            for file in unknown { known[key(file)] = answers[file.path] }
            state.withLock { [known] state in state.verdicts = known }
        }
        return Dictionary(
            files.compactMap { file in known[key(file)].map { (file.path, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
