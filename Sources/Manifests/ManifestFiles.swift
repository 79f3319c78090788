import Glibc
import LinuxSystem

/// The manifests that a path names: one file, or those of a directory, as kubectl's `-f` takes them.
package struct ManifestFiles {
    /// What a file of a directory has to end with to be a manifest (cli-runtime, resource.FileExtensions).
    static let extensions = [".json", ".yaml", ".yml"]

    /// Entries of one directory.
    static let entryLimit = 1_000_000
    /// Directories within each other, each of which keeps a descriptor open.
    static let depthLimit = 64

    private let isRecursive: Bool
    private let limits: ManifestLimits

    /// - Parameter isRecursive: directories below a directory are read, too.
    package init(isRecursive: Bool, limits: ManifestLimits = ManifestLimits()) {
        self.isRecursive = isRecursive
        self.limits = limits
    }

    /// Calls `body` with the name and the bytes of each manifest, or with why it cannot be read.
    ///
    /// A pipe is read if it is the path itself. A directory's entries come in ascending order of bytes. Links below it are
    /// not followed: one that is named like a manifest cannot be read, any other is passed over.
    package func read(_ path: String, _ body: (String, Result<[UInt8], ManifestError>) -> Void) {
        let contents = Result { () throws(BoundedFile.Failure) in
            try ManifestReader.contents(of: path, limits, takesPipe: true)
        }
        guard case .failure(.notRegular(.directory)) = contents else {
            return body(path, contents.mapError { ManifestError(name: path, $0, limits) })
        }
        var isEmpty = true
        do throws(SystemError) {
            try readDirectory(try Descriptor.open(path, O_RDONLY | O_DIRECTORY), path, depth: 1) {
                isEmpty = false
                body($0, $1)
            }
        } catch {
            return body(path, .failure(ManifestError(name: path, reason: error.reason)))
        }
        guard isEmpty else { return }
        let reason = "no file in it is named \(Self.extensions.map { "*\($0)" }.joined(separator: ", "))"
        body(path, .failure(ManifestError(name: path, reason: reason)))
    }

    private func readDirectory(
        _ directory: borrowing Descriptor, _ path: String, depth: Int,
        _ body: (String, Result<[UInt8], ManifestError>) -> Void
    ) throws(SystemError) {
        let (names, isCut) = try directory.entryNames(limit: Self.entryLimit)
        if isCut { body(path, .failure(ManifestError(name: path, reason: "more than \(Self.entryLimit) entries"))) }
        let parent = path.utf8.last == UInt8(ascii: "/") ? path : path + "/"
        for bytes in names {
            let name = String(decoding: bytes, as: UTF8.self)
            let place = parent + name
            do throws(SystemError) {
                var isDirectory = false
                if Self.extensions.contains(where: { bytes.suffix($0.utf8.count).elementsEqual($0.utf8) }) {
                    isDirectory = !readFile(name, in: directory, place, body)
                } else if isRecursive {
                    isDirectory = try directory.status(of: name).kind == .directory
                }
                guard isDirectory, isRecursive else { continue }
                guard depth < Self.depthLimit else {
                    let reason = "more than \(Self.depthLimit) directories within each other"
                    body(place, .failure(ManifestError(name: place, reason: reason)))
                    continue
                }
                try readDirectory(try directory.openEntry(name, O_RDONLY | O_DIRECTORY), place, depth: depth + 1, body)
            } catch {
                body(place, .failure(ManifestError(name: place, reason: error.reason)))
            }
        }
    }

    /// - Returns: `false` for a directory, of which `body` hears nothing.
    private func readFile(
        _ name: String, in directory: borrowing Descriptor, _ place: String,
        _ body: (String, Result<[UInt8], ManifestError>) -> Void
    ) -> Bool {
        do throws(BoundedFile.Failure) {
            body(place, .success(try BoundedFile.read(name, in: directory, limit: limits.bytes)))
        } catch {
            if error == .notRegular(.directory) { return false }
            body(place, .failure(ManifestError(name: place, error, limits)))
        }
        return true
    }
}

extension ManifestError {
    /// A file that was not read.
    init(name: String, _ failure: BoundedFile.Failure, _ limits: ManifestLimits) {
        let reason =
            switch failure {
            case .system(let error): error.reason
            case .notRegular(let kind): "not a regular file (\(kind.rawValue))"
            case .tooLarge: "larger than \(limits.bytes >> 20) MiB"
            }
        self.init(name: name, reason: reason)
    }
}
