import Delivery
import Findings
import LinuxSystem
import NodeModel
import Reports
import ServiceLifecycle
import Synchronization

/// Tells each minute what was done in it, so that a daemon that has stopped is missed; at the end, what was done since.
struct Heartbeat: Service {
    /// The node's name.
    let node: String
    let counts: CountsBox
    let raised: RaisedFindings
    let sinks: SinkSet
    let status: DaemonStatus
    let apiAge: @Sendable () -> Double?
    /// Given the time at each beat of a daemon that goes on.
    let noteLife: @Sendable (Int64) -> Void

    private static let period = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown { await beat() }
    }

    /// How long ago the last beat was due at `time`, in milliseconds since 1970-01-01 UTC, whichever process was to send it.
    ///
    /// A node's beats come at the same moment of each minute of the wall clock: a restart loses one only if that moment
    /// falls into it.
    static func sinceLast(of node: String, at time: Int64) -> Duration {
        let minute: Int64 = 60_000
        return .milliseconds((time % minute - moment(of: node) + minute) % minute)
    }

    /// Milliseconds into the minute: spread over the nodes, and some seconds before its end, so that a beat that is late
    /// falls into no other minute.
    private static func moment(of node: String) -> Int64 { Int64(node.stableHash % 55_000) }

    /// When the next beat is due: a whole number of minutes after another one was.
    ///
    /// Each minute has its beat so, however long the work takes; those that a suspended machine has missed are left out.
    static func beat(after due: ContinuousClock.Instant, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        var next = due + period
        while next <= now { next += period }
        return next
    }

    private func beat() async {
        var before = DaemonCounts()
        var lostBefore = 0
        var due = ContinuousClock.now - Self.sinceLast(of: node, at: Clock.wallMilliseconds())
        var began = Clock.monotonicMicroseconds()
        while true {
            due = Self.beat(after: due, now: .now)
            let isLast = (try? await Task.sleep(until: due, clock: .continuous)) == nil
            let ended = Clock.monotonicMicroseconds()
            let now = counts.value
            let lost = sinks.lost
            var metrics = MinuteMetrics(now, since: before)
            metrics.isLast = isLast
            metrics.findings = raised.take()
            metrics.recordsLost = lost - lostBefore
            metrics.gaps = status.lastingGaps + status.gaps
            metrics.apiAgeSeconds = apiAge()
            metrics.spoolBytes = sinks.states.reduce(0) { $0 + $1.state.spoolBytes }
            sinks.deliver(metrics, at: Clock.wallMilliseconds())
            if isLast { return }
            noteLife(Clock.wallMilliseconds())
            counts.update { $0.eventsPerSecond = Double(metrics.events) * 1_000_000 / Double(max(ended - began, 1)) }
            (before, lostBefore, began) = (now, lost, ended)
        }
    }
}

extension MinuteMetrics {
    /// What was counted since the record of the minute before.
    init(_ now: DaemonCounts, since before: DaemonCounts) {
        self.init()
        if now.scans > before.scans { scanSeconds = Double(now.scanDuration) / 1_000_000 }
        if now.scans > 0 { tasks = now.tasks }
        events = Int(clamping: now.events &- before.events)
        eventsLost = Int(
            clamping: now.lostRecords &- before.lostRecords &+ now.lostFileEvents &- before.lostFileEvents)
        notJudged = Int(clamping: now.unattributed &- before.unattributed)
        findingsHeldBack = Int(clamping: now.findingsHeldBack &- before.findingsHeldBack)
        selfTestSeconds = now.selfTestLatency.map { $0 / 1000 }
        selfTestFailures = Int(clamping: now.selfTestFailures &- before.selfTestFailures)
    }
}

extension String {
    /// The same in every process, as `Hasher` is not (FNV-1a, draft-eastlake-fnv).
    fileprivate var stableHash: UInt64 {
        utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Counts what was raised, or became worse, since it was last asked.
final class RaisedFindings: Sendable {
    private let box = Mutex(MinuteMetrics.Findings())

    func add(_ records: [FindingRecord]) {
        box.withLock { findings in
            for record in records {
                switch record.change {
                case .raised: findings.add(record.finding.technique, record.finding.severity)
                case .worsened: findings.worsen(to: record.finding.severity)
                case .cleared, .clearedByReboot, .heldBack: break
                }
            }
        }
    }

    func take() -> MinuteMetrics.Findings {
        box.withLock { findings in
            defer { findings = MinuteMetrics.Findings() }
            return findings
        }
    }
}
