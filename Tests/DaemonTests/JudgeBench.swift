import Configuration
import Findings
import NodeFiles
import NodeModel
import NodeSnapshot
import ProcFS
import Synchronization
import TestSupport
import UnixSockets

@testable import Daemon

/// A judge of events and what it talks to.
struct JudgeBench {
    let requests = ScanRequests()
    let counts = CountsBox()
    let told = Told()
    let witness = SelfTestWitness()
    let visits = NetworkVisits()
    let heardWrites = HeardWrites(startedAt: 100)
    let status: DaemonStatus
    var judge: EventJudge

    /// - Parameter running: the tasks that run now.
    init(_ directory: TemporaryDirectory, running: Node = .quiet) throws {
        status = DaemonStatus(manager: ServiceManager(), counts: counts)
        let reporter = FindingReporter(
            FindingLedger(RateLimit(findings: 1000, period: 1000)), settings: LiveSettings(try DaemonConfiguration()),
            statePath: "\(directory.path)/state.json", counts: counts
        ) { [told] records, _ in told.add(records) }
        judge = EventJudge(
            owner: CgroupOwner(root: "\(directory.path)/proc"),
            namespaces: { pid in running.tasks.first { $0.tid == pid }?.namespaces },
            blockDevices: BlockDevices(root: directory.path), reporter: reporter, requests: requests, counts: counts,
            witness: witness, visits: visits, heardWrites: heardWrites)
    }

    /// What was told, in its order.
    final class Told: Sendable {
        private let box = Mutex<[Finding]>([])

        func add(_ records: [FindingRecord]) { box.withLock { $0 += records.map(\.finding) } }

        var findings: [Finding] { box.withLock { $0 } }
    }

    /// The quiet node, as a scan saw it.
    static let view = NodeView(index: NodeIndex(.quiet), began: 100)
}
