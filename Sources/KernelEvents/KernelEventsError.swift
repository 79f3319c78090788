import Glibc
package import LinuxSystem

/// Why the kernel's events of a CPU, or of all, cannot be had.
package enum KernelEventsError: Error, Sendable, Equatable {
    /// The process may not listen to every task of a CPU.
    case refused(SystemError)
    /// The kernel has no perf events, or is older than Linux 4.12 and has no records of namespaces.
    case unsupported(SystemError)
    /// The memory for the ring may not be locked.
    case memory(SystemError)
    /// The CPU is not there (any more).
    case noProcessor(SystemError)
    /// The list of CPUs that are online is not one.
    case malformedProcessorList
    case system(SystemError)

    /// Sorts the failures of perf_event_open(2).
    init(opening error: SystemError) {
        switch error.errorNumber {
        case EACCES, EPERM: self = .refused(error)
        case ENOSYS, ENOENT, EINVAL, E2BIG, EOPNOTSUPP: self = .unsupported(error)
        case ENODEV: self = .noProcessor(error)
        default: self = .system(error)
        }
    }

    /// Sorts the failures of mmap(2) on a ring.
    init(mapping error: SystemError) {
        self = error.errorNumber == EPERM ? .memory(error) : .system(error)
    }
}

extension KernelEventsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let error):
            """
            \(error.reason): events of the whole node need CAP_PERFMON, or CAP_SYS_ADMIN before Linux 5.8, in the \
            initial user namespace, and a seccomp filter that lets perf_event_open through; \
            kernel.perf_event_paranoid does not matter to whoever has the capability
            """
        case .unsupported(let error):
            "\(error.reason): the kernel has no perf events, or is older than 4.12 and tells no changes of namespaces"
        case .memory(let error):
            "\(error.reason): the rings need CAP_IPC_LOCK, or a larger kernel.perf_event_mlock_kb, or to be smaller"
        case .noProcessor(let error): "\(error.path) is not online: \(error.reason)"
        case .malformedProcessorList: "the list of CPUs that are online cannot be read"
        case .system(let error): error.description
        }
    }
}
