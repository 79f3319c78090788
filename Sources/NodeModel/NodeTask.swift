/// What names one task over time: a thread id is reused, its start time with it is not.
package struct TaskKey: Hashable, Sendable, Codable {
    package var pid: Int32
    package var tid: Int32
    /// Clock ticks after boot (proc_pid_stat(5), field 22).
    package var startTime: UInt64

    package init(pid: Int32, tid: Int32, startTime: UInt64) {
        self.pid = pid
        self.tid = tid
        self.startTime = startTime
    }
}

/// One task (thread) of the node as `/proc` shows it; the main thread of a process has `tid == pid`.
package struct NodeTask: Sendable, Equatable, Codable {
    /// The thread group id, what user space calls the process id.
    package var pid: Int32
    package var tid: Int32
    /// The parent's thread group id; 0 for PID 1 and kthreadd, and for a parent outside the reader's PID namespace.
    package var parent: Int32
    /// Clock ticks after boot (proc_pid_stat(5), field 22).
    package var startTime: UInt64
    /// The task's own choice of name, at most 15 bytes, bytes that are no UTF-8 written `\xNN`.
    package var comm: String
    /// PF_KTHREAD (include/linux/sched.h): the task has no user space.
    package var isKernelThread: Bool
    /// `true` of a task that has begun to end, and of a zombie: its cgroup v1 lines are `/` wherever it was
    /// (kernel/cgroup/cgroup.c, proc_cgroup_show).
    package var isExiting: Bool?
    package var namespaces: NamespaceSet
    /// `nil` when `/proc/<pid>/status` was not read or not readable.
    package var credentials: TaskCredentials?
    /// The thread that traces this one (ptrace(2)), from the same file; `nil` for none, and for one outside of the reader's
    /// PID namespace.
    package var tracer: Int32?
    /// Index into `Node.cgroups`; `nil` when not read or not readable.
    package var cgroup: Int?
    /// What `/proc/<pid>/exe` names, as seen in the task's own mount namespace.
    package var executable: String?
    /// Index into `Node.containers` of the container this task belongs to.
    package var container: Int?
    /// What tied the task to `container`.
    package var attribution: Attribution?
    /// The task is a stage of the container runtime that has not reached the container's own program yet.
    package var isStarting: Bool

    /// What ties a task to a container, strongest first.
    package enum Attribution: String, Sendable, Codable, CaseIterable {
        /// Its cgroup is the container's.
        case cgroup
        /// Some cgroup v1 hierarchies name the container, more name other places.
        case cgroupMinority = "cgroup-minority"
        /// It is in the container's own mount namespace, no cgroup names the container.
        case mountNamespace = "mount-namespace"
        /// An ancestor of it is in the container.
        case ancestry
    }

    package init(
        pid: Int32, tid: Int32, parent: Int32 = 0, startTime: UInt64 = 0, comm: String = "",
        isKernelThread: Bool = false, isExiting: Bool? = nil, namespaces: NamespaceSet = NamespaceSet(),
        credentials: TaskCredentials? = nil, tracer: Int32? = nil,
        cgroup: Int? = nil, executable: String? = nil, container: Int? = nil, attribution: Attribution? = nil,
        isStarting: Bool = false
    ) {
        self.pid = pid
        self.tid = tid
        self.parent = parent
        self.startTime = startTime
        self.comm = comm
        self.isKernelThread = isKernelThread
        self.isExiting = isExiting
        self.namespaces = namespaces
        self.credentials = credentials
        self.tracer = tracer
        self.cgroup = cgroup
        self.executable = executable
        self.container = container
        self.attribution = attribution
        self.isStarting = isStarting
    }

    package var key: TaskKey { TaskKey(pid: pid, tid: tid, startTime: startTime) }

    package var isMainThread: Bool { pid == tid }

    /// Whether the task may use one of some capabilities, as far as its credentials are known.
    package func mayUse(anyOf capabilities: CapabilitySet) -> Bool {
        credentials.map { !$0.permitted.isDisjoint(with: capabilities) } ?? true
    }
}

/// The credentials of one task from `/proc/<pid>/task/<tid>/status` (proc_pid_status(5)).
package struct TaskCredentials: Sendable, Equatable, Codable {
    package var realUID: UInt32
    package var effectiveUID: UInt32
    package var savedUID: UInt32
    package var fileSystemUID: UInt32
    package var inheritable: CapabilitySet
    package var permitted: CapabilitySet
    package var effective: CapabilitySet
    package var bounding: CapabilitySet
    /// Linux 4.3 and newer.
    package var ambient: CapabilitySet
    /// 0 off, 1 strict, 2 filter; `nil` where the kernel has no seccomp.
    package var seccomp: UInt8?
    /// Linux 4.10 and newer.
    package var noNewPrivileges: Bool?

    package init(
        realUID: UInt32 = 0, effectiveUID: UInt32 = 0, savedUID: UInt32 = 0, fileSystemUID: UInt32 = 0,
        inheritable: CapabilitySet = [], permitted: CapabilitySet = [], effective: CapabilitySet = [],
        bounding: CapabilitySet = [], ambient: CapabilitySet = [], seccomp: UInt8? = nil, noNewPrivileges: Bool? = nil
    ) {
        self.realUID = realUID
        self.effectiveUID = effectiveUID
        self.savedUID = savedUID
        self.fileSystemUID = fileSystemUID
        self.inheritable = inheritable
        self.permitted = permitted
        self.effective = effective
        self.bounding = bounding
        self.ambient = ambient
        self.seccomp = seccomp
        self.noNewPrivileges = noNewPrivileges
    }
}

/// One user namespace that a task of the node is in.
package struct UserNamespace: Sendable, Equatable, Codable {
    package var id: NamespaceID
    /// `uid_map` of a task in it, read from the node's side (user_namespaces(7)); `nil` when not readable.
    package var uidMap: [IDMapping]?

    package init(id: NamespaceID, uidMap: [IDMapping]?) {
        self.id = id
        self.uidMap = uidMap
    }
}

/// One line of a uid_map or gid_map: `count` ids from `inside` on are the ids from `outside` on.
package struct IDMapping: Sendable, Equatable, Codable {
    package var inside: UInt32
    package var outside: UInt32
    package var count: UInt32

    package init(inside: UInt32, outside: UInt32, count: UInt32) {
        self.inside = inside
        self.outside = outside
        self.count = count
    }
}
