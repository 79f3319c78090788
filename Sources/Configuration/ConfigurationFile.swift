import LinuxSystem
import Manifests

/// The configuration's file: YAML, every setting optional, and none that is not known.
package enum ConfigurationFile {
    package static let defaultPath = "/etc/breakoutd/config.yaml"

    /// A configuration that a person writes has some kilobytes.
    static let limit = 1 << 20

    /// Reads a file that only root, or this user, can have written.
    package static func read(_ path: String) throws(ConfigurationError) -> DaemonConfiguration {
        guard let configuration = try readIfPresent(path) else {
            throw ConfigurationError(file: path, reason: "No such file or directory")
        }
        return configuration
    }

    /// Reads such a file; `nil` where there is none, and so the defaults count.
    package static func readIfPresent(
        _ path: String = defaultPath
    ) throws(ConfigurationError) -> DaemonConfiguration? {
        let bytes: [UInt8]
        do throws(TrustedFile.Failure) {
            bytes = try TrustedFile.read(path, limit: limit)
        } catch {
            if error.isAbsent { return nil }
            throw ConfigurationError(file: path, error)
        }
        return try decode(bytes, file: path)
    }

    static func decode(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> DaemonConfiguration {
        guard let root = try document(bytes, file: file) else { return try DaemonConfiguration() }
        return try DaemonConfiguration(SettingsReader(root, file: file, path: ""))
    }

    /// The one document of a file of settings; `nil` where there is nothing in it.
    static func document(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> ManifestNode? {
        var limits = ManifestLimits()
        limits.nodes = 100_000
        limits.text = 4 << 20
        limits.depth = 20
        var roots: [ManifestNode] = []
        var failure: ManifestError?
        ManifestReader.read(bytes, name: file, limits: limits) { result in
            switch result {
            case .success(let document): if let root = document.root, !root.isNull { roots.append(root) }
            case .failure(let error): failure = failure ?? error
            }
        }
        if let failure { throw ConfigurationError(file: file, line: failure.line, reason: failure.reason) }
        guard roots.count <= 1 else {
            throw ConfigurationError(file: file, line: roots[1].line, reason: "more than one document")
        }
        return roots.first
    }
}

extension ConfigurationError {
    /// The failure may be of a directory above the file, which it then names.
    fileprivate init(file: String, _ failure: TrustedFile.Failure) {
        let text = failure.description
        self.init(file: file, reason: text.hasPrefix("\(file): ") ? String(text.dropFirst(file.count + 2)) : text)
    }
}
