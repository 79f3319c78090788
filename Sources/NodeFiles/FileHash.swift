import Crypto
import Glibc
package import LinuxSystem
import NodeModel

/// Hashes regular files of the node, each opened without following a link and no more of it read than a bound.
package enum FileHash {
    /// Bytes of one file: a kubelet has some 120 million.
    package static let limit: Int64 = 256 << 20

    /// SHA-256 of an empty file, in hex.
    package static let ofNothing = SHA256.hash(data: [UInt8]()).hex

    /// Why a file has no hash.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case system(SystemError)
        case notRegular
        case tooLarge
        /// Somebody wrote to it meanwhile.
        case changing

        package var description: String {
            switch self {
            case .system(let error): error.reason
            case .notRegular: "not a regular file"
            case .tooLarge: "longer than the limit"
            case .changing: "it changed while it was read"
            }
        }
    }

    /// SHA-256 of a file, in hex.
    ///
    /// - Parameters:
    ///   - path: from the node's root.
    ///   - limit: of its size in bytes.
    package static func sha256(
        _ path: String, below root: borrowing Descriptor, limit: Int64 = limit, slices: Slices? = nil
    ) throws(Failure) -> String { try hash(path, root, limit, slices, SHA256.self) }

    /// MD5 of a file, in hex, for package databases that know no other.
    static func md5(
        _ path: String, below root: borrowing Descriptor, slices: Slices? = nil
    ) throws(Failure) -> String { try hash(path, root, limit, slices, Insecure.MD5.self) }

    private static func hash<Function: HashFunction>(
        _ path: String, _ root: borrowing Descriptor, _ limit: Int64, _ slices: Slices?, _ function: Function.Type
    ) throws(Failure) -> String {
        guard let slash = path.lastIndex(of: "/") else { throw .notRegular }
        let name = String(path[path.index(after: slash)...])
        do {
            let directory = try root.openDirectory(below: String(path[..<slash]))
            // Looked at before it is opened: no FIFO and no device is.
            guard try directory.status(of: name).kind == .regular else { throw Failure.notRegular }
            let file = try directory.openEntry(name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            let before = try file.status()
            guard before.kind == .regular else { throw Failure.notRegular }
            guard before.size <= limit else { throw Failure.tooLarge }
            let digest = try contents(of: file, limit: limit, slices, function)
            guard try file.status() == before else { throw Failure.changing }
            return digest
        } catch let error as SystemError {
            throw .system(error)
        } catch let error as Failure {
            throw error
        } catch {
            throw .notRegular
        }
    }

    private static func contents<Function: HashFunction>(
        of file: borrowing Descriptor, limit: Int64, _ slices: Slices?, _ function: Function.Type
    ) throws -> String {
        var hash = Function()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 16)
        defer { buffer.deallocate() }
        var total: Int64 = 0
        while true {
            let count = retrying { read(file.number, buffer.baseAddress, buffer.count) }
            if count < 0 { throw SystemError(errorNumber: errno, call: "read", path: "") }
            if count == 0 { break }
            total += Int64(count)
            guard total <= limit else { throw Failure.tooLarge }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            slices?.endIfLong()
        }
        return hash.finalize().hex
    }
}

extension Digest {
    fileprivate var hex: String {
        map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
