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
    let options: SnapshotOptions
    let readAPIPods: (@Sendable () -> APIPods)?
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
    /// Scans that nobody waits for rest half of their own time, too, so that they take about a tenth of the time of a
    /// core; the others about half.
    private static let rest = 4.0
    private static let longestPause = 1.0
    /// A scan that can read nothing is over at once, and what asked for it may go on asking.
    private static let shortestPause = 0.1
    /// Seconds from scan to scan while something waits for the API's word, which a kubelet reports to within ten, and after
    /// scans that could not read which namespaces are the node's.
    private static let answerPeriod = 5.0
    /// Nanoseconds after the first of these in a row in which others follow soon: it may stay so.
    private static let blindPatience: UInt64 = 60_000_000_000
    /// How long a scan that is under way may still take at the end, in seconds; one that hangs may need its whole time.
    private static let patience = 3.0
    /// Seconds between two slices of a scan that nobody waits for, as long as a slice.
    private static let sliceRest = Double(Slices.length) / 1_000_000

    func run() async throws {
        await OwnThread.run(named: "scan", patience: Self.patience, stop: { requests.end() }) { work() }
        // What a scan would still tell, nobody would deliver: the next process finds it again.
        reporter.close()
    }

    /// Parts a scan, unless somebody waits for it: nobody is to wait long for a core that it has.
    private func makeSlices() -> Slices {
        Slices { [requests, counts] held in
            if requests.isAwaited { return }
            counts.update { $0.longestSlice = max($0.longestSlice, held) }
            Clock.sleep(seconds: Self.sliceRest)
        }
    }

    private func work() {
        // Who the tasks are is read once their events come, or are known not to: what one did in between nobody would see.
        let start = Deadline(secondsFromNow: settings.scanPeriod)
        guard requests.wait(until: start, rest: start) != nil else { return }
        var notices = ScanNotices(logger: logger)
        var latest = scan(&notices, blindSince: nil)
        while true {
            // A scan needs several times what stays, and what stays lies all over the heap.
            OwnMemory.release()
            let next = Deadline(secondsFromNow: max(period(after: latest) - latest.took, 0))
            let rest = Deadline(secondsFromNow: latest.took * Self.rest)
            Clock.sleep(seconds: min(max(latest.took, Self.shortestPause), Self.longestPause))
            if requests.wait(until: next, rest: rest) == nil { return }
            latest = scan(&notices, blindSince: latest.blindSince)
        }
    }

    /// What the next scan depends on.
    private struct Scan {
        /// Seconds.
        var took: Double
        /// When the first of those in a row began, it included, that could not read all of the node's own namespaces, in
        /// nanoseconds of CLOCK_MONOTONIC.
        var blindSince: UInt64?
    }

    /// Seconds between the beginnings of two scans.
    private func period(after scan: Scan) -> Double {
        let isBlind = scan.blindSince.map { Clock.monotonicNanoseconds() - $0 < Self.blindPatience } ?? false
        guard isBlind || reporter.awaitsAPI else { return settings.scanPeriod }
        return min(settings.scanPeriod, max(Self.answerPeriod, scan.took * (1 + Self.rest)))
    }

    private func scan(_ notices: inout ScanNotices, blindSince: UInt64?) -> Scan {
        let slices = makeSlices()
        let began = Clock.monotonicNanoseconds()
        var options = options
        options.slices = slices
        options.toldFiles = reporter.nodeFiles
        let builder = SnapshotBuilder(options, readAPIPods: readAPIPods)
        let (node, judgement) = builder.buildConfirmed { node in
            // Events are judged by what is known, while what looks bad is looked at again.
            slices.endBeforeLongStep()
            var node = node
            node.host.isOwnActSeen = status.isOwnActSeen
            let index = NodeIndex(node)
            views.put(NodeView(index: index, began: began))
            var judgement = Judgement(of: index, pause: slices.endIfLong)
            // What an earlier run of the daemon told of is over when a self-test says so, and not before the first.
            if node.host.isOwnActSeen == nil { judgement.judged.remove(Check.eventsSilenced.technique.id) }
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
        status.set(scanGaps: judgement.gaps)
        notices.tell(of: allowed, settings.value.allowList)
        let own = node.host.reference?.namespaces
        let isBlind = KernelEvent.namespaceKinds.contains { own?[$0] == nil }
        return Scan(
            took: Double(Clock.monotonicNanoseconds() - began) / 1_000_000_000,
            blindSince: isBlind ? blindSince ?? began : nil)
    }
}
