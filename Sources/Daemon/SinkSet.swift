import Checks
import Configuration
import Delivery
import Findings
import LinuxSystem
import Logging
import Reports
import ServiceLifecycle

/// Every sink of the configuration; each takes what it is given without waiting.
struct SinkSet: Service {
    private let outlets: [Outlet]
    private let logger: Logger

    /// How long sinks may take to deliver what is left when the daemon ends, in seconds.
    private static let patience = 5.0

    init(_ outlets: [Outlet], logger: Logger) {
        self.outlets = outlets
        self.logger = logger
    }

    /// Gives records to each sink that wants them.
    func deliver(_ records: [FindingRecord], at time: Int64) {
        for outlet in outlets {
            for record in records where record.finding.severity >= outlet.minSeverity {
                offer(outlet, time, record.finding.technique.id) { try outlet.format.text(record, at: time) }
            }
        }
    }

    /// Gives the minute's metrics to each sink that has a form for them.
    func deliver(_ metrics: MinuteMetrics, at time: Int64) {
        for outlet in outlets { offer(outlet, time, "metrics") { try outlet.format.text(metrics, at: time) } }
    }

    private func offer(_ outlet: Outlet, _ time: Int64, _ what: String, _ write: () throws -> String?) {
        do {
            if let text = try write() { outlet.sink.offer(Record(time: time, text: text)) }
        } catch {
            logger.error("\(outlet.sink.name): a record of \(what) was not written: \(error)")
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
}

/// A sink, what goes there and in which form.
struct Outlet: Sendable {
    var sink: any Sink
    var minSeverity: Severity
    var format: OutletFormat
}

/// How records are written for a sink.
enum OutletFormat: Sendable {
    case journal
    case line(LineFormat, RecordOrigin)

    /// What is told of a finding's life; `nil` where the form has no place for it: metrics and events of security tools
    /// count what was raised.
    func text(_ record: FindingRecord, at time: Int64) throws -> String? {
        switch self {
        case .journal: return JournalSink.text(try RecordReport.journalFields(record))
        case .line(.ndjson, let origin):
            return try RecordReport.line(record, node: origin.node, cluster: origin.cluster)
        case .line(let format, let origin):
            guard record.change == .raised || record.change == .worsened else { return nil }
            return try EventLine.finding(record.finding, as: format, from: origin, at: time)
        }
    }

    /// The minute's metrics, which are the heartbeat, too.
    func text(_ metrics: MinuteMetrics, at time: Int64) throws -> String? {
        switch self {
        case .journal: JournalSink.text(RecordReport.heartbeatFields(metrics))
        case .line(.emf, let origin): try metrics.line(from: origin, at: time)
        case .line: nil
        }
    }

    /// That records were lost.
    func text(_ loss: Loss, at time: Int64) -> String {
        switch self {
        case .journal: JournalSink.text(RecordReport.lossFields(loss.total)) ?? "[]"
        case .line(let format, let origin):
            // Its parts are numbers and names of this program: nothing in it can fail to be written.
            (try? EventLine.loss(loss.counts, as: format, from: origin, at: time)) ?? "{}"
        }
    }
}
