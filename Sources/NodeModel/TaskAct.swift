/// Something that a task did or had done to it, beside a change of namespaces.
package struct TaskAct: Sendable, Equatable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package var time: UInt64
    /// Whose container it concerns.
    package var task: LineageTask
    package var deed: Deed

    /// What was done.
    package enum Deed: Sendable, Equatable {
        /// The task was moved to a cgroup, by itself or by another one that is not the node's.
        ///
        /// The path begins at the root of the hierarchy, which a scan sees from the root of its cgroup namespace.
        case movedToCgroup(CgroupMembership, by: LineageTask)
        /// The task loaded a module of the kernel, of this name.
        case loadedModule(String)
        /// The task sent a signal that ends or stops to another one.
        case signalled(LineageTask, Int32)
        /// The task became the tracer of another one.
        case traced(LineageTask)
        /// The task wrote into the memory of another one.
        case wroteMemory(of: LineageTask)
        /// The task called another function of the kernel, which names no task.
        case called(KernelCall)
    }

    package init(time: UInt64, task: LineageTask, deed: Deed) {
        self.time = time
        self.task = task
        self.deed = deed
    }
}
