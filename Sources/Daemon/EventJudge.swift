import Checks
import Findings
import Glibc
import KernelEvents
import LinuxSystem
import NodeFiles
import NodeModel
import NodeSnapshot
import ProcFS
import UnixSockets

/// Follows the tasks of the node by kernel events, and judges what they do, to the node's files as well; lives on one
/// thread.
struct EventJudge {
    var lineage: Lineage
    private(set) var view: NodeView?
    /// What tasks did whose container no scan has seen yet, until the next scan.
    var waiting: [HeldEvent] = []
    var unscanned = UnscannedContainers()
    let owner: CgroupOwner
    /// What a process is in now; `nil` where it has ended.
    private let namespaces: @Sendable (Int32) -> NamespaceSet?
    private let blockDevices: BlockDevices
    let reporter: FindingReporter
    let requests: ScanRequests
    let counts: CountsBox
    private let witness: SelfTestWitness
    private let visits: NetworkVisits
    let heardWrites: HeardWrites
    private let ownPID = getpid()

    /// An event until the next scan, and whether it came to a finding by the scan before.
    struct HeldEvent {
        var event: TaskEvent
        var isFinding: Bool
    }

    /// A bound on what waits for a scan: a second of changes at a rate that no node has.
    static let waitingLimit = 10_000

    init(
        owner: CgroupOwner, namespaces: @escaping @Sendable (Int32) -> NamespaceSet?, blockDevices: BlockDevices,
        reporter: FindingReporter, requests: ScanRequests, counts: CountsBox, witness: SelfTestWitness,
        visits: NetworkVisits, heardWrites: HeardWrites
    ) {
        lineage = Lineage(suspended: Clock.suspendedNanoseconds())
        self.owner = owner
        self.namespaces = namespaces
        self.blockDevices = blockDevices
        self.reporter = reporter
        self.requests = requests
        self.counts = counts
        self.witness = witness
        self.visits = visits
        self.heardWrites = heardWrites
    }

    /// Relies on nothing that was known of the tasks, as with events that others came before: the next scan tells who they are.
    ///
    /// What they were in before stays to be compared with.
    mutating func forgetTasks() {
        lineage.suspended = Clock.suspendedNanoseconds()
        let loss = KernelEvent(time: Clock.monotonicNanoseconds(), cpu: 0, pid: 0, tid: 0, action: .lost(0))
        _ = lineage.apply(loss)
        view = nil
    }

    /// What was done on these CPUs may be missing, at least a record of each.
    mutating func takeLoss(of processors: Set<UInt32>) {
        let time = Clock.monotonicNanoseconds()
        take(processors.sorted().map { KernelEvent(time: time, cpu: $0, pid: 0, tid: 0, action: .lost(1)) })
    }

    /// Takes over a scan, and judges what waited for it.
    mutating func take(_ new: NodeView) {
        // What was known before stands; another one follows soon.
        if isBlinder(new.index) { return }
        lineage.suspended = Clock.suspendedNanoseconds()
        lineage.fill(from: new.index.node, scanBegan: new.began)
        view = new
        var events = waiting
        waiting = []
        for index in events.indices { events[index].event = withFirstProcess(events[index].event) }
        let index = adding(containersOf: events.map(\.event), to: new.index)
        view?.index = index
        for held in events {
            // What came while the scan was under way is for the next one.
            if held.event.time >= new.began {
                hold(held.event, isFinding: held.isFinding)
            } else {
                judgeAgain(held)
            }
        }
        view = new
        unscanned.forget(at: new.began) { new.index.container($0) != nil }
    }

    /// A scan could not read which namespaces are the node's, as without a descriptor left, and an earlier one could.
    private func isBlinder(_ index: NodeIndex) -> Bool {
        guard let known = view?.index else { return false }
        return KernelEvent.namespaceKinds.contains {
            known.hostNamespace($0) != nil && index.hostNamespace($0) == nil
        }
    }

    /// Takes events in the order of their time.
    mutating func take(_ events: [KernelEvent]) {
        let lackedRunning = lineage.lacksRunning
        for event in events {
            let wasStarting = isStarting(event)
            let change = lineage.apply(event)
            switch event.action {
            case .lost(let records):
                counts.update { $0.lostRecords += records }
                requests.request(.lostRecords)
            case .comm(_, isExec: true):
                findOwner(of: event.tid, event.pid)
                findContainer(of: event.tid, wasStarting: wasStarting)
            case .cgroup(let thread, let group): take(event, moving: thread, to: group)
            case .module(let name): take(event, .loadedModule(name))
            case .signal(let signal, let target): take(event, .signalled(task(target, of: target), signal))
            case .call(.trace(let target)): take(event, .traced(task(target, of: target)))
            case .call(.memory(let target)): take(event, .wroteMemory(of: task(target, of: target)))
            case .call(let call):
                if case .fileSystem(let device) = call { learn(device) }
                take(event, .called(call))
            case .fork, .exit, .comm, .namespaces: break
            }
            guard let change, !isVisit(change) else { continue }
            witness.note(change)
            judge(.change(change), isSecond: false)
        }
        // Once until the next scan; not again if that one found more tasks than there is room for.
        if lineage.lacksRunning, !lackedRunning { requests.request(.lostRecords) }
        let lineage = lineage.counts
        counts.update { counts in
            counts.events += UInt64(events.count)
            (counts.evictedTasks, counts.unknownTasks) = (lineage.evicted, lineage.unknown)
        }
    }
}

// MARK: - Whose a task is

extension EventJudge {
    /// An exec of a task that the runtime has put into its container's cgroup.
    private func isStarting(_ event: KernelEvent) -> Bool {
        if case .comm(_, isExec: true) = event.action { lineage[event.tid]?.isStarting ?? false } else { false }
    }

    /// Where no tracepoint told that a runtime moved a process to its container's cgroup: looked up when it runs its
    /// program.
    private mutating func findOwner(of tid: Int32, _ pid: Int32) {
        guard let task = lineage[tid], let view else { return }
        if case .container = task.owner { return }
        // Where no scan could tell which namespace is the node's, every process is looked up.
        guard let mount = task.namespaces[.mount], mount != view.index.hostNamespace(.mount),
            let found = containerOfFirstProcess(task, in: mount) ?? owner(pid)
        else { return }
        lineage.assign(found, toProcess: pid)
        findContainer(of: tid, wasStarting: true)
    }

    /// Asks for a scan if none has seen the task's container yet, or none since it runs: what its processes share with
    /// the node cannot be told before.
    private func findContainer(of tid: Int32, wasStarting: Bool) {
        guard case .container(let place) = lineage[tid]?.owner else { return }
        let seen = view.flatMap { view in
            view.index.container(place.containerID).map { view.index.node.containers[$0] }
        }
        if seen.map(\.isCreated) ?? wasStarting { requests.request(.containerChange) }
    }

    /// A task, as far as it is known or can be looked up.
    private func task(_ tid: Int32, of pid: Int32) -> LineageTask {
        var task = known(tid, of: pid) ?? LineageTask(pid: pid, tid: tid)
        if task.owner == .unknown { task.owner = owner(task.pid) ?? .unknown }
        return task
    }

    /// A task by itself, or as a thread that the scan left out: that one is like its process' main thread.
    func known(_ tid: Int32, of pid: Int32) -> LineageTask? {
        if let task = lineage[tid] { return task }
        var task = lineage[pid]
        task?.tid = tid
        task?.startTime = nil
        return task
    }

    /// A runtime, the service manager, the kubelet, an operator: neither its cgroup nor its mounts are a container's.
    private func isOfNode(_ task: LineageTask) -> Bool {
        let owner = task.isCertain ? task.owner : owner(task.pid) ?? .unknown
        guard owner == .host else { return false }
        return task.namespaces[.mount].flatMap { view?.index.owner(of: .mount, $0) } == nil
    }

    /// A task was moved to a cgroup.
    ///
    /// What the node's own processes move to a container's is that container's at once, and what they move elsewhere is
    /// their affair. A task that a container's moves stays its own container's, whatever group it hides in.
    private mutating func take(_ event: KernelEvent, moving thread: Int32, to group: CgroupMembership) {
        let mover = task(event.tid, of: event.pid)
        let isItself = thread == event.tid
        guard let moved = known(thread, of: isItself ? event.pid : thread) else {
            // Where it is now does not tell whose it was.
            if isItself || !isOfNode(mover) { counts.update { $0.unattributedChanges += 1 } }
            return
        }
        guard isOfNode(mover) else {
            let deed = TaskAct.Deed.movedToCgroup(group, by: mover)
            return judge(.act(TaskAct(time: event.time, task: moved, deed: deed)), isSecond: false)
        }
        let target = CgroupPlacement([group], reader: .host).owner
        guard case .container(let place) = target else { return }
        if case .container(let known) = moved.owner {
            // Hierarchy by hierarchy on cgroup v1: the first of them has told.
            if known.containerID != place.containerID { lineage.assign(target, toProcess: moved.pid) }
        } else {
            lineage.assign(target, toProcess: moved.pid, startedBy: mover)
        }
    }
}

// MARK: - Judging

extension EventJudge {
    /// A thread of the daemon's own scan looks into another network, which is nothing but a view of it; where the daemon is a
    /// pod, that would be an escape.
    private func isVisit(_ change: NamespaceChange) -> Bool {
        change.task.pid == ownPID && change.kinds == [.network] && visits.claim(change.task.tid, at: change.time)
    }

    private mutating func take(_ event: KernelEvent, _ deed: TaskAct.Deed) {
        let act = TaskAct(time: event.time, task: task(event.tid, of: event.pid), deed: deed)
        witness.note(act)
        judge(.act(act), isSecond: false)
    }

    /// A loop device may have been set up over a disk of the node since the scan: while it is mounted sysfs tells.
    private mutating func learn(_ device: DeviceNumber) {
        guard device.major != 0, let disks = view?.index.node.host.disks, !disks.contains(device),
            blockDevices.isLoop(device, over: Set(disks))
        else { return }
        view?.index.add(disk: device)
    }

    /// Judges an event that waited for a scan.
    ///
    /// What came to a finding, and does not any more, is counted: whoever was entered may have been ended right after.
    private mutating func judgeAgain(_ held: HeldEvent) {
        judge(held.event, isSecond: true, wasFinding: held.isFinding)
    }

    mutating func judge(_ event: TaskEvent, isSecond: Bool, wasFinding: Bool = false) {
        guard let view else { return hold(event) }
        // The node mounts and signals all the time: whose a task is matters only where the deed does.
        if case .act(let act) = event, !view.index.isOfConcern(act.deed) { return }
        guard let event = event.task.isCertain ? event : lookedUp(event) else {
            // A number that may be another task's by now: never guessed at.
            if isSecond { leave(event) } else { hold(event) }
            return
        }
        guard let judged = isSecond ? withoutLaterOwners(event, view.index) : event else { return leave(event) }
        switch judged.judgement(in: view.index) {
        case .nothing where wasFinding || isBlind(event, view.index): leave(event)
        case .nothing: break
        // Its cgroup was there before its record: the next scan has its names.
        case .findings(let findings) where !isSecond && findings.contains(where: \.isNameless):
            hold(lookedUp(event) ?? event)
        // A namespace that its owner has left may have its number from another by now.
        case .findings where !isSecond && entersWhatWasLeft(event, view.index): hold(event, isFinding: true)
        case .findings(let findings): reporter.note(findings)
        case .unknownContainer where isSecond: leave(event)
        case .unknownContainer:
            // While the task still runs its cgroup tells.
            let known = lookedUp(event)
            // A service of the node that has mounts of its own: it was nobody else's before, and is not now.
            if case .act = event, event.task.owner == .host, known?.task.owner == .host { return }
            hold(known ?? event)
        }
    }

    /// Nothing can be said of it, as no scan could read which namespaces are the node's.
    private func isBlind(_ event: TaskEvent, _ index: NodeIndex) -> Bool {
        guard case .change(let change) = event, change.task.owner != .host else { return false }
        return change.kinds.contains { index.hostNamespace($0) == nil }
    }

    /// The event without the namespaces that belong, as the scan has it, to a container that was started only after it.
    ///
    /// - Returns: `nil` where an owner shows nothing of when that was: by its mounts alone, whose device's number may have
    ///   been another's, it owns nothing.
    private func withoutLaterOwners(_ event: TaskEvent, _ index: NodeIndex) -> TaskEvent? {
        guard case .change(var change) = event else { return event }
        for kind in change.kinds {
            guard let namespace = change.after[kind], let owner = index.owner(of: kind, namespace),
                !change.task.isOf(index.node.containers[owner])
            else { continue }
            // One that is just being made has no record of its first process yet.
            let first = index.initTask(of: owner)?.startTime ?? index.tasks(of: owner).map(\.startTime).min()
            guard let first else { return nil }
            if first > lineage.ticks(change.time) + 1 { change.task.namespaces[kind] = change.before[kind] }
        }
        return .change(change)
    }

    /// The task came into a namespace of a container that no process is in any more of those that the scan saw there: by
    /// now the number may be that of another.
    private func entersWhatWasLeft(_ event: TaskEvent, _ index: NodeIndex) -> Bool {
        guard case .change(let change) = event else { return false }
        return change.kinds.contains { kind in
            guard let namespace = change.after[kind], let owner = index.owner(of: kind, namespace) else { return false }
            let first = index.node.containers[owner].initPID
            if let first, isStillIn(first, kind, namespace) { return false }
            return !index.node.tasks.contains { task in
                task.namespaces[kind] == namespace && task.isMainThread && ![first, change.task.pid].contains(task.pid)
                    && lineage[task.tid]?.startTime == task.startTime && isStillIn(task.pid, kind, namespace)
            }
        }
    }

    /// Asks the process itself: it leaves its namespaces milliseconds before the record of its end, with all that is
    /// unmounted in between (do_exit, kernel/exit.c).
    private func isStillIn(_ pid: Int32, _ kind: NamespaceKind, _ namespace: NamespaceID) -> Bool {
        namespaces(pid)?[kind] == namespace
    }

    /// The event with whose the task is by its cgroup, as long as it runs; not of a writer, who was looked up in time, nor
    /// of a container's, which may have moved itself.
    private func lookedUp(_ event: TaskEvent) -> TaskEvent? {
        if case .write = event { return nil }
        if event.task.isCertain, case .container = event.task.owner { return event }
        guard let found = owner(event.task.pid) else { return nil }
        var event = event
        event.task.owner = found
        return event
    }

    private mutating func hold(_ event: TaskEvent, isFinding: Bool = false) {
        if waiting.count == Self.waitingLimit {
            leave(event)
        } else {
            waiting.append(HeldEvent(event: event, isFinding: isFinding))
        }
        requests.request(.unknownContainer)
    }

    /// Judges what waits by what is known, as no scan will come any more.
    ///
    /// - Returns: how much was given up: nobody is known to have done it.
    mutating func endWaiting() -> UInt64 {
        let before = counts.value.unattributed
        let events = waiting
        waiting = []
        for held in events {
            // Whose a namespace is by now that was somebody's who has ended, only another scan could tell.
            if let view, !entersWhatWasLeft(held.event, view.index) { judgeAgain(held) } else { leave(held.event) }
        }
        return counts.value.unattributed - before
    }

    /// Gives up on an event: nobody is known to have done it.
    private func leave(_ event: TaskEvent) { counts.update { $0[keyPath: event.unattributed] += 1 } }
}

extension LineageTask {
    fileprivate func isOf(_ container: Container) -> Bool {
        if case .container(let place) = owner { place.containerID == container.id } else { false }
    }
}

extension Finding {
    /// Of a container of which nothing but an id is known.
    fileprivate var isNameless: Bool { container.map { $0.name == nil && !$0.isSandbox && pod?.name == nil } ?? false }
}
