import FoundationEssentials
import Glibc

/// A JSON document of this program, as a file that only root, or this user, can have written; its field `schema` says of
/// which shape it is.
package protocol TrustedDocument: Codable {
    /// What it is, in a word.
    static var title: String { get }
    /// The only schema that this version writes and reads.
    static var currentSchema: String { get }
}

/// Why a file is no document to go by.
package enum TrustedDocumentFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case file(TrustedFile.Failure)
    /// The text is no JSON, cut off, or not of the document's shape.
    case malformed(path: String, title: String)
    /// Written by a version that this one does not know.
    case schema(path: String, found: String, known: String)

    package var description: String {
        switch self {
        case .file(let failure): failure.description
        case .malformed(let path, let title): "\(path): no \(title) of breakoutd, or a damaged one"
        case .schema(let path, let found, let known): "\(path): schema \(found) is not \(known)"
        }
    }
}

/// What every version's document has.
private struct Header: Decodable { var schema: String }

extension TrustedDocument {
    /// Reads a document of at most some bytes; `nil` where there is no file.
    package static func load(_ path: String, limit: Int) throws(TrustedDocumentFailure) -> Self? {
        let bytes: [UInt8]
        do throws(TrustedFile.Failure) {
            bytes = try TrustedFile.read(path, limit: limit)
        } catch {
            if error.isAbsent { return nil }
            throw .file(error)
        }
        let (data, decoder) = (Data(bytes), JSONDecoder())
        guard let header = try? decoder.decode(Header.self, from: data) else {
            throw .malformed(path: path, title: title)
        }
        guard header.schema == currentSchema else {
            throw .schema(path: path, found: header.schema, known: currentSchema)
        }
        guard let document = try? decoder.decode(Self.self, from: data) else {
            throw .malformed(path: path, title: title)
        }
        return document
    }

    /// Puts the document in the place of an old one; after a crash at any moment there is the one or the other.
    ///
    /// - Parameter temporary: as `OutputFile.replace` takes it.
    package func save(to path: String, through temporary: String? = nil) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            throw SystemError(errorNumber: EINVAL, call: "encode", path: path)
        }
        try OutputFile.replace(path, with: Array(data) + [UInt8(ascii: "\n")], through: temporary)
    }
}
