import CSystemd
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
        _ report: Report, socket: String = defaultSocket
    ) throws(ReportError) -> Int {
        guard isSocket(socket) else { throw .journalNotReachable(path: socket) }
        let entries = try entries(report)
        for entry in entries {
            let error = send(entry)
            if error < 0 { throw .journal(errorNumber: -error) }
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

    /// Sends one entry; 0, or the negative error number that sd_journal_sendv(3) returns.
    ///
    /// The call waits while journald's socket is full.
    package static func send(_ fields: [(String, String)]) -> Int32 {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        for (name, value) in fields {
            let field = Array("\(name)=\(value)".utf8)
            bytes += field
            lengths.append(field.count)
        }
        return systemd_journal_send(bytes, lengths, lengths.count)
    }

    /// Whether somebody may listen; sd_journal_sendv(3) says that it sent an entry where nobody does.
    package static func isSocket(_ path: String = defaultSocket) -> Bool { socket(path) != nil }

    /// The socket by which entries are sent; `nil` where there is none.
    package static func socket(_ path: String = defaultSocket) -> FileStatus? {
        (try? FileStatus(following: path)).flatMap { $0.kind == .socket ? $0 : nil }
    }
}
