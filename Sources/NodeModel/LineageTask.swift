/// What the lineage table knows of one task.
package struct LineageTask: Sendable, Equatable {
    package var pid: Int32
    package var tid: Int32
    /// The process that made this one; of a task that was found in `/proc`, the parent that `/proc` showed.
    package var parent: Int32
    /// Clock ticks after boot; `nil` of a task that was first seen in mid-life.
    ///
    /// Of a task that was seen to start it is up to one tick later than in `/proc`, which counts from a little before
    /// the event.
    package var startTime: UInt64?
    package var name: TaskName
    /// A kernel thread, or made by one and not yet another program: a helper that the kernel starts is one until its
    /// execve(2).
    package var isKernelThread: Bool
    /// Whose it is by its cgroup, as far as a scan or `assign` told; new tasks have that of their creator.
    ///
    /// No record tells that a task starts in another cgroup than its creator (clone3(2), CLONE_INTO_CGROUP), and without
    /// a tracepoint none that it moves there: the first tasks of a new container have the runtime's until somebody looks.
    package var owner: CgroupPlacement.Owner
    /// A process of the node, or a child of one, that was moved into a container's cgroup and has not called execve(2)
    /// since: the runtime's own program, on its way into the container's namespaces.
    package var isStarting: Bool
    /// Of the kinds in `KernelEvent.namespaceKinds`; others are never known here.
    package var namespaces: NamespaceSet
    /// The mount namespace in which the task ran its program, or where a scan found it; `nil` where that is not sure.
    ///
    /// Whatever it has entered since, it is the same program.
    package var home: NamespaceID?
    /// Nanoseconds of CLOCK_MONOTONIC; `nil` as long as the task runs.
    package var endedAt: UInt64?
    /// No record was lost since the task was seen to start or found in `/proc`.
    ///
    /// If it is false, the number may be another task's by now, and a change may be an older one.
    package internal(set) var isCertain: Bool

    package init(
        pid: Int32, tid: Int32, parent: Int32 = 0, startTime: UInt64? = nil, name: TaskName = TaskName(""),
        isKernelThread: Bool = false, owner: CgroupPlacement.Owner = .unknown, isStarting: Bool = false,
        namespaces: NamespaceSet = NamespaceSet(), home: NamespaceID? = nil, endedAt: UInt64? = nil,
        isCertain: Bool = true
    ) {
        self.pid = pid
        self.tid = tid
        self.parent = parent
        self.startTime = startTime
        self.name = name
        self.isKernelThread = isKernelThread
        self.owner = owner
        self.isStarting = isStarting
        self.namespaces = namespaces
        self.home = home
        self.endedAt = endedAt
        self.isCertain = isCertain
    }

    package var isMainThread: Bool { pid == tid }
}

/// A task is in other namespaces than before: by setns(2), unshare(2), or from its start on by clone(2).
package struct NamespaceChange: Sendable, Equatable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package var time: UInt64
    /// The task after the change.
    package var task: LineageTask
    /// What it was in before; of a new task, what its creator was in.
    package var before: NamespaceSet

    package init(time: UInt64, task: LineageTask, before: NamespaceSet) {
        self.time = time
        self.task = task
        self.before = before
    }

    package var after: NamespaceSet { task.namespaces }

    /// The kinds that are known before and after, and differ.
    package var kinds: [NamespaceKind] {
        KernelEvent.namespaceKinds.filter { after.differs(in: $0, from: before) }
    }
}
