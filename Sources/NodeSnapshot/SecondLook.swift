import Glibc
import LinuxSystem
package import NodeModel

/// What a judgement wants confirmed before it is reported.
package struct Suspects: Sendable, Equatable {
    /// The tasks that seem to be inside host state, each with the findings that it shows, by their ids: one of a container's
    /// is the same whichever of its tasks shows it.
    package var tasks: [TaskKey: Set<String>]
    /// Container records that seem not to fit together: a record may be read while its pod comes or goes.
    package var containers: Set<String>

    package init(tasks: [TaskKey: Set<String>] = [:], containers: Set<String> = []) {
        self.tasks = tasks
        self.containers = containers
    }

    package var isEmpty: Bool { tasks.isEmpty && containers.isEmpty }

    /// The findings that a later look confirms, by task: those that it shows again of the same one, and those that one
    /// showed that has ended since.
    ///
    /// Each finding needs two looks of its own: one may be of a number that is another namespace's meanwhile.
    /// A process that forks and ends every few milliseconds is another one at each look. One that a runtime starts passes
    /// through such a state as well: a look at it confirms nothing, as runc's own threads keep their capabilities after
    /// `runc create` until `runc start`. One whose parent was not seen may be such, and confirms nothing but itself.
    ///
    /// - Parameters:
    ///   - starting: those of `earlier` that a runtime was starting.
    ///   - index: of the later look.
    func confirmed(after earlier: Suspects, starting: Set<TaskKey>, in index: NodeIndex) -> [TaskKey: Set<String>] {
        let alive = Set(index.node.tasks.lazy.filter { $0.isExiting != true }.map(\.key))
        let handedOn = earlier.tasks.filter { !alive.contains($0.key) && !starting.contains($0.key) }
            .reduce(into: Set<String>()) { $0.formUnion($1.value) }
        var confirmed: [TaskKey: Set<String>] = [:]
        for (task, findings) in tasks {
            if let before = earlier.tasks[task] {
                if !starting.contains(task), index.hasKnownAncestors(task) {
                    confirmed[task] = findings.intersection(before)
                }
            } else if index.hasKnownParent(task), !index.isBeingStarted(task) {
                confirmed[task] = findings.intersection(handedOn)
            }
        }
        return confirmed.filter { !$0.value.isEmpty }
    }
}

extension SnapshotBuilder {
    /// Reads the node, and what `judge` suspects in it again, until that is confirmed or gone.
    ///
    /// runc's own stages hold the host's namespaces, root and capabilities for tens of milliseconds, longer on a busy
    /// node. So a suspect is believed only when a second look, after a pause that grows with the time a scan takes here,
    /// shows it still; and a task that the runtime itself is starting (by its parents, which it cannot choose) is looked
    /// at until it runs its own program or patience ends. Then it is marked, and is a gap.
    ///
    /// A suspect that has ended is not gone where another task of its container shows the same.
    ///
    /// - Parameter patience: how long a container may take to start before it is reported as not judged, in seconds.
    /// - Returns: the node and what `judge` made of it.
    package func buildConfirmed<Judgement>(
        patience: Double = 6, _ judge: (Node) -> (judgement: Judgement, suspects: Suspects)
    ) -> (node: Node, judgement: Judgement) {
        var node = build()
        // From here on: a reading may take longer than a start.
        let deadline = Deadline(secondsFromNow: min(patience, options.timeLimit))
        var (judgement, suspected) = judge(node)
        var (confirmed, confirmedContainers) = ([TaskKey: Set<String>](), Set<String>())
        var pause = max(60_000, 2 * node.duration)
        var hasLookedAgain = false
        guard !suspected.isEmpty else { return (node, judgement) }
        var index = NodeIndex(node, hostPaths: false)
        while !suspected.isEmpty {
            let starting = Set(suspected.tasks.keys.filter { index.isBeingStarted($0) })
            let open = starting.union(
                suspected.tasks.filter { !$0.value.isSubset(of: confirmed[$0.key] ?? []) }.keys)
            if open.isEmpty, suspected.containers.isSubset(of: confirmedContainers) { return (node, judgement) }
            if deadline.isPast, hasLookedAgain { return judgeMarked(open, starting, confirmed, node, judge) }
            usleep(UInt32(clamping: min(pause, deadline.remainingMicroseconds + 1000)))
            pause *= 2
            hasLookedAgain = true
            node = refresh(
                node, processes: processes(of: suspected, in: index),
                suspects: Set(suspected.tasks.keys).subtracting(starting))
            let before = suspected
            (judgement, suspected) = judge(node)
            index = NodeIndex(node, hostPaths: false)
            let again = suspected.confirmed(after: before, starting: starting, in: index)
            confirmed.merge(again) { $0.union($1) }
            confirmedContainers.formUnion(before.containers.intersection(suspected.containers))
        }
        return (node, judgement)
    }

    /// The processes to read again: those of containers in doubt, which may have ended with their record, the suspects'
    /// own with their next ancestors, which tell whether a runtime starts them, and the first ones of the containers whose
    /// namespaces they seem to be in: their number may be another's by now.
    private func processes(of suspects: Suspects, in index: NodeIndex) -> Set<Int32> {
        let node = index.node
        var parents: [Int32: Int32] = [:]
        for task in node.tasks where task.isMainThread { parents[task.pid] = task.parent }
        var pids = Set(
            node.tasks.filter { task in
                task.container.map { suspects.containers.contains(node.containers[$0].id) } ?? false
            }.map(\.pid))
        for task in node.tasks where suspects.tasks[task.key] != nil {
            pids.formUnion(index.ownersOfNamespaces(of: task).compactMap { node.containers[$0].initPID })
        }
        for task in suspects.tasks.keys {
            var next: Int32? = task.pid
            for _ in 0..<4 {
                guard let pid = next, pid > 1 else { break }
                pids.insert(pid)
                next = parents[pid]
            }
        }
        return pids
    }

    /// Judges without the processes that are open, nor those that come in their place: nobody has looked at them again.
    private func judgeMarked<Judgement>(
        _ open: Set<TaskKey>, _ starting: Set<TaskKey>, _ confirmed: [TaskKey: Set<String>], _ node: Node,
        _ judge: (Node) -> (judgement: Judgement, suspects: Suspects)
    ) -> (node: Node, judgement: Judgement) {
        let startingPIDs = Set(starting.map(\.pid))
        var node = node
        node.mark(open, in: Set(open.map(\.pid)), starting: startingPIDs, keeping: confirmed)
        while true {
            let (judgement, suspected) = judge(node)
            let others = node.tasks.filter { task in
                !task.isStarting
                    && suspected.tasks[task.key].map { !$0.isSubset(of: confirmed[task.key] ?? []) } ?? false
            }
            if others.isEmpty { return (node, judgement) }
            // All of their containers: each judgement names one of a container.
            let pids = Set(others.map(\.pid)).union(node.processes(ofContainersOf: others))
            node.mark(Set(others.map(\.key)), in: pids, starting: startingPIDs, keeping: confirmed)
        }
    }
}

extension Node {
    /// Marks tasks as not to be judged, and with them all threads of processes but for those of which something is
    /// confirmed: what one thread shows the others do, too.
    fileprivate mutating func mark(
        _ open: Set<TaskKey>, in pids: Set<Int32>, starting: Set<Int32>, keeping confirmed: [TaskKey: Set<String>]
    ) {
        for index in tasks.indices where pids.contains(tasks[index].pid) {
            let key = tasks[index].key
            if open.contains(key) || starting.contains(key.pid) || confirmed[key] == nil {
                tasks[index].isStarting = true
            }
        }
        for pid in pids.sorted() {
            if starting.contains(pid) {
                gaps.add(.starting, "its runtime was still starting it", "pid \(pid)")
            } else {
                gaps.add(.process, "it was not there yet when its container was looked at before", "pid \(pid)")
            }
        }
    }
}

extension NodeIndex {
    /// Whether the runtime has not handed the task over to the container's program yet.
    ///
    /// Its parent is a process of the node, outside every container and in the host's mount namespace, whose own parent
    /// is a container shim or monitor there: `runc create` or `runc exec`, which live until the program runs. A process
    /// of a container that outlives its parents gets the shim itself as parent, so it cannot look like this; but for one
    /// that left its cgroups and its mount namespace and then made a child, so neither may be older than a start takes.
    ///
    /// The other threads of a container's first process are the runtime's until it runs its program, which ends them. They
    /// show in no other way than by the name that runc gives them (libcontainer/nsenter), when the runtime's own record of
    /// that is gone already.
    func isBeingStarted(_ key: TaskKey) -> Bool {
        guard let task = process(key.pid), isYoung(task), let parent = process(task.parent), isRuntime(parent)
        else { return false }
        if parent.isContainerMonitor {
            return key.tid != key.pid && task.comm == "runc:[2:INIT]"
                && task.container.map { node.containers[$0].initPID } == task.pid
        }
        guard isYoung(parent), let grandparent = process(parent.parent), isRuntime(grandparent) else { return false }
        return grandparent.isContainerMonitor
    }

    private func isYoung(_ task: NodeTask) -> Bool { node.host.isYoung(startedAt: task.startTime) != false }

    /// The containers that own the namespaces that a task is in.
    fileprivate func ownersOfNamespaces(of task: NodeTask) -> [Int] {
        NamespaceKind.allCases.compactMap { kind in task.namespaces[kind].flatMap { owner(of: kind, $0) } }
    }

    /// Whether the node shows the task's parent, or it has none.
    fileprivate func hasKnownParent(_ key: TaskKey) -> Bool { knownParent(of: key.pid) != nil }

    /// The same of the parent's parent: whether a runtime starts the task can be told.
    fileprivate func hasKnownAncestors(_ key: TaskKey) -> Bool {
        knownParent(of: key.pid).map { $0 <= 1 || knownParent(of: $0) != nil } ?? false
    }

    /// The parent's number where the node shows the parent, or where there is none to show.
    private func knownParent(of pid: Int32) -> Int32? {
        process(pid).flatMap { $0.parent <= 1 || process($0.parent) != nil ? $0.parent : nil }
    }

    private func isRuntime(_ task: NodeTask) -> Bool {
        task.container == nil && task.namespaces[.mount] == hostNamespace(.mount)
    }
}
