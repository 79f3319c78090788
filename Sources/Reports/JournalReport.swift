package import LinuxSystem
import NodeModel

/// The report as entries of the systemd journal: one a finding that is shown, one a gap.
package enum JournalReport {
    /// The MESSAGE_ID of an entry that tells what could not be judged; never changes once released.
    package static let gapMessageID = "b0eec1b50ef21681275092837bc7d929"

    package static let defaultSocket = "/run/systemd/journal/socket"

    /// journalctl's JSON output leaves out values of 4096 bytes and more.
    static let valueLimit = 4095
    static let messageLimit = 2048

    /// Sends one entry a finding, worst first, and one a gap.
    ///
    /// - Returns: the number of entries sent.
    package static func send(
        _ report: Report, socket path: String = defaultSocket
    ) throws(ReportError) -> Int {
        guard socket(path) != nil, let journal = MessageSocket(to: path) else {
            throw .journalNotReachable(path: path)
        }
        let entries = try entries(report)
        do throws(SystemError) {
            for entry in entries { try journal.send(datagram(entry)) }
        } catch {
            throw .journal(reason: error.reason)
        }
        return entries.count
    }

    /// All entries in the order in which they are sent.
    static func entries(_ report: Report) throws(ReportError) -> [[(String, String)]] {
        var entries: [[(String, String)]] = []
        for finding in report.shown { entries.append(try fields(finding)) }
        entries += report.gaps.map { fields($0) }
        guard let age = report.node.apiPods?.age(at: report.node.takenAt) else { return entries }
        // In each of them, since each is read by itself.
        return entries.map { $0 + [("BREAKOUTD_API_AGE", "\(age)")] }
    }

    /// One entry for `MessageSocket`, which sd_journal_sendv(3) would send as well, but without a bound in time.
    ///
    /// In journald's native protocol (systemd, JOURNAL_NATIVE_PROTOCOL.md): `NAME=value` in a line each; the length of a
    /// value that has lines of its own goes before it.
    package static func datagram(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes += name.utf8
            if value.utf8.contains(0x0A) {
                bytes.append(0x0A)
                withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += $0 }
            } else {
                bytes.append(UInt8(ascii: "="))
            }
            bytes += value.utf8
            bytes.append(0x0A)
        }
        return bytes
    }

    /// The socket by which entries are sent; `nil` where there is none.
    package static func socket(_ path: String = defaultSocket) -> FileStatus? {
        (try? FileStatus(following: path)).flatMap { $0.kind == .socket ? $0 : nil }
    }
}
