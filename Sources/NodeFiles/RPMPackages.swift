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

    /// What rpm says of some files; of one that is in neither it says nothing.
    struct Answer: Equatable {
        /// By path, what packages have.
        var records: [String: Record] = [:]
        /// What no package has.
        var unowned: Set<String> = []
    }

    /// What packages have at some paths, whose names may be anybody's.
    ///
    /// - Returns: `nil` where there is no rpm that can be trusted, or it gave no answer in time.
    func answer(of paths: [String], until deadline: Deadline) -> Answer? {
        guard (try? TrustedFile.check(program)) != nil else { return nil }
        // No package has such a name, and rpm writes it as it is: what follows a line break would seem to be an answer.
        let plain = paths.filter { !$0.hasControlCharacter }
        var answer = Answer(unowned: Set(paths).subtracting(plain))
        for start in stride(from: 0, to: plain.count, by: Self.pathsAtOnce) {
            let some = Array(plain[start..<min(start + Self.pathsAtOnce, plain.count)])
            guard let found = answerAtOnce(of: some, until: deadline) else { return nil }
            answer.records.merge(found.records) { first, _ in first }
            answer.unowned.formUnion(found.unowned)
        }
        return answer
    }

    private func answerAtOnce(of paths: [String], until deadline: Deadline) -> Answer? {
        // Asked by paths, rpm tells all files of a package for each of them.
        let name = "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\n"
        guard let owners = ask(name, ["-f"], paths, until: deadline) else { return nil }
        let lines = Set(
            owners.output.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) })
        let packages = lines.filter(Self.isPackage).sorted()
        let files = "[%{FILENAMES}\\t%{FILEMODES:octal}\\t%{FILEDIGESTS}\\t%{FILELINKTOS}\\n]"
        let names = Set(paths.flatMap(PackageDatabase.names))
        var records: [String: Record] = [:]
        for start in stride(from: 0, to: packages.count, by: Self.packagesAtOnce) {
            let some = packages[start..<min(start + Self.packagesAtOnce, packages.count)]
            // All of them are there, or the answer is not whole.
            guard let answer = ask(files, [], Array(some), until: deadline), answer.failure == nil else { return nil }
            records.merge(Self.parse(answer.output).filter { names.contains($0.key) }) { first, _ in first }
        }
        var found = Answer(unowned: Set(paths.filter { lines.contains("file \($0) is not owned by any package") }))
        for path in paths {
            found.records[path] = PackageDatabase.names(of: path).lazy.compactMap { records[$0] }.first
        }
        return found
    }

    /// A name, version, release and architecture as they may be (rpm-spec(7)); no message, which has spaces, and no option.
    private static func isPackage(_ line: String) -> Bool {
        let isWhole = line.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: "-._+~^".utf8.contains(byte)
            }
        }
        return isWhole && line.first.map { $0.isLetter || $0.isNumber } ?? false
    }

    /// What rpm writes to its standard output of some packages or paths; `nil` where that is not all of it.
    private func ask(
        _ format: String, _ options: [String], _ subjects: [String], until deadline: Deadline
    ) -> BoundedProgram.Ended? {
        let ended = try? BoundedProgram.run(
            program, ["-q", "--queryformat", format] + options + ["--"] + subjects, environment: ["LC_ALL": "C"],
            input: [], keeping: Self.limit, of: .standardOutput, until: deadline)
        guard let ended, ended.output.count < Self.limit else { return nil }
        // Its status counts the paths of no package.
        switch ended.failure {
        case nil, .exit: return ended
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

extension String {
    fileprivate var hasControlCharacter: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
