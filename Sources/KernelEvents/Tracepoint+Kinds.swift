import Glibc
import NodeModel

extension Tracepoint.Kind {
    /// The tracepoints that are listened to.
    static let all = [cgroupMove, moduleLoad, signal]

    /// A process or thread was moved to another cgroup by a write to `cgroup.procs`, `cgroup.threads` or `tasks`.
    static let cgroupMove = Self(name: "cgroup/cgroup_attach_task") { format throws(TracepointError) in
        let (writer, moved) = (try format.number("common_pid"), try format.number("pid"))
        let (hierarchy, path) = (try format.number("dst_root"), try format.text("dst_path"))
        return { record, tid throws(PerfRecordError) in
            let to = CgroupMembership(
                hierarchy: try record.number(hierarchy), controllers: [], path: try record.text(path))
            return try number(at: moved, in: record, tellingOf: writer, as: tid).map { .cgroup(thread: $0, to) }
        }
    }

    /// A module of the kernel was loaded.
    static let moduleLoad = Self(name: "module/module_load", isOptional: true) { format throws(TracepointError) in
        let name = try format.text("name")
        return { record, _ throws(PerfRecordError) in .module(try record.text(name)) }
    }

    /// A signal was sent that ends or stops a process which does not expect it, by a task and not by the kernel; and
    /// SIGSTOP, which the kernel itself sends where a tracer attaches.
    ///
    /// The others (signal(7)) are SIGCHLD, SIGCONT, SIGURG, which the Go runtime sends to itself all the time, and SIGWINCH.
    /// Those of timers come in an interrupt, and the task that it interrupts has nothing to do with them
    /// (include/linux/trace_events.h, TRACE_FLAG_HARDIRQ and TRACE_FLAG_SOFTIRQ). The kernel's own have the code SI_KERNEL,
    /// and those of faults codes above 0. A task may give any code below 0 (rt_sigqueueinfo(2)), and has others above 0 sent
    /// by what it writes (fcntl(2), F_SETSIG), yet not with a signal that faults have (fs/fcntl.c, sig_specific_sicodes).
    static let signal = Self(
        name: "signal/signal_generate",
        filter: """
            !(common_flags&0x18)&&(sig==19||(code!=128&&sig!=17&&sig!=18&&sig!=23&&sig!=28\
            &&(code<1||(sig!=4&&sig!=5&&sig!=7&&sig!=8&&sig!=11&&sig!=31))))
            """
    ) { format throws(TracepointError) in
        let (sender, receiver) = (try format.number("common_pid"), try format.number("pid"))
        let (signal, code) = (try format.number("sig"), try format.number("code"))
        return { record, tid throws(PerfRecordError) in
            guard let to = try number(at: receiver, in: record, tellingOf: sender, as: tid) else { return nil }
            let signal = try record.signed(signal)
            // PTRACE_ATTACH (kernel/ptrace.c, ptrace_attach); PTRACE_SEIZE sends nothing.
            let isByKernel = try record.signed(code) == Self.codeOfKernel
            return isByKernel ? .call(.trace(to)) : .signal(signal, to: to)
        }
    }

    /// SI_KERNEL (sigaction(2)).
    private static let codeOfKernel: Int32 = 0x80

    /// The number of another task in a record.
    ///
    /// Numbers in the record are those of the initial PID namespace (task_struct.pid). Where this process is in another
    /// one, only what a task does to itself can be told.
    private static func number(
        at other: Int, in record: RawRecord, tellingOf own: Int, as tid: Int32
    ) throws(PerfRecordError) -> Int32? {
        let (own, other) = (try record.signed(own), try record.signed(other))
        if other == own { return tid }
        return own == tid && other > 0 ? other : nil
    }
}
