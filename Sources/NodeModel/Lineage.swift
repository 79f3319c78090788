/// Who every task of the node is and where it came from, kept up to date by kernel events, so that a process that lived
/// for two milliseconds still has its pod when its events are judged.
///
/// It is filled from `/proc` and then takes events in the order of their time. A new task has everything of its creator
/// but its numbers; exec and comm name it; a record of namespaces is compared with what is known. The table holds
/// a fixed number of tasks. Ended ones stay for a while and are the first to go when it is full.
package struct Lineage: Sendable {
    /// How many tasks are held at most; about 260 bytes each.
    package let capacity: Int
    /// How long an ended task stays, in nanoseconds.
    package let grace: UInt64
    /// How far CLOCK_BOOTTIME, by which `/proc` counts start times, is ahead of CLOCK_MONOTONIC, in nanoseconds.
    package var suspended: UInt64
    package private(set) var counts = Counts()
    /// A running task had to go since the last scan was taken over, or while it was: what it does next is compared with
    /// nothing.
    package internal(set) var lacksRunning = false

    /// What the table had to leave out.
    package struct Counts: Sendable, Equatable {
        /// Tasks that went before their time because the table was full.
        package var evicted: UInt64 = 0
        /// Events of tasks that the table did not know: from before it was filled, or after a loss or eviction.
        package var unknown: UInt64 = 0

        package init(evicted: UInt64 = 0, unknown: UInt64 = 0) {
            self.evicted = evicted
            self.unknown = unknown
        }
    }

    struct Slot {
        var task: LineageTask
        /// How many losses had been told when the task was seen to start or found in `/proc`.
        var losses: UInt32
        /// The runtime's mount namespace, in which it was moved to its container's cgroup, until it runs a program.
        var movedIn: NamespaceID?

        /// Nobody's: no task that is told has number 0.
        static let vacant = Slot(task: LineageTask(pid: 0, tid: 0), losses: 0)

        var isVacant: Bool { task.tid == 0 }
        var isRunning: Bool { !isVacant && task.endedAt == nil }
        /// Known by its own events alone, and not by that of its start.
        var isNoted: Bool { !isVacant && task.startTime == nil && task.owner == .unknown }
    }

    var slots: [Slot] = []
    var slotOfThread: [Int32: Int] = [:]
    /// The slots of the threads of a process beside its main one, where it has such: a search through all tasks takes
    /// milliseconds, and any process can ask for one by its events.
    private var slotsOfThreads: [Int32: Set<Int>] = [:]
    private var free: [Int] = []
    private var ended = SlotQueue()
    /// Where the search for a running task to evict goes on.
    private var hand = 0
    /// How many losses have been told, and when the last one was.
    var losses: UInt32 = 0
    var lastLoss: UInt64 = 0

    package init(capacity: Int = 65_536, grace: UInt64 = 2_000_000_000, suspended: UInt64 = 0) {
        self.capacity = max(capacity, 1)
        self.grace = grace
        self.suspended = suspended
    }

    /// How many tasks are held, ended ones included.
    package var count: Int { slotOfThread.count }

    /// A thread by its number, running or ended a short while ago.
    package subscript(tid: Int32) -> LineageTask? {
        slotOfThread[tid].map { told(slots[$0]) }
    }

    /// What the caller sees of an entry.
    func told(_ entry: Slot) -> LineageTask {
        var task = entry.task
        task.isCertain = entry.losses == losses
        // It may have run another program since.
        if !task.isCertain { task.home = nil }
        return task
    }

    /// Tells that a process was moved to a cgroup, as the runtime does with each container's first one.
    ///
    /// - Parameter runtime: who moved it; it has yet to run the container's program then.
    package mutating func assign(
        _ owner: CgroupPlacement.Owner, toProcess pid: Int32, startedBy runtime: LineageTask? = nil
    ) {
        for slot in slotsOfProcess(pid) {
            slots[slot].task.owner = owner
            slots[slot].task.isStarting = runtime != nil
            let mount = slots[slot].task.namespaces[.mount]
            slots[slot].movedIn = runtime?.namespaces[.mount] == mount ? mount : nil
        }
    }

    /// Notes that a task runs a program: the container's own, if it was starting.
    ///
    /// A runtime moves its child while that one runs the runtime's program, or a sealed copy of it, once more (runc,
    /// ensure_cloned_binary), and before or after the records of that: what the moved task itself runs among the runtime's
    /// mounts is the runtime's.
    mutating func noteExec(_ slot: Int) {
        slots[slot].task.home = slots[slot].task.namespaces[.mount]
        let entry = slots[slot]
        let isOfRuntime = entry.movedIn != nil && entry.task.namespaces[.mount] == entry.movedIn
        guard !isOfRuntime else { return }
        (slots[slot].task.isStarting, slots[slot].movedIn) = (false, nil)
    }
}

extension Lineage {
    /// The slot of a thread, or of its process' main thread, which it was like when it started.
    func slot(of tid: Int32, in pid: Int32) -> Int? { slotOfThread[tid] ?? slotOfThread[pid] }

    /// The slots of a process' threads, the main one's first.
    func slotsOfProcess(_ pid: Int32) -> [Int] {
        let main = slotOfThread[pid].flatMap { slots[$0].task.pid == pid ? $0 : nil }
        return (main.map { [$0] } ?? []) + slotsOfOtherThreads(pid)
    }

    func slotsOfOtherThreads(_ pid: Int32) -> Set<Int> { slotsOfThreads[pid] ?? [] }

    /// Puts an entry into a slot that is nobody's or has a task of the same number.
    mutating func put(_ entry: Slot, in slot: Int) {
        leaveProcess(slot)
        slots[slot] = entry
        if !entry.isVacant, entry.task.tid != entry.task.pid {
            slotsOfThreads[entry.task.pid, default: []].insert(slot)
        }
    }

    private mutating func leaveProcess(_ slot: Int) {
        let task = slots[slot].task
        guard task.tid != task.pid else { return }
        slotsOfThreads[task.pid]?.remove(slot)
        if slotsOfThreads[task.pid]?.isEmpty == true { slotsOfThreads[task.pid] = nil }
    }

    /// Puts a task in the place of whatever has its number, as sure as what was known at an earlier count of losses.
    ///
    /// - Returns: its slot.
    @discardableResult
    mutating func insert(_ task: LineageTask, losses: UInt32) -> Int {
        let entry = Slot(task: task, losses: losses)
        if let slot = slotOfThread[task.tid] {
            if slots[slot].task.endedAt != nil { ended.remove(slot) }
            put(entry, in: slot)
            return slot
        }
        if slotOfThread.count >= capacity { evict() }
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append(.vacant) }
        put(entry, in: slot)
        slotOfThread[task.tid] = slot
        return slot
    }

    /// Notes the end of a task, which stays for the time of grace.
    mutating func end(_ slot: Int, at time: UInt64) {
        guard slots[slot].task.endedAt == nil else { return }
        slots[slot].task.endedAt = time
        ended.append(slot)
    }

    /// A record came of a task that was taken for ended.
    mutating func revive(_ slot: Int) {
        guard slots[slot].task.endedAt != nil else { return }
        slots[slot].task.endedAt = nil
        ended.remove(slot)
    }

    /// Forgets tasks that ended too long ago.
    mutating func expire(at time: UInt64) {
        while let slot = ended.first, let end = slots[slot].task.endedAt, end &+ grace < time { remove(slot) }
    }

    /// Forgets a task at once.
    mutating func remove(_ slot: Int) {
        if slots[slot].task.endedAt != nil { ended.remove(slot) }
        slotOfThread[slots[slot].task.tid] = nil
        put(.vacant, in: slot)
        free.append(slot)
    }

    mutating func countUnknown() { counts.unknown += 1 }

    /// Makes room: the task that ended first goes, or else whichever running one the hand points at.
    ///
    /// Not the oldest one: whoever fills the table on purpose then loses most of its own, and the node's services,
    /// which are the oldest, stay.
    private mutating func evict() {
        counts.evicted += 1
        if let slot = ended.first { return remove(slot) }
        lacksRunning = true
        while true {
            hand = (hand + 1) % slots.count
            if !slots[hand].isVacant { return remove(hand) }
        }
    }
}
