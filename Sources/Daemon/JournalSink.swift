import Delivery
import FoundationEssentials
import Glibc
import LinuxSystem
import Logging
import Reports

/// Entries to the node's journal.
///
/// A record's text is the entry's fields as JSON. journald is waited for on the sink's thread alone; while it is away
/// its socket is gone, and entries wait on disk.
enum JournalSink {
    static func start(reserve: String, logger: Logger, _ settings: SinkSettings) -> QueuedSink {
        QueuedSink("journal", settings, reserve: reserve) { () throws(DeliveryFailure) in
            JournalTarget(logger: logger)
        }
    }

    /// The text of a record that holds an entry.
    static func text(_ fields: [(String, String)]) -> String? {
        let list = fields.map { [$0.0, $0.1] }
        return (try? JSONEncoder().encode(list)).map { String(decoding: $0, as: UTF8.self) }
    }
}

private final class JournalTarget: RecordTarget {
    private let logger: Logger
    private var socket = JournalReport.socket()

    init(logger: Logger) { self.logger = logger }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        while let record = records.first {
            guard let now = JournalReport.socket() else { throw DeliveryFailure("no journald listens", .retry) }
            notice(now)
            let list = try? JSONDecoder().decode([[String]].self, from: Data(record.text.utf8))
            let fields = (list ?? []).compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
            let error = fields.isEmpty ? -EINVAL : JournalReport.send(fields)
            switch error {
            case 0...: break
            case -EINVAL, -E2BIG, -EMSGSIZE: loss.add(.unfit, 1)
            default: throw DeliveryFailure("journald: \(String(cString: strerror(-error)))", .retry)
            }
            records.removeFirst()
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
