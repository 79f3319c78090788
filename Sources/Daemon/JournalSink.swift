import Delivery
import FoundationEssentials
import Glibc
import LinuxSystem
import Logging
import Reports

/// Entries to the node's journal.
///
/// A record's text is the entry's fields as JSON. journald is waited for on the sink's thread alone, and not for long: while
/// it is away its socket is gone, while it hangs its socket is full, and entries wait on disk.
enum JournalSink {
    static func start(
        socket: String = JournalReport.defaultSocket, reserve: String, logger: Logger, _ settings: SinkSettings
    ) -> QueuedSink {
        QueuedSink("journal", settings, reserve: reserve) { () throws(DeliveryFailure) in
            guard let journal = MessageSocket(to: socket) else { throw DeliveryFailure("no socket is left", .retry) }
            return JournalTarget(journal, path: socket, logger: logger)
        }
    }

    /// The text of a record that holds an entry.
    static func text(_ fields: [(String, String)]) -> String? {
        let list = fields.map { [$0.0, $0.1] }
        return (try? JSONEncoder().encode(list)).map { String(decoding: $0, as: UTF8.self) }
    }
}

private final class JournalTarget: RecordTarget {
    private let journal: MessageSocket
    private let path: String
    private let logger: Logger
    private var socket: FileStatus?

    init(_ journal: MessageSocket, path: String, logger: Logger) {
        self.journal = journal
        self.path = path
        self.logger = logger
        socket = JournalReport.socket(path)
    }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        try deliver(&records, to: "journald") { record throws(DeliveryFailure) in
            guard let now = JournalReport.socket(path) else { throw DeliveryFailure("no journald listens", .retry) }
            notice(now)
            try send(record, loss: &loss)
        }
    }

    private func send(_ record: Record, loss: inout Loss) throws(DeliveryFailure) {
        let list = try? JSONDecoder().decode([[String]].self, from: Data(record.text.utf8))
        let fields = (list ?? []).compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
        guard !fields.isEmpty else { return loss.add(.unfit, 1) }
        do throws(SystemError) {
            try journal.send(JournalReport.datagram(fields))
        } catch {
            switch error.errorNumber {
            case EMSGSIZE: loss.add(.unfit, 1)
            case EAGAIN: throw DeliveryFailure("journald takes no entries", .retry)
            default: throw DeliveryFailure("journald: \(error.reason)", .retry)
            }
        }
    }

    /// Says that the socket is another one; by standard error, whose connection is older.
    private func notice(_ now: FileStatus) {
        if let socket, (socket.device, socket.inode) != (now.device, now.inode) {
            logger.error("The journal's socket was replaced: where systemd did not do that, entries go to a stranger")
        }
        socket = now
    }
}
