import Glibc
import LinuxSystem
import Reports

/// A file that is there while the daemon runs, last changed when the daemon last lived: a run that is killed leaves it.
///
/// Where it cannot be written nothing is said of that: it lies beside the state, whose failures are told.
struct RunMark: Sendable {
    let path: String
    /// Of the node; `nil` where it is not known, and there is no mark.
    let bootID: String?

    /// - Parameter state: the file that it lies beside.
    init(besideState state: String, bootID: String?) {
        path = "\(state).running"
        self.bootID = bootID
    }

    /// Puts the mark there.
    ///
    /// - Parameter time: milliseconds since 1970-01-01 UTC.
    /// - Returns: what is to be said of the run before, if that left its own and the node has not been started since: with
    ///   the node every run ends.
    func begin(at time: Int64) -> String? {
        guard let bootID else { return nil }
        let before = lastLife(in: bootID)
        try? OutputFile.replace(path, with: Array(bootID.utf8), through: "\(path).new")
        touch(at: time)
        return before.map { before in
            "The run before this one ended without being asked to, at some time after "
                + "\(Timestamp.rfc3339(milliseconds: before)); what went on until now is known to scans alone"
        }
    }

    /// The daemon lives.
    func touch(at time: Int64) {
        let (seconds, rest) = (time / 1000, time % 1000)
        let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest * 1_000_000))
        _ = utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW)
    }

    /// Takes it away, as the daemon was asked to end.
    func end() { unlink(path) }

    /// When a run since the node's start last lived.
    private func lastLife(in bootID: String) -> Int64? {
        guard let text = try? TrustedFile.read(path, limit: 128), text == Array(bootID.utf8),
            let mark = try? Descriptor.open(path, LinuxFlags.path | O_NOFOLLOW), let status = try? mark.status()
        else { return nil }
        return status.modifiedAt / 1_000_000
    }
}
