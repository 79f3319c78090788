import Findings
import LinuxSystem
import NodeModel
import ProcFS

extension EventJudge {
    /// A change of a file that waits for the next scan, with who made it as far as it was known when it was new.
    struct WaitingWrite {
        var event: FileEvent
        var writer: LineageTask?
    }

    /// Takes changes of files that are older than the kernel events that were taken.
    mutating func take(_ events: [FileEvent]) {
        for event in events { judge(WaitingWrite(event: event, writer: event.tid.flatMap(writer)), isSecond: false) }
        counts.update { $0.fileEvents += UInt64(events.count) }
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

    /// Who a thread is: as the lineage table knows it, and, as long as it runs, by its cgroup.
    ///
    /// No event tells that a runtime moved a process to its container's cgroup; a number whose task has ended may be
    /// another task's in `/proc` by now.
    private func writer(_ tid: Int32) -> LineageTask? {
        let known = lineage[tid].flatMap { $0.isCertain ? $0 : nil }
        if let known, known.endedAt != nil { return known }
        guard let found = owner(tid) else { return known }
        var task = known ?? LineageTask(pid: tid, tid: tid)
        // A process that left its container's cgroup is still its container's.
        if case .container = task.owner, found == .host { return task }
        task.owner = found
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
