import Glibc
package import LinuxSystem

/// Why changes of files cannot be told of, or not with who made them.
package enum FileWatchError: Error, Sendable, Equatable {
    /// The process may not use fanotify.
    case refused(SystemError)
    /// The kernel or the file system has no fanotify of that kind.
    case unsupported(SystemError)
    /// A limit on groups, marks or watches of one user is reached.
    case limit(SystemError)
    /// A directory has so many entries that not all are looked at for directories to watch.
    case tooManyEntries
    case system(SystemError)

    /// Sorts the failures of fanotify_init(2), fanotify_mark(2) and their likes.
    init(_ error: SystemError) {
        switch error.errorNumber {
        case EPERM, EACCES: self = .refused(error)
        case ENOSYS, EINVAL, EOPNOTSUPP, ENODEV, EXDEV, EOVERFLOW: self = .unsupported(error)
        case EMFILE, ENOSPC: self = .limit(error)
        default: self = .system(error)
        }
    }
}

extension FileWatchError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let error):
            """
            \(error.reason): fanotify needs CAP_SYS_ADMIN in the initial user namespace, and a seccomp filter that lets \
            fanotify_init and fanotify_mark through
            """
        case .unsupported(let error):
            "\(error.reason): the kernel or the file system has no fanotify of this kind (CONFIG_FANOTIFY)"
        case .limit(let error):
            """
            \(error.reason): fs.fanotify.max_user_groups, fs.fanotify.max_user_marks or fs.inotify.max_user_watches is \
            reached
            """
        case .tooManyEntries: "too many entries: not every directory in it is watched"
        case .system(let error): error.description
        }
    }
}
