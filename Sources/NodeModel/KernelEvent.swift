/// One thing that the kernel said a task did, at the moment it did it.
///
/// Task numbers are those of the PID namespace of the process that listens.
package struct KernelEvent: Sendable, Equatable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package var time: UInt64
    /// The CPU that recorded it.
    package var cpu: UInt32
    /// The process that it is about; 0 for `lost`.
    package var pid: Int32
    /// The thread that it is about; 0 for `lost`.
    package var tid: Int32
    package var action: Action

    /// What happened.
    package enum Action: Sendable, Equatable {
        /// The task was made by a thread of the process `creator`; of a new thread, that is its own process.
        ///
        /// With CLONE_PARENT (clone(2)), which runc uses, the parent that `/proc` shows is another one.
        case fork(creator: Int32, thread: Int32)
        /// The task has begun to end.
        case exit
        /// The task has a new name, through execve(2) if `isExec`.
        case comm(TaskName, isExec: Bool)
        /// The namespaces that the task is in, of the kinds in `KernelEvent.namespaceKinds`.
        ///
        /// The kernel says so at setns(2) and unshare(2), and once for every new task: it is state, not change.
        case namespaces(NamespaceSet)
        /// The task moved a thread to another cgroup, and its whole process if the thread is a main one.
        ///
        /// Only where the kernel offers that tracepoint; not of a task that starts in another cgroup than its creator
        /// (clone3(2), CLONE_INTO_CGROUP). The path begins at the root of the hierarchy, whatever cgroup namespace the
        /// listener is in; controllers are not told.
        case cgroup(thread: Int32, CgroupMembership)
        /// The task loaded a module of the kernel; only where the kernel offers that tracepoint.
        case module(String)
        /// The task sent a signal that ends or stops to a thread, or to the whole process of a main one; only where the
        /// kernel offers that tracepoint.
        case signal(Int32, to: Int32)
        /// The task called a function of the kernel; only where the kernel lets it be probed.
        case call(KernelCall)
        /// The CPU's ring was full, or did not hold what it should: so many records before this moment are missing, or more.
        case lost(UInt64)
    }

    /// The kinds that a record of namespaces names (include/uapi/linux/perf_event.h); `pid_for_children` and `time`
    /// are not among them.
    package static let namespaceKinds: [NamespaceKind] = [.network, .uts, .ipc, .pid, .user, .mount, .cgroup]

    package init(time: UInt64, cpu: UInt32, pid: Int32, tid: Int32, action: Action) {
        self.time = time
        self.cpu = cpu
        self.pid = pid
        self.tid = tid
        self.action = action
    }
}
