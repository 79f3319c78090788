import Checks
import Configuration
import Delivery
import Findings
import LinuxSystem
import Logging
import Reports
import ServiceLifecycle
import Synchronization

/// Every sink of the configuration; each takes what it is given without waiting.
final class SinkSet: Service {
    private enum Phase {
        case open
        /// The old sinks end, and what comes meanwhile waits for the new ones.
        case changing([Offering])
        /// The sinks have ended, and this many records with them.
        case ended(lost: Int)
    }

    /// Gives something to each of the sinks; how many records could not be written.
    private typealias Offering = @Sendable ([Outlet]) -> Int

    private struct State {
        var phase = Phase.open
        /// Those that are open, or are ending.
        var outlets: [Outlet]
        /// What the sinks before them lost, and what came to no sink.
        var lostBesides = 0
    }

    private let state: Mutex<State>
    private let logger: Logger

    /// How long sinks may take to deliver what is left when they end, in seconds.
    private static let patience = 5.0
    /// How many deliveries wait while sinks are changed; more are said to be lost.
    static let waitingLimit = 10_000

    init(_ outlets: [Outlet], logger: Logger) {
        state = Mutex(State(outlets: outlets))
        self.logger = logger
    }

    /// Gives records to each sink that wants them.
    func deliver(_ records: [FindingRecord], at time: Int64) {
        toAll(records.count) { [logger] outlets in
            outlets.reduce(0) { lost, outlet in
                records.compactMap { $0.wanted(from: outlet.minSeverity) }.reduce(lost) { lost, record in
                    let isWritten = outlet.offer(time, record.finding.technique.id, logger) {
                        try outlet.format.text(record, at: time)
                    }
                    return isWritten ? lost : lost + 1
                }
            }
        }
    }

    /// Gives the minute's metrics to each sink that has a form for them.
    func deliver(_ metrics: MinuteMetrics, at time: Int64) {
        toAll(1) { [logger] outlets in
            outlets.count { outlet in
                !outlet.offer(time, "metrics", logger) { try outlet.format.text(metrics, at: time) }
            }
        }
    }

    private func toAll(_ count: Int, _ deliver: @escaping Offering) {
        let isLost = state.withLock { state in
            switch state.phase {
            case .open: state.lostBesides += deliver(state.outlets)
            case .changing(let waiting) where waiting.count < Self.waitingLimit:
                state.phase = .changing(waiting + [deliver])
            case .changing, .ended:
                state.lostBesides += count
                return true
            }
            return false
        }
        if isLost { logger.error("\(count) records were lost: the sinks were being changed, or had ended") }
    }

    /// Whether nothing that was delivered to the sinks would go with the program.
    var isDelivered: Bool {
        state.withLock { state in
            switch state.phase {
            case .open: state.outlets.allSatisfy { $0.sink.state.queued == 0 }
            case .changing: false
            case .ended(let lost): lost == 0
            }
        }
    }

    var states: [(name: String, state: SinkState)] {
        state.withLock { state in
            guard case .open = state.phase else { return [] }
            return state.outlets.map { ($0.sink.name, $0.sink.state) }
        }
    }

    /// Records that were lost since the start; what other sinks have taken the place of counts on.
    var lost: Int { state.withLock { $0.lostBesides + $0.outlets.reduce(0) { $0 + $1.sink.state.lost } } }

    /// Ends the sinks, then makes others in their place.
    func replace(with makeOutlets: () -> [Outlet]) {
        _ = close(take())
        let outlets = makeOutlets()
        state.withLock { state in
            if case .changing(let waiting) = state.phase {
                for deliver in waiting { state.lostBesides += deliver(outlets) }
            }
            state.lostBesides += state.outlets.reduce(0) { $0 + $1.sink.state.lost }
            (state.phase, state.outlets) = (.open, outlets)
        }
    }

    func run() async throws {
        try await gracefulShutdown()
        let lost = close(take())
        state.withLock { $0.phase = .ended(lost: lost) }
    }

    private func take() -> [Outlet] {
        state.withLock { state in
            guard case .open = state.phase else { return [] }
            state.phase = .changing([])
            return state.outlets
        }
    }

    /// Ends sinks; returns how many records are lost with them.
    private func close(_ outlets: [Outlet]) -> Int {
        let deadline = Deadline(secondsFromNow: Self.patience)
        // All of them at once: one that hangs takes none of the others' time.
        for outlet in outlets { outlet.sink.prepareToClose(until: deadline) }
        return outlets.reduce(0) { total, outlet in
            let lost = outlet.sink.close(until: deadline)
            if lost > 0 { logger.error("\(outlet.sink.name): \(lost) records were not delivered") }
            return total + lost
        }
    }
}

/// A sink, what goes there and in which form.
struct Outlet: Sendable {
    var sink: any Sink
    var minSeverity: Severity
    var format: OutletFormat

    /// Writes a record, if the sink has a form for it, and gives it to the sink; false where it cannot be written.
    fileprivate func offer(_ time: Int64, _ what: String, _ logger: Logger, _ write: () throws -> String?) -> Bool {
        do {
            if let text = try write() { sink.offer(Record(time: time, text: text)) }
            return true
        } catch {
            logger.error("\(sink.name): a record of \(what) was not written: \(error)")
            return false
        }
    }
}

/// How records are written for a sink.
enum OutletFormat: Sendable {
    case journal
    case line(LineFormat, RecordOrigin)

    /// What is told of a finding's life; `nil` where the form has no place for it.
    func text(_ record: FindingRecord, at time: Int64) throws -> String? {
        switch self {
        case .journal: return JournalSink.text(try RecordReport.journalFields(record))
        case .line(let format, let origin):
            return try EventLine.record(record, as: format, from: origin, at: time)
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
