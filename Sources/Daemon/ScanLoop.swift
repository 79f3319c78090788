import Checks
import Findings
import LinuxSystem
import Logging
import NodeModel
import NodeSnapshot
import ServiceLifecycle
import Synchronization

/// The thread that scans the whole node, each period and whenever it is asked.
struct ScanLoop: Service {
    let builder: SnapshotBuilder
    let requests: ScanRequests
    let views: Latest<NodeView>
    let reporter: FindingReporter
    let status: DaemonStatus
    let counts: CountsBox
    let settings: LiveSettings
    let logger: Logger

    /// How much longer than a scan the time after it is in which only urgent requests count: they come in bursts, as
    /// containers do.
    ///
    /// Scans that nobody waits for take about a tenth of the time of a core, the others about half.
    private static let rest = 9.0
    private static let longestPause = 1.0
    /// How many kinds and reasons of gaps are told; `breakoutd status` has all of the latest scan.
    private static let toldLimit = 100

    func run() async throws {
        await OwnThread.run(named: "scan", stop: { requests.end() }) { work() }
    }

    private func work() {
        var told: Set<String> = []
        while true {
            let began = Clock.monotonicMicroseconds()
            scan(&told)
            let took = Double(Clock.monotonicMicroseconds() - began) / 1_000_000
            let next = Deadline(secondsFromNow: max(settings.scanPeriod - took, 0))
            let rest = Deadline(secondsFromNow: took * Self.rest)
            Clock.sleep(seconds: min(took, Self.longestPause))
            if requests.wait(until: next, rest: rest) == nil { return }
        }
    }

    /// Says what could not be judged; of each kind and reason the first time only, as they come and go with tasks.
    private func tell(_ gaps: [Gap], _ told: inout Set<String>) {
        for gap in gaps where gap.kind != .starting && told.count < Self.toldLimit {
            guard told.insert("\(gap.kind.rawValue): \(gap.reason)").inserted else { continue }
            logger.warning("Not judged: \(gap.sentence)")
        }
    }

    private func scan(_ told: inout Set<String>) {
        let began = Clock.monotonicNanoseconds()
        let (node, judgement) = builder.buildConfirmed { node in
            // Events are judged by what is known, while what looks bad is looked at again.
            let index = NodeIndex(node)
            views.put(NodeView(index: index, began: began))
            let judgement = Judgement(of: index)
            let suspects = Suspects(tasks: judgement.tasksInDoubt, containers: judgement.containersInDoubt)
            return (judgement, suspects)
        }
        reporter.note(judgement)
        counts.update { counts in
            counts.scans += 1
            counts.scanDuration = node.duration
            counts.tasks = node.tasks.count
            counts.gaps = judgement.gaps.reduce(0) { $0 + $1.count }
        }
        status.set(scanGaps: judgement.gaps)
        tell(judgement.gaps, &told)
    }
}
