import AWS
import Checks
import Configuration
import Delivery
import Findings
import FoundationEssentials
import LinuxSystem
import Logging
import Reports
import ServiceLifecycle

/// Every sink of the configuration; each takes what it is given without waiting.
struct SinkSet: Service {
    private struct Outlet {
        var sink: any Sink
        var minSeverity: Severity
        var text: @Sendable (FindingRecord) throws -> String?
    }

    private let outlets: [Outlet]
    private let logger: Logger

    /// How long sinks may take to deliver what is left when the daemon ends, in seconds.
    private static let patience = 5.0

    init(_ settings: DaemonConfiguration.Sinks, cluster: String?, node: String?, logger: Logger) {
        self.logger = logger
        var outlets: [Outlet] = []
        let line: @Sendable (FindingRecord) throws -> String? = {
            try RecordReport.line($0, node: node, cluster: cluster)
        }
        if let journal = settings.journal {
            let sink = JournalSink.start(Self.settings("journal", logger) { JournalSink.text($0) ?? "" })
            outlets.append(
                Outlet(sink: sink, minSeverity: journal.minSeverity) {
                    JournalSink.text(try RecordReport.journalFields($0))
                })
        }
        if let file = settings.file {
            let rotation = FileRotation(bytes: Int(clamping: file.size), count: file.count)
            let sink = FileSink.start(file.path, rotation, Self.settings("file", logger, Self.json))
            outlets.append(Outlet(sink: sink, minSeverity: file.minSeverity, text: line))
        }
        self.outlets = outlets
    }

    /// Gives records to each sink that wants them.
    func deliver(_ records: [FindingRecord], at time: Int64) {
        for outlet in outlets {
            for record in records where record.finding.severity >= outlet.minSeverity {
                do {
                    guard let text = try outlet.text(record) else { continue }
                    outlet.sink.offer(Record(time: time, text: text))
                } catch {
                    logger.error("\(outlet.sink.name): a record of \(record.finding.technique.id) was not written: \(error)")
                }
            }
        }
    }

    var states: [(name: String, state: SinkState)] { outlets.map { ($0.sink.name, $0.sink.state) } }

    func run() async throws {
        try await gracefulShutdown()
        let deadline = Deadline(secondsFromNow: Self.patience)
        for outlet in outlets {
            let lost = outlet.sink.close(until: deadline)
            if lost > 0 { logger.error("\(outlet.sink.name): \(lost) records were not delivered") }
        }
    }

    private static func settings(
        _ name: String, _ logger: Logger, _ write: @escaping @Sendable ([(String, String)]) -> String
    ) -> SinkSettings {
        SinkSettings(
            statement: { loss, _ in
                write([
                    ("MESSAGE", "\(loss.total) records were lost before this one"), ("PRIORITY", "3"),
                    ("SYSLOG_IDENTIFIER", "breakoutd"), ("BREAKOUTD_LOST", String(loss.total)),
                ])
            },
            onChange: { reason in
                if let reason { logger.warning("\(name): \(reason)") } else { logger.notice("\(name): delivers again") }
            })
    }

    private static func json(_ fields: [(String, String)]) -> String {
        let members = Dictionary(fields.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
        return (try? JSONEncoder().encode(members)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
