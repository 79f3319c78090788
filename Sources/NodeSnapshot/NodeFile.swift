import FoundationEssentials
import LinuxSystem
package import NodeModel

/// A node as a file: what `scan --save` writes and `scan --from` judges on any machine.
package enum NodeFile {
    /// Why a file is no node.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case file(path: String, reason: String)
        /// The text is no JSON or not of a node's shape; where in it and why.
        case malformed(path: String, reason: String)
        /// Written by a version that this one does not know.
        case schema(path: String, found: String)

        package var description: String {
            switch self {
            case .file(let path, let reason): "\(path): \(reason)"
            case .malformed(let path, let reason): "\(path): \(reason)"
            case .schema(let path, let found): "\(path): schema \(found) is not \(Node.currentSchema)"
            }
        }
    }

    /// A node of 100,000 tasks is some 60 MB.
    package static let limit = 256 << 20

    /// The file's bytes: sorted keys, so that equal nodes are equal files.
    package static func encode(_ node: Node) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(node)) + [UInt8(ascii: "\n")]
    }

    /// Writes a node beside its final name and renames it, so that no half of it is ever seen.
    package static func save(_ node: Node, to path: String) throws(Failure) {
        do {
            try OutputFile.replace(path, with: try encode(node))
        } catch let error as SystemError {
            throw .file(path: path, reason: error.reason)
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
    }

    /// Loads a node that anybody may have written: its references are checked before any check follows one.
    package static func load(_ path: String) throws(Failure) -> Node {
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.read(path: path, limit: limit)
        } catch {
            switch error {
            case .system(let error): throw .file(path: path, reason: error.reason)
            case .notRegular(let kind): throw .file(path: path, reason: "is no file but \(kind.rawValue)")
            case .tooLarge: throw .file(path: path, reason: "is longer than \(limit) bytes")
            }
        }
        return try decode(bytes, path: path)
    }

    static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> Node {
        struct Header: Decodable { var schema: String }
        let node: Node
        do {
            let header = try JSONDecoder().decode(Header.self, from: Data(bytes))
            guard header.schema == Node.currentSchema else { throw Failure.schema(path: path, found: header.schema) }
            node = try JSONDecoder().decode(Node.self, from: Data(bytes))
        } catch let failure as Failure {
            throw failure
        } catch let error as DecodingError {
            throw .malformed(path: path, reason: reason(error))
        } catch {
            throw .malformed(path: path, reason: "is not JSON")
        }
        if let broken = brokenReference(in: node) { throw .malformed(path: path, reason: broken) }
        return node
    }

    private static func brokenReference(in node: Node) -> String? {
        for (index, task) in node.tasks.enumerated() {
            if let container = task.container, !node.containers.indices.contains(container) {
                return "tasks[\(index)].container: there is no container \(container)"
            }
            if let cgroup = task.cgroup, !node.cgroups.indices.contains(cgroup) {
                return "tasks[\(index)].cgroup: there is no cgroup \(cgroup)"
            }
        }
        return nil
    }

    private static func reason(_ error: DecodingError) -> String {
        func at(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return path.isEmpty ? "" : "\(path.drop { $0 == "." }): "
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(at(context))\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let underlying = context.underlyingError.map { ": \($0)" } ?? ""
            return "\(at(context))\(context.debugDescription)\(underlying)"
        @unknown default: return "is not of a node's shape"
        }
    }
}
