import FoundationEssentials
import Glibc
package import LinuxSystem

/// A ledger of findings as a file that only this user can have written, such as `/var/lib/breakoutd/state.json`.
package enum StateFile {
    /// Why a file is no state that may be gone on with; a daemon then begins with an empty ledger, and says so.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case file(TrustedFile.Failure)
        /// The text is no JSON, cut off, or not of the state's shape.
        case malformed(path: String)
        /// Written by a version that this one does not know.
        case schema(path: String, found: String)

        package var description: String {
            switch self {
            case .file(let failure): failure.description
            case .malformed(let path): "\(path): no state of breakoutd, or a damaged one"
            case .schema(let path, let found): "\(path): schema \(found) is not \(StateDocument.schema)"
            }
        }
    }

    package static let defaultPath = "/var/lib/breakoutd/state.json"

    /// Above what the bounds of a ledger and of the texts in it come to.
    static let limit = 64 << 20

    /// Reads the ledger; `nil` where there is no file, as at the very first start.
    ///
    /// - Parameter time: milliseconds since 1970-01-01 UTC, from which the rate limit counts.
    package static func load(
        _ path: String, _ limit: RateLimit = .standard, at time: Int64
    ) throws(Failure) -> FindingLedger? {
        let bytes: [UInt8]
        do throws(TrustedFile.Failure) {
            bytes = try TrustedFile.read(path, limit: Self.limit)
        } catch {
            if error.isAbsent { return nil }
            throw .file(error)
        }
        return try decode(bytes, path: path).ledger(limit, at: time)
    }

    /// Puts the ledger in the place of the old one; after a crash at any moment there is the one or the other.
    package static func save(_ ledger: FindingLedger, to path: String) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(StateDocument(ledger)) else {
            throw SystemError(errorNumber: EINVAL, call: "encode", path: path)
        }
        try OutputFile.replace(path, with: Array(data) + [UInt8(ascii: "\n")], through: "\(path).new")
    }

    private static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> StateDocument {
        struct Header: Decodable { var schema: String }
        let data = Data(bytes)
        guard let header = try? JSONDecoder().decode(Header.self, from: data) else { throw .malformed(path: path) }
        guard header.schema == StateDocument.schema else { throw .schema(path: path, found: header.schema) }
        guard let document = try? JSONDecoder().decode(StateDocument.self, from: data) else {
            throw .malformed(path: path)
        }
        return document
    }
}
