import CLinux
import Glibc
import LinuxSystem

/// What the threads of a process have in common.
extension ProcReader {
    /// What threads share unless one makes its own (unshare(2)).
    enum Shared {
        /// Root and working directory (CLONE_FS).
        case directories
        /// The table of open descriptors (CLONE_FILES).
        case descriptors

        /// The type that kcmp(2) knows it by.
        fileprivate var type: Int32 {
            switch self {
            case .directories: Int32(LINUX_KCMP_FS)
            case .descriptors: Int32(LINUX_KCMP_FILES)
            }
        }
    }

    /// Whether two threads are known to share something; not where the kernel was built without kcmp(2), refuses it, or
    /// knows the threads of this `/proc` by other numbers than the caller.
    func share(_ shared: Shared, _ first: Int32, _ second: Int32) -> Bool {
        showsOwnNumbers && linux_kcmp(first, second, shared.type) == 0
    }

    /// The link leads to the reader, by the number that it has in this `/proc` (proc_pid_self(5)).
    static func areNumbersOwn(in proc: borrowing Descriptor) -> Bool {
        guard let target = try? proc.linkTarget(of: "self") else { return false }
        return target.elementsEqual("\(getpid())".utf8)
    }
}
