import Findings
import LinuxSystem
import NodeModel

extension EventJudge {
    /// A change of a file that waits for the next scan, with who made it as far as it was known when it was new.
    struct WaitingWrite {
        var event: FileEvent
        var writer: LineageTask?
    }

    /// Takes changes of files that are older than the kernel events that were taken.
    mutating func take(_ changes: [HeardChange]) {
        for change in changes { judge(WaitingWrite(event: change.event, writer: writer(of: change)), isSecond: false) }
        counts.update { $0.fileEvents += UInt64(changes.count) }
    }

    /// Judges what waited for a scan.
    mutating func judgeWaitingWrites(scanBegan: UInt64) {
        let writes = waitingWrites
        waitingWrites = []
        for write in writes {
            // What came while the scan was under way is for the next one.
            if write.event.time >= scanBegan { hold(write) } else { judge(write, isSecond: true) }
        }
    }

    private mutating func judge(_ write: WaitingWrite, isSecond: Bool) {
        guard write.event.tid != nil else { return counts.update { $0.unattributedWrites += 1 } }
        guard let view else { return hold(write) }
        let judgement = write.writer.map { EntryJudgement(of: write.event, by: $0, in: view.index) }
        switch judgement ?? .unknownContainer {
        case .nothing: break
        case .findings(let findings): reporter.note(findings)
        case .unknownContainer where isSecond: counts.update { $0.unattributedWrites += 1 }
        case .unknownContainer: hold(write)
        }
    }

    /// Who made a change: as the lineage table knows it, and by its cgroup when the change was heard of.
    ///
    /// No event tells that a runtime moved a process to its container's cgroup. A number whose task has ended since may
    /// be another task's in `/proc` by now, so nothing is looked up again.
    private func writer(of change: HeardChange) -> LineageTask? {
        guard let tid = change.event.tid else { return nil }
        let known = lineage[tid].flatMap { $0.isCertain ? $0 : nil }
        guard let owner = change.owner else { return known.map(asFarAsSure) }
        var task = known ?? LineageTask(pid: tid, tid: tid)
        // A process that left its container's cgroup is still its container's.
        if case .container = task.owner, owner == .host { return task }
        task.owner = owner
        return task
    }

    /// A task whose cgroup nobody looked up may have been moved since it was made, as a container's first ones are.
    ///
    /// In the node's own mount namespace it was not.
    private func asFarAsSure(_ known: LineageTask) -> LineageTask {
        let mount = known.namespaces[.mount]
        guard known.owner == .host, mount == nil || mount != view?.index.hostNamespace(.mount) else { return known }
        var task = known
        task.owner = .unknown
        return task
    }

    private mutating func hold(_ write: WaitingWrite) {
        if waitingWrites.count == Self.waitingLimit {
            counts.update { $0.unattributedWrites += 1 }
        } else {
            waitingWrites.append(write)
        }
        requests.request(.unknownContainer)
    }
}
