import LinuxSystem
import NodeFiles
import NodeModel

extension EventJudge {
    /// Takes changes of files that are older than the kernel events that were taken.
    mutating func take(_ changes: [HeardChange]) {
        for change in changes {
            let writer = writer(of: change)
            if note(change, by: writer), let writer {
                judge(.write(change.event, by: writer), isSecond: false)
            } else {
                counts.update { $0.unattributedWrites += 1 }
                if writer != nil { requests.request(.unknownWriter) }
            }
        }
        counts.update { $0.fileEvents += UInt64(changes.count) }
    }

    /// Notes for scans what the node's own programs did, and what they did not.
    ///
    /// - Returns: false where the task is not who changed the file: a kernel thread, which closes for others what they left,
    ///   or one of the node that only came to close it.
    private func note(_ change: HeardChange, by writer: LineageTask?) -> Bool {
        let (act, path, time, file) = (change.event.change, change.event.path, change.event.time, change.file)
        guard let writer, writer.owner == .host, !writer.isKernelThread else {
            heardWrites.noteOther(act, of: path, at: time, left: file)
            return writer?.owner != .host
        }
        // Before the first scan nobody knows which mounts are the node's; whose it is is told after that.
        guard let view else { return true }
        // In other mounts it may be a container's that has left its cgroup.
        let isInNode = writer.namespaces[.mount].map { $0 == view.index.hostNamespace(.mount) } ?? false
        return heardWrites.note(
            act, of: path, at: time, left: file, by: writer.pid, isOfNode: isInNode && writer.isCertain)
    }

    /// Who made a change: as the lineage table knows it, and by its cgroup when the change was heard of.
    ///
    /// No event tells that a runtime moved a process to its container's cgroup. A number whose task has ended since may
    /// be another task's in `/proc` by now, so nothing is looked up again.
    private func writer(of change: HeardChange) -> LineageTask? {
        guard let tid = change.event.tid else { return nil }
        let known = known(tid, of: change.process ?? tid).flatMap { $0.isCertain ? $0 : nil }
        guard let owner = change.owner else { return known.map(asFarAsSure) ?? LineageTask(pid: tid, tid: tid) }
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
}
