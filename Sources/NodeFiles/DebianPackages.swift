import LinuxSystem
import NodeModel

/// The MD5 sums that dpkg keeps of the files of packages: `info/PACKAGE.md5sums`, and of their configuration files in
/// `status` (deb-md5sums(5), dpkg-query(1)).
struct DebianPackages {
    static let directory = "/var/lib/dpkg"
    static let status = "\(directory)/status"
    /// The longest list of a Debian package has some 8 MB.
    private static let limit = 64 << 20
    private static let packageLimit = 20_000

    private var sums: [String: String] = [:]

    /// What is known of some paths; `nil` where there is no dpkg, or its database cannot be read.
    init?(of paths: [String], below node: borrowing Descriptor) {
        var wanted = Wanted(paths)
        guard let top = try? node.openDirectory(below: Self.directory),
            let status = try? BoundedFile.read("status", in: top, limit: Self.limit),
            let info = try? top.openEntry("info", LinuxFlags.directory),
            let (names, isCut) = try? info.entryNames(limit: Self.packageLimit), !isCut
        else { return nil }
        wanted.takeConfiguration(status)
        for bytes in names {
            guard let name = String(validating: bytes, as: UTF8.self), name.hasSuffix(".md5sums") else { continue }
            guard let list = try? BoundedFile.read(name, in: info, limit: Self.limit) else { return nil }
            wanted.takeSums(list)
        }
        sums = wanted.sums
    }

    /// `nil` for what has no sum or cannot be read.
    func verdict(
        of file: PlacedFile, below node: borrowing Descriptor, _ slices: Slices? = nil
    ) -> PackageDatabase.Verdict? {
        guard let sum = sums[file.path] else { return file.kind == .regular ? PackageDatabase.Verdict.none : nil }
        guard file.kind == .regular, let own = try? FileHash.md5(file.path, below: node, slices: slices) else {
            return nil
        }
        // No list has modes: of a program that runs as its owner, or that others may write to, the content is not all.
        guard own == sum else { return .other }
        return file.permissions & 0o6022 == 0 ? .same : .sameContent
    }

    /// Looks in lists for the sums of some paths.
    private struct Wanted {
        private(set) var sums: [String: String] = [:]
        private var pathOfName: [ArraySlice<UInt8>: String] = [:]

        init(_ paths: [String]) {
            for path in paths {
                for name in PackageDatabase.names(of: path) { pathOfName[Array(name.utf8)[...]] = path }
            }
        }

        /// Lines such as `900150983cd24fb0d6963f7d28e17f72  usr/bin/abc`.
        mutating func takeSums(_ list: [UInt8]) {
            for line in list.split(separator: UInt8(ascii: "\n")) where line.count > 34 {
                let name = [UInt8(ascii: "/")] + line.dropFirst(34)
                if let path = pathOfName[name[...]] { sums[path] = String(decoding: line.prefix(32), as: UTF8.self) }
            }
        }

        /// Lines such as ` /etc/abc.conf 900150983cd24fb0d6963f7d28e17f72`, with `obsolete` after them at times.
        mutating func takeConfiguration(_ status: [UInt8]) {
            for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: " /".utf8) {
                let words = line.split(separator: UInt8(ascii: " "))
                guard words.count >= 2, words[1].count == 32, let path = pathOfName[words[0]] else { continue }
                sums[path] = String(decoding: words[1], as: UTF8.self)
            }
        }
    }
}
