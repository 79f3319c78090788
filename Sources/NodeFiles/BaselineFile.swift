import Glibc
package import LinuxSystem

/// A baseline as a file that only root, or this user, can have written.
package enum BaselineFile {
    package static let defaultPath = "/var/lib/breakoutd/baseline.json"

    /// 50,000 files, the most that a walk gives, take some 20 MB.
    static let limit = 64 << 20

    /// Reads a baseline; `nil` where there is no file.
    package static func load(_ path: String) throws(TrustedDocumentFailure) -> Baseline? {
        try Baseline.load(path, limit: limit)
    }

    /// Writes a baseline in the place of an old one, and makes the directory that it is in where there is none.
    package static func save(_ baseline: Baseline, to path: String) throws(SystemError) {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { mkdir(String(path[..<slash]), 0o700) }
        try baseline.save(to: path)
    }
}
