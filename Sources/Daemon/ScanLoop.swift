import Checks
import Configuration
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

    func run() async throws {
        await OwnThread.run(named: "scan", stop: { requests.end() }) { work() }
    }

    private func work() {
        var toldOf: AllowList?
        while true {
            let began = Clock.monotonicMicroseconds()
            let judgement = scan()
            let allowList = settings.value.allowList
            if toldOf != allowList { tell(of: allowList, judgement) }
            toldOf = allowList
            let took = Double(Clock.monotonicMicroseconds() - began) / 1_000_000
            let next = Deadline(secondsFromNow: max(settings.scanPeriod - took, 0))
            let rest = Deadline(secondsFromNow: took * Self.rest)
            Clock.sleep(seconds: min(took, Self.longestPause))
            if requests.wait(until: next, rest: rest) == nil { return }
        }
    }

    /// Tells of the entries without use, once for each configuration.
    private func tell(of allowList: AllowList, _ judgement: Judgement) {
        let time = Clock.wallMilliseconds()
        for name in allowList.expired(at: time) { logger.warning("Allow-list entry \(name): expired, counts no more") }
        for name in allowList.unused(by: judgement.findings, at: time) {
            logger.notice("Allow-list entry \(name): covers nothing on this node")
        }
    }

    /// - Returns: what the scan comes to, with the severities that the allow-list leaves.
    private func scan() -> Judgement {
        let began = Clock.monotonicNanoseconds()
        let (node, judgement) = builder.buildConfirmed { node in
            // Events are judged by what is known, while what looks bad is looked at again.
            let index = NodeIndex(node)
            views.put(NodeView(index: index, began: began))
            let judgement = Judgement(of: index)
            let suspects = Suspects(tasks: judgement.tasksInDoubt, containers: judgement.containersInDoubt)
            return (judgement, suspects)
        }
        let allowed = reporter.note(judgement)
        counts.update { counts in
            counts.scans += 1
            counts.scanDuration = node.duration
            counts.tasks = node.tasks.count
            counts.gaps = judgement.gaps.reduce(0) { $0 + $1.count }
        }
        status.setScanned()
        return allowed
    }
}
