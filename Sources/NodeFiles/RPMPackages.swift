import LinuxSystem
import NodeModel

/// Asks rpm what its packages have: it compares nothing itself and runs no script (rpm(8), -qf).
struct RPMPackages {
    /// Where it is on a node.
    static let path = "/usr/bin/rpm"

    let program: String
    /// A package of many files has a line for each of them.
    private static let limit = 8 << 20
    /// What is asked in one call: paths and answers of any number of files stay within what a call takes and gives.
    static let pathsAtOnce = 500
    private static let packagesAtOnce = 50

    init(program: String = Self.path) { self.program = program }

    /// What a package has.
    struct Record: Equatable {
        /// The SHA-256 of a file, or the text of a link.
        var content: String
        /// The bits of chmod(2).
        var permissions: UInt32

        /// `nil` for what cannot be read, or has a digest of another kind.
        func verdict(
            of file: PlacedFile, below node: borrowing Descriptor, _ slices: Slices? = nil
        ) -> PackageDatabase.Verdict? {
            guard file.kind == .regular else { return content == file.target ? .same : .other }
            let hash = file.sha256 ?? (try? FileHash.sha256(file.path, below: node, slices: slices))
            guard let hash, hash.utf8.count == content.utf8.count else { return nil }
            return content == hash && permissions == file.permissions ? .same : .other
        }
    }

    /// By path, what packages have; files of no package are missing.
    ///
    /// - Returns: `nil` where there is no rpm that can be trusted, or it gave no answer in time.
    func records(of paths: [String], until deadline: Deadline) -> [String: Record]? {
        guard (try? TrustedFile.check(program)) != nil else { return nil }
        var records: [String: Record] = [:]
        for start in stride(from: 0, to: paths.count, by: Self.pathsAtOnce) {
            let some = Array(paths[start..<min(start + Self.pathsAtOnce, paths.count)])
            guard let found = recordsAtOnce(of: some, until: deadline) else { return nil }
            records.merge(found) { first, _ in first }
        }
        return records
    }

    private func recordsAtOnce(of paths: [String], until deadline: Deadline) -> [String: Record]? {
        // Asked by paths, rpm tells all files of a package for each of them.
        let name = "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\n"
        guard let owners = ask(name, ["-f"] + paths, until: deadline) else { return nil }
        let packages = Set(owners.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) })
            .filter { !$0.contains(" ") }.sorted()
        let files = "[%{FILENAMES}\\t%{FILEMODES:octal}\\t%{FILEDIGESTS}\\t%{FILELINKTOS}\\n]"
        let names = Set(paths.flatMap(PackageDatabase.names))
        var records: [String: Record] = [:]
        for start in stride(from: 0, to: packages.count, by: Self.packagesAtOnce) {
            let some = packages[start..<min(start + Self.packagesAtOnce, packages.count)]
            guard let answer = ask(files, Array(some), until: deadline) else { return nil }
            records.merge(Self.parse(answer).filter { names.contains($0.key) }) { first, _ in first }
        }
        var found: [String: Record] = [:]
        for path in paths { found[path] = PackageDatabase.names(of: path).lazy.compactMap { records[$0] }.first }
        return found
    }

    /// What rpm writes of some packages; `nil` where that is not all of it.
    private func ask(_ format: String, _ packages: [String], until deadline: Deadline) -> [UInt8]? {
        let ended = try? BoundedProgram.run(
            program, ["-q", "--queryformat", format] + packages, environment: ["LC_ALL": "C"], input: [],
            keeping: Self.limit, until: deadline)
        guard let ended, ended.output.count < Self.limit else { return nil }
        // Its status counts the paths of no package.
        switch ended.failure {
        case nil, .exit: return ended.output
        default: return nil
        }
    }

    /// Lines of path, mode, digest and link's text, with tabs in between; anything else is a message.
    static func parse(_ output: [UInt8]) -> [String: Record] {
        var records: [String: Record] = [:]
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard fields.count == 4, let path = String(validating: fields[0], as: UTF8.self),
                let mode = UInt32(String(decoding: fields[1], as: UTF8.self), radix: 8)
            else { continue }
            let content = fields[3].isEmpty ? fields[2] : fields[3]
            guard !content.isEmpty else { continue }
            records[path] = Record(content: String(decoding: content, as: UTF8.self), permissions: mode & 0o7777)
        }
        return records
    }
}
