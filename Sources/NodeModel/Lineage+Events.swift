extension Lineage {
    /// Takes the next event.
    ///
    /// - Returns: the change of namespaces that it tells of, if any.
    package mutating func apply(_ event: KernelEvent) -> NamespaceChange? {
        expire(at: event.time)
        switch event.action {
        case .fork(let creator, let thread):
            return begin(event, creator: creator, thread: thread)
        case .exit:
            if let slot = slotOfThread[event.tid] { end(slot, at: event.time) } else { countUnknown() }
        case .comm(let name, let isExec):
            let slot = isExec ? slotAfterExec(event) : slotOrNew(event)
            slots[slot].task.name = name
            if isExec {
                slots[slot].task.isKernelThread = false
                noteExec(slot)
            }
        case .namespaces(let now):
            return compare(now, event)
        case .cgroup, .module, .signal, .call:
            // Whose a task is that was moved is for the caller to tell: `assign`.
            break
        case .lost:
            losses &+= 1
            lastLoss = event.time
        }
        return nil
    }

    /// A new task: a copy of its creator, or of nobody if that one is not known.
    ///
    /// - Returns: a change of its namespaces whose record overtook that of the task's start, as after a pause of the
    ///   virtual machine.
    private mutating func begin(_ event: KernelEvent, creator: Int32, thread: Int32) -> NamespaceChange? {
        let early = slotOfThread[event.tid].map { slots[$0] }.flatMap { $0.isNoted ? $0.task.namespaces : nil }
        let known = slot(of: thread, in: creator).map { slots[$0] }
        if known == nil { countUnknown() }
        var task = known?.task ?? LineageTask(pid: creator, tid: thread)
        if event.pid != creator { task.parent = creator }
        task.pid = event.pid
        task.tid = event.tid
        task.startTime = ticks(event.time)
        task.endedAt = nil
        // What it ran by then, nobody noted.
        if early != nil { task.home = nil }
        // It is as sure as its creator, whose state it has.
        insert(task, losses: known?.losses ?? losses)
        return early.flatMap { compare($0, event) }
    }

    /// The task of an event; one that is not known is noted as far as the event tells, or as its process is known.
    private mutating func slotOrNew(_ event: KernelEvent) -> Int {
        if let slot = slotOfThread[event.tid] {
            revive(slot)
            return slot
        }
        // A thread that the scan left out: it was like its process' main thread.
        if let main = slotOfThread[event.pid] {
            var task = slots[main].task
            task.tid = event.tid
            task.startTime = nil
            task.endedAt = nil
            return insert(task, losses: slots[main].losses)
        }
        countUnknown()
        return insert(LineageTask(pid: event.pid, tid: event.tid), losses: losses)
    }

    /// The task of an exec, which is its process' only one from now on.
    ///
    /// If a thread calls execve(2) that is not the main one, then the main one and all others end, and the thread goes
    /// on under the main one's number, with its own namespaces and without a record of its old number's end
    /// (fs/exec.c, de_thread).
    private mutating func slotAfterExec(_ event: KernelEvent) -> Int {
        let main = slotOfThread[event.tid]
        if let main, slots[main].isRunning { return main }
        guard let caller = slotsOfOtherThreads(event.pid).first(where: { slots[$0].isRunning }) else {
            return slotOrNew(event)
        }
        var entry = slots[caller]
        entry.task.tid = event.tid
        entry.task.startTime = main.flatMap { slots[$0].task.startTime }
        remove(caller)
        return insert(entry.task, losses: entry.losses)
    }

    /// Notes the namespaces of a task; kinds that the record leaves out stay as they were.
    private mutating func compare(_ now: NamespaceSet, _ event: KernelEvent) -> NamespaceChange? {
        let slot = slotOrNew(event)
        let before = slots[slot].task.namespaces
        var after = before
        var isChanged = false
        for kind in KernelEvent.namespaceKinds {
            guard let id = now[kind], id != before[kind] else { continue }
            if before[kind] != nil { isChanged = true }
            after[kind] = id
        }
        slots[slot].task.namespaces = after
        return isChanged ? NamespaceChange(time: event.time, task: told(slots[slot]), before: before) : nil
    }

    /// A time of CLOCK_MONOTONIC in clock ticks after boot, of which a second has 100 (proc_pid_stat(5), USER_HZ).
    package func ticks(_ time: UInt64) -> UInt64 { (time &+ suspended) / 10_000_000 }
}
