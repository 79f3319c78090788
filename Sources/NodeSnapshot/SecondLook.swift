import Glibc
import LinuxSystem
package import NodeModel

/// What a judgement wants confirmed before it is reported.
package struct Suspects: Sendable, Equatable {
    /// The tasks that seem to be inside host state.
    package var tasks: Set<TaskKey>
    /// Container records that seem not to fit together: a record may be read while its pod comes or goes.
    package var containers: Set<String>

    package init(tasks: Set<TaskKey> = [], containers: Set<String> = []) {
        self.tasks = tasks
        self.containers = containers
    }

    package var isEmpty: Bool { tasks.isEmpty && containers.isEmpty }
}

extension SnapshotBuilder {
    /// How long a container may take to start before it is reported as not judged, in seconds.
    private static let startPatience = 6.0

    /// Reads the node, and what `judge` suspects in it again, until that is confirmed or gone.
    ///
    /// runc's own stages hold the host's namespaces, root and capabilities for tens of milliseconds, longer on a busy
    /// node. So a suspect is believed only when a second look, after a pause that grows with the time a scan takes here,
    /// shows it still; and a task that the runtime itself is starting (by its parents, which it cannot choose) is looked
    /// at until it runs its own program or patience ends. Then it is marked, and is a gap.
    ///
    /// - Returns: the node and what `judge` made of it.
    package func buildConfirmed<Judgement>(
        _ judge: (Node) -> (judgement: Judgement, suspects: Suspects)
    ) -> (node: Node, judgement: Judgement) {
        var node = build()
        // From here on: a reading may take longer than a start.
        let deadline = Deadline(secondsFromNow: min(Self.startPatience, options.timeLimit))
        var (judgement, suspected) = judge(node)
        var confirmed = Suspects()
        var pause = max(60_000, 2 * node.duration)
        var hasLookedAgain = false
        while !suspected.isEmpty {
            let index = NodeIndex(node, hostPaths: false)
            let starting = suspected.tasks.filter { index.isBeingStarted($0) }
            let open = suspected.tasks.subtracting(confirmed.tasks).union(starting)
            if open.isEmpty, suspected.containers.isSubset(of: confirmed.containers) { return (node, judgement) }
            if deadline.isPast, hasLookedAgain {
                node = marking(open, in: node)
                return (node, judge(node).judgement)
            }
            usleep(UInt32(clamping: min(pause, deadline.remainingMicroseconds + 1000)))
            pause *= 2
            hasLookedAgain = true
            node = refresh(node, processes: processes(of: suspected, in: node))
            let before = suspected
            (judgement, suspected) = judge(node)
            confirmed.tasks.formUnion(before.tasks.intersection(suspected.tasks))
            confirmed.containers.formUnion(before.containers.intersection(suspected.containers))
        }
        return (node, judgement)
    }

    /// The processes to read again: those of containers in doubt, which may have ended with their record, and the
    /// suspects' own with their next ancestors, which tell whether a runtime starts them.
    private func processes(of suspects: Suspects, in node: Node) -> Set<Int32> {
        var parents: [Int32: Int32] = [:]
        for task in node.tasks where task.isMainThread { parents[task.pid] = task.parent }
        var pids = Set(
            node.tasks.filter { task in
                task.container.map { suspects.containers.contains(node.containers[$0].id) } ?? false
            }.map(\.pid))
        for task in suspects.tasks {
            var next: Int32? = task.pid
            for _ in 0..<4 {
                guard let pid = next, pid > 1 else { break }
                pids.insert(pid)
                next = parents[pid]
            }
        }
        return pids
    }

    private func marking(_ open: Set<TaskKey>, in node: Node) -> Node {
        var node = node
        for index in node.tasks.indices where open.contains(node.tasks[index].key) {
            node.tasks[index].isStarting = true
            node.gaps.add(.starting, "its runtime was still starting it", "pid \(node.tasks[index].pid)")
        }
        return node
    }
}

extension NodeIndex {
    /// Whether the runtime has not handed the task over to the container's program yet.
    ///
    /// Its parent is a process of the node, outside every container and in the host's mount namespace, whose own parent
    /// is a container shim or monitor there: `runc create` or `runc exec`, which live until the program runs. A process
    /// of a container that outlives its parents gets the shim itself as parent, so it cannot look like this; but for one
    /// that left its cgroups and its mount namespace and then made a child, so neither may be older than a start takes.
    func isBeingStarted(_ key: TaskKey) -> Bool {
        guard let task = process(key.pid), let parent = process(task.parent), isRuntime(parent),
            let grandparent = process(parent.parent), isRuntime(grandparent)
        else { return false }
        guard [task, parent].allSatisfy({ node.host.isYoung(startedAt: $0.startTime) != false }) else { return false }
        return grandparent.isContainerMonitor
    }

    private func isRuntime(_ task: NodeTask) -> Bool {
        task.container == nil && task.namespaces[.mount] == hostNamespace(.mount)
    }
}
