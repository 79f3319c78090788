import CLinux
import Glibc

/// An open file that is closed when the value goes.
package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over a descriptor that `Syscall` opened.
    package init(adopting number: Int32) { self.number = number }

    deinit { close(number) }

    /// Opens a path that the caller trusts, following links: a root such as `/proc` that an administrator named.
    package static func open(_ path: String, _ flags: Int32) throws(SystemError) -> Descriptor {
        let number = retrying { Glibc.open(path, flags | O_CLOEXEC) }
        if number < 0 { throw SystemError(errorNumber: errno, call: "open", path: path) }
        return Descriptor(adopting: number)
    }

    /// Opens one entry of this directory; a symbolic link in its place is an error (ELOOP, or ENOTDIR for a directory).
    package func openEntry(_ name: String, _ flags: Int32) throws(SystemError) -> Descriptor {
        guard Self.isEntryName(name) else { throw SystemError(errorNumber: EINVAL, call: "openat", path: name) }
        let entry = retrying { openat(number, name, flags | O_NOFOLLOW | O_CLOEXEC) }
        if entry < 0 { throw SystemError(errorNumber: errno, call: "openat", path: name) }
        return Descriptor(adopting: entry)
    }

    /// Opens a directory below this one, one component after the other and none of them through a link.
    ///
    /// The walk works on every kernel; openat2(2) with RESOLVE_NO_SYMLINKS, which would save calls, is Linux 5.6.
    package func openDirectory(below path: String) throws(SystemError) -> Descriptor {
        var current = try openEntry(".", LinuxFlags.path | O_DIRECTORY)
        for bytes in path.utf8.split(separator: UInt8(ascii: "/")) {
            let component = String(Substring(bytes))
            if component == "." { continue }
            current = try current.openEntry(component, LinuxFlags.path | O_DIRECTORY)
        }
        return try current.openEntry(".", O_RDONLY | O_DIRECTORY)
    }

    /// What an entry of this directory is, itself and not what a link names; nothing is opened or mounted for it.
    package func status(of name: String) throws(SystemError) -> FileStatus {
        var buffer = stat()
        guard retrying({ fstatat(number, name, &buffer, AT_SYMLINK_NOFOLLOW | Int32(LINUX_AT_NO_AUTOMOUNT)) }) == 0
        else {
            throw SystemError(errorNumber: errno, call: "fstatat", path: name)
        }
        return FileStatus(buffer)
    }

    /// What a path below this directory is, whose names begin with a `/`; no link is followed.
    package func status(below path: String) throws(SystemError) -> FileStatus {
        guard let slash = path.lastIndex(of: "/") else {
            throw SystemError(errorNumber: EINVAL, call: "fstatat", path: path)
        }
        return try openDirectory(below: String(path[..<slash])).status(of: String(path[path.index(after: slash)...]))
    }

    /// Another process has locked the file, or a part of it, for itself (fcntl(2), F_GETLK).
    package var isLocked: Bool {
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        return fcntl(number, F_GETLK, &lock) == 0 && lock.l_type == Int16(F_WRLCK)
    }

    /// What this descriptor is.
    package func status() throws(SystemError) -> FileStatus {
        var buffer = stat()
        guard retrying({ fstat(number, &buffer) }) == 0 else {
            throw SystemError(errorNumber: errno, call: "fstat", path: "")
        }
        return FileStatus(buffer)
    }

    /// The text of a symbolic link, at most `limit` bytes of it; PATH_MAX bounds what the kernel returns.
    package func linkTarget(of name: String, limit: Int = 4096) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = retrying { readlinkat(number, name, &buffer, limit) }
        if count < 0 { throw SystemError(errorNumber: errno, call: "readlinkat", path: name) }
        return Array(buffer.prefix(Int(count)))
    }

    /// How many this process may have open (getrlimit(2), RLIMIT_NOFILE).
    package static var limit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    static func isEntryName(_ name: String) -> Bool {
        !name.isEmpty && name != ".." && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
    }
}

/// The parts of stat(2) that readers look at.
package struct FileStatus: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case regular, directory, link, fifo, socket, character, block, unknown
    }

    package let kind: Kind
    package let device: UInt64
    package let inode: UInt64
    package let linkCount: UInt64
    package let uid: UInt32
    package let gid: UInt32
    /// The bits of chmod(2).
    package let permissions: UInt32
    package let size: Int64
    /// When its content was changed last, in nanoseconds since 1970-01-01 UTC; its owner may set any time (utimensat(2)).
    package let modifiedAt: Int64
    /// When the file or what is said of it here was changed last, in nanoseconds since 1970-01-01 UTC; unlike the time
    /// of the last write nobody can choose it but by the clock itself (inode(7), ctime).
    package let changedAt: Int64

    /// What a path names, at the end of its links; takes no file descriptor.
    package init(following path: String) throws(SystemError) {
        var buffer = stat()
        guard retrying({ stat(path, &buffer) }) == 0 else {
            throw SystemError(errorNumber: errno, call: "stat", path: path)
        }
        self.init(buffer)
    }

    /// What a path names, a link itself where it is one; takes no file descriptor.
    init(at path: String) throws(SystemError) {
        var buffer = stat()
        guard retrying({ lstat(path, &buffer) }) == 0 else {
            throw SystemError(errorNumber: errno, call: "lstat", path: path)
        }
        self.init(buffer)
    }

    init(_ buffer: stat) {
        kind =
            switch buffer.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .link
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            case S_IFCHR: .character
            case S_IFBLK: .block
            default: .unknown
            }
        device = UInt64(buffer.st_dev)
        inode = UInt64(buffer.st_ino)
        linkCount = UInt64(buffer.st_nlink)
        uid = buffer.st_uid
        gid = buffer.st_gid
        permissions = UInt32(buffer.st_mode & 0o7777)
        size = Int64(buffer.st_size)
        modifiedAt = Self.nanoseconds(buffer.st_mtim)
        changedAt = Self.nanoseconds(buffer.st_ctim)
    }

    /// A file system may hold any number.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// Calls again when a signal interrupted the call (signal(7), EINTR).
@inline(__always)
package func retrying<Number: SignedInteger>(_ call: () -> Number) -> Number {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

/// Flags that Swift's Glibc does not show.
package enum LinuxFlags {
    /// O_PATH (open(2)): names a file without opening it.
    package static let path = Int32(LINUX_O_PATH)
    /// For a directory whose entries are opened, made and renamed.
    package static let directory = O_RDONLY | O_DIRECTORY
}
