import Delivery
import FoundationEssentials
import Glibc
import Reports

/// Entries to the node's journal.
///
/// A record's text is the entry's fields as JSON. journald is waited for on the sink's thread alone; while it is away
/// its socket is gone, and entries wait in the queue.
enum JournalSink {
    static func start(_ settings: SinkSettings) -> QueuedSink {
        QueuedSink("journal", settings) { () throws(DeliveryFailure) in JournalTarget() }
    }

    /// The text of a record that holds an entry.
    static func text(_ fields: [(String, String)]) -> String? {
        let list = fields.map { [$0.0, $0.1] }
        return (try? JSONEncoder().encode(list)).map { String(decoding: $0, as: UTF8.self) }
    }
}

private struct JournalTarget: RecordTarget {
    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        while let record = records.first {
            guard JournalReport.isSocket() else { throw DeliveryFailure("no journald listens", .retry) }
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
}
