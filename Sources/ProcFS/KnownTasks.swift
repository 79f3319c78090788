import NodeModel
import Synchronization

/// The namespaces of tasks as scans before read them, so that those of a task that has not run since are not read again.
///
/// A task changes its own namespaces and nobody else's, and runs for that (setns(2), unshare(2)). One that sleeps, and has
/// left its CPU as often as the last time (proc_pid_status(5), `voluntary_ctxt_switches` and the other), has slept ever
/// since (kernel/sched/core.c, __schedule). What others may change, such as its cgroup, is read each time.
package final class KnownTasks: Sendable {
    private struct Entry {
        var switches: UInt64
        var namespaces: NamespaceSet
        /// The round in which it was asked for or put last.
        var round: UInt64
    }

    private struct State {
        var entries: [TaskKey: Entry] = [:]
        var round: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The namespaces of a task that sleeps; `nil` where they have to be read.
    func namespaces(of task: TaskKey, _ switches: UInt64) -> NamespaceSet? {
        state.withLock { state in
            guard let entry = state.entries[task], entry.switches == switches else { return nil }
            state.entries[task]?.round = state.round
            return entry.namespaces
        }
    }

    /// Remembers namespaces by how often the task had left its CPU before they were read.
    func put(_ namespaces: NamespaceSet, of task: TaskKey, _ switches: UInt64) {
        state.withLock { state in
            state.entries[task] = Entry(switches: switches, namespaces: namespaces, round: state.round)
        }
    }

    /// Forgets the tasks that were not read since the last time, and keeps its memory for others.
    package func forgetUnused() {
        state.withLock { state in
            for (task, entry) in state.entries where entry.round != state.round { state.entries[task] = nil }
            state.round += 1
        }
    }
}
