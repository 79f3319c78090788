import Checks
import Findings
import KernelEvents
import LinuxSystem
import NodeModel
import ProcFS

/// Follows the tasks of the node by kernel events, and judges their changes of namespaces and of the node's files; lives
/// on one thread.
struct EventJudge {
    private(set) var lineage: Lineage
    private(set) var view: NodeView?
    /// Changes of tasks whose container no scan has seen yet, until the next scan.
    private var waiting: [NamespaceChange] = []
    var waitingWrites: [WaitingWrite] = []
    let owner: CgroupOwner
    let reporter: FindingReporter
    let requests: ScanRequests
    let counts: CountsBox

    /// A bound on what waits for a scan: a second of changes at a rate that no node has.
    static let waitingLimit = 10_000

    init(owner: CgroupOwner, reporter: FindingReporter, requests: ScanRequests, counts: CountsBox) {
        lineage = Lineage(suspended: Clock.suspendedNanoseconds())
        self.owner = owner
        self.reporter = reporter
        self.requests = requests
        self.counts = counts
    }

    /// Takes over a scan, and judges what waited for it.
    mutating func take(_ new: NodeView) {
        lineage.suspended = Clock.suspendedNanoseconds()
        lineage.fill(from: new.index.node, scanBegan: new.began)
        view = new
        let changes = waiting
        waiting = []
        for change in changes {
            // What came while the scan was under way is for the next one.
            if change.time >= new.began { hold(change) } else { judge(change, isSecond: true) }
        }
        judgeWaitingWrites(scanBegan: new.began)
    }

    /// Takes events in the order of their time.
    mutating func take(_ events: [KernelEvent]) {
        for event in events {
            let change = lineage.apply(event)
            switch event.action {
            case .lost(let records):
                counts.update { $0.lostRecords += records }
                requests.request(.lostRecords)
            case .comm(_, isExec: true): findOwner(of: event.tid, event.pid)
            default: break
            }
            if let change { judge(change, isSecond: false) }
        }
        let lineage = lineage.counts
        counts.update { counts in
            counts.events += UInt64(events.count)
            (counts.evictedTasks, counts.unknownTasks) = (lineage.evicted, lineage.unknown)
        }
    }

    /// No event tells that a runtime moved a process to its container's cgroup: looked up when it runs its program.
    private mutating func findOwner(of tid: Int32, _ pid: Int32) {
        guard let task = lineage[tid], let host = view?.index.hostNamespace(.mount) else { return }
        if case .container = task.owner { return }
        guard let mount = task.namespaces[.mount], mount != host, let found = owner(pid) else { return }
        lineage.assign(found, toProcess: pid)
        if case .container(let place) = found, view?.index.container(place.containerID) == nil {
            requests.request(.containerChange)
        }
    }

    private mutating func judge(_ change: NamespaceChange, isSecond: Bool) {
        guard let view else { return hold(change) }
        guard let change = change.task.isCertain ? change : lookedUp(change) else {
            // A number that may be another task's by now: never guessed at.
            if isSecond { counts.update { $0.unattributedChanges += 1 } } else { hold(change) }
            return
        }
        switch EntryJudgement(of: change, in: view.index) {
        case .nothing: break
        case .findings(let findings): reporter.note(findings)
        case .unknownContainer where isSecond: counts.update { $0.unattributedChanges += 1 }
        // While the task still runs its cgroup tells.
        case .unknownContainer: hold(lookedUp(change) ?? change)
        }
    }

    /// The change with whose the task is by its cgroup, as long as it runs.
    private func lookedUp(_ change: NamespaceChange) -> NamespaceChange? {
        guard let found = owner(change.task.pid) else { return nil }
        var change = change
        change.task.owner = found
        return change
    }

    private mutating func hold(_ change: NamespaceChange) {
        if waiting.count == Self.waitingLimit {
            counts.update { $0.unattributedChanges += 1 }
        } else {
            waiting.append(change)
        }
        requests.request(.unknownContainer)
    }
}
