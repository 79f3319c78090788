package import LinuxSystem

/// The progress of alerting as a file that only this user can have written.
package enum ProgressFile {
    package static let defaultPath = "/var/lib/breakoutd/alert.cursor"

    /// Above what `AlertFollower.widest` cursors of some 200 bytes come to.
    static let limit = 1 << 20

    /// Reads the progress; that of a first start where there is no file.
    package static func load(_ path: String) throws(TrustedFile.Failure) -> AlertProgress {
        do throws(TrustedFile.Failure) {
            let text = String(decoding: try TrustedFile.read(path, limit: limit), as: UTF8.self)
            let cursors = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let position = cursors.first.flatMap { $0.isEmpty ? nil : $0 }
            return AlertProgress(position: position, doneBefore: Set(cursors.dropFirst().filter { !$0.isEmpty }))
        } catch {
            if error.isAbsent { return AlertProgress() }
            throw error
        }
    }

    /// Puts the progress in the place of the old one; after a crash at any moment there is the one or the other.
    package static func save(_ progress: AlertProgress, to path: String) throws(SystemError) {
        try OutputFile.replace(path, with: Array(progress.text.utf8), through: "\(path).new")
    }
}
