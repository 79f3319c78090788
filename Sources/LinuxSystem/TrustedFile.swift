import Glibc

/// Files that nobody can have written or put in their place but root and the user of this process: what a daemon of root
/// obeys or runs.
///
/// The rule is that of sshd (OpenSSH misc.c, safe_path): the file and every directory above it belong to root or to this
/// user, and neither group nor others may write to them. A directory with the sticky bit, such as `/tmp`, is right too:
/// there only an entry's owner replaces it (inode(7)).
package enum TrustedFile {
    /// Why a file is not trusted or was not read.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case system(SystemError)
        case notRegular(path: String, FileStatus.Kind)
        case tooLarge(path: String, limit: Int)
        /// The file, or a directory above it, belongs to another user.
        case foreignOwner(path: String, uid: UInt32)
        /// Group or others may write to the file, or put another in its place.
        case writableByOthers(path: String, permissions: UInt32)

        package var description: String {
            switch self {
            case .system(let error): "\(error.path): \(error.reason)"
            case .notRegular(let path, let kind): "\(path): not a regular file (\(kind.rawValue))"
            case .tooLarge(let path, let limit): "\(path): larger than \(limit >> 10) KiB"
            case .foreignOwner(let path, let uid): "\(path): belongs to uid \(uid), not to root"
            case .writableByOthers(let path, let permissions):
                "\(path): group or others may write to it (mode 0\(String(permissions, radix: 8)))"
            }
        }

        /// There is no such file.
        package var isAbsent: Bool {
            if case .system(let error) = self { return error.errorNumber == ENOENT }
            return false
        }
    }

    /// The bytes of a file, at most `limit`; a link in its place is an error, one above it is followed.
    package static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let (directory, name) = split(path)
        let parent = try openDirectory(resolved(directory))
        let status = try at(path) { () throws(SystemError) in try parent.status(of: name) }
        guard status.kind == .regular else { throw .notRegular(path: path, status.kind) }
        try check(status, path: path)
        do throws(BoundedFile.Failure) {
            return try BoundedFile.read(name, in: parent, limit: limit)
        } catch {
            switch error {
            case .system(let error):
                throw .system(SystemError(errorNumber: error.errorNumber, call: error.call, path: path))
            case .notRegular(let kind): throw .notRegular(path: path, kind)
            case .tooLarge: throw .tooLarge(path: path, limit: limit)
            }
        }
    }

    /// Throws unless a path, at the end of its links, is a trusted regular file.
    package static func check(_ path: String) throws(Failure) {
        let (directory, name) = split(try resolved(path))
        let parent = try openDirectory(directory)
        let status = try at(path) { () throws(SystemError) in try parent.status(of: name) }
        guard status.kind == .regular else { throw .notRegular(path: path, status.kind) }
        try check(status, path: path)
    }

    /// Names the whole path in an error of the system.
    private static func at<Value: ~Copyable>(
        _ path: String, _ call: () throws(SystemError) -> Value
    ) throws(Failure) -> Value {
        do throws(SystemError) {
            return try call()
        } catch {
            throw .system(SystemError(errorNumber: error.errorNumber, call: error.call, path: path))
        }
    }

    private static func check(_ status: FileStatus, path: String) throws(Failure) {
        guard status.uid == 0 || status.uid == geteuid() else { throw .foreignOwner(path: path, uid: status.uid) }
        let isSticky = status.kind == .directory && status.permissions & 0o1000 != 0
        guard status.permissions & 0o022 == 0 || isSticky else {
            throw .writableByOthers(path: path, permissions: status.permissions)
        }
    }

    /// Opens a directory whose path has no links, and checks each one down to it.
    private static func openDirectory(_ path: String) throws(Failure) -> Descriptor {
        let flags = LinuxFlags.path | O_DIRECTORY
        var place = "/"
        var current = try at(place) { () throws(SystemError) in try Descriptor.open("/", flags) }
        try check(at(place) { () throws(SystemError) in try current.status() }, path: place)
        for component in path.split(separator: "/") {
            place += (place == "/" ? "" : "/") + component
            let next = try at(place) { () throws(SystemError) in try current.openEntry(String(component), flags) }
            try check(at(place) { () throws(SystemError) in try next.status() }, path: place)
            current = next
        }
        return current
    }

    private static func resolved(_ path: String) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else {
            throw .system(SystemError(errorNumber: errno, call: "realpath", path: path))
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}
