import FoundationEssentials
import Glibc
package import LinuxSystem

/// A baseline as a file that only root, or this user, can have written.
package enum BaselineFile {
    /// Why a file is no baseline to go by.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case file(TrustedFile.Failure)
        /// The text is no JSON, cut off, or not of a baseline's shape.
        case malformed(path: String)
        /// Written by a version that this one does not know.
        case schema(path: String, found: String)

        package var description: String {
            switch self {
            case .file(let failure): failure.description
            case .malformed(let path): "\(path): no baseline of breakoutd, or a damaged one"
            case .schema(let path, let found): "\(path): schema \(found) is not \(Baseline.currentSchema)"
            }
        }
    }

    package static let defaultPath = "/var/lib/breakoutd/baseline.json"

    /// 50,000 files, the most that a walk gives, take some 20 MB.
    static let limit = 64 << 20

    /// Reads a baseline; `nil` where there is no file.
    package static func load(_ path: String) throws(Failure) -> Baseline? {
        let bytes: [UInt8]
        do throws(TrustedFile.Failure) {
            bytes = try TrustedFile.read(path, limit: limit)
        } catch {
            if error.isAbsent { return nil }
            throw .file(error)
        }
        return try decode(bytes, path: path)
    }

    /// Writes a baseline in the place of an old one, and makes the directory that it is in where there is none.
    package static func save(_ baseline: Baseline, to path: String) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(baseline) else {
            throw SystemError(errorNumber: EINVAL, call: "encode", path: path)
        }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { mkdir(String(path[..<slash]), 0o700) }
        try OutputFile.replace(path, with: Array(data) + [UInt8(ascii: "\n")])
    }

    static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> Baseline {
        struct Header: Decodable { var schema: String }
        let data = Data(bytes)
        guard let header = try? JSONDecoder().decode(Header.self, from: data) else { throw .malformed(path: path) }
        guard header.schema == Baseline.currentSchema else { throw .schema(path: path, found: header.schema) }
        guard let baseline = try? JSONDecoder().decode(Baseline.self, from: data) else {
            throw .malformed(path: path)
        }
        return baseline
    }
}
