import CLinux
import Glibc
import LinuxSystem

/// A queue of changes in marked directories (fanotify(7)); it only listens and can hold nobody up.
///
/// Directories are marked one by one. A mark on a whole file system would be one instead of some hundred, but then every
/// write of every container and log on the node's disk would go through the queue, and it is Linux 4.20; a mark on a mount
/// does not see what is written through another mount of the same directory, as with a hostPath.
final class FanotifyGroup {
    enum Kind: Sendable {
        /// Events name directory and entry; Linux 5.9, on file systems with ids for files.
        case names
        /// Events bring the file, opened by the kernel, and are of writes alone; every kernel and file system.
        case descriptors
    }

    let kind: Kind
    let queue: Descriptor
    /// What the kernel reports of a directory in which files count.
    private let fullMask: UInt64
    /// Events that the queue had no room for are missing, so many times (fs.fanotify.max_queued_events).
    private(set) var overflows: UInt64 = 0
    /// Buffers with something that is no event.
    private(set) var malformed: UInt64 = 0
    /// Events that the kernel took off its queue and could not give, as where this process has no descriptor left.
    private(set) var failures: UInt64 = 0

    /// Events of entries that come, go and are renamed, and of the directory's own end.
    static let stepMask = UInt64(
        LINUX_FAN_CREATE | LINUX_FAN_DELETE | LINUX_FAN_MOVED_FROM | LINUX_FAN_MOVED_TO | LINUX_FAN_DELETE_SELF
            | LINUX_FAN_MOVE_SELF | LINUX_FAN_ONDIR)
    private static let writeMask = UInt64(LINUX_FAN_MODIFY | LINUX_FAN_CLOSE_WRITE | LINUX_FAN_EVENT_ON_CHILD)

    init(_ kind: Kind) throws(FileWatchError) {
        self.kind = kind
        let flags = UInt32(LINUX_FAN_CLOEXEC | LINUX_FAN_NONBLOCK)
        let number: Int32
        switch kind {
        case .names:
            fullMask = Self.stepMask | Self.writeMask | UInt64(LINUX_FAN_ATTRIB)
            number = linux_fanotify_init(
                flags | UInt32(LINUX_FAN_REPORT_DFID_NAME | LINUX_FAN_REPORT_TID), UInt32(O_RDONLY))
        case .descriptors:
            fullMask = Self.writeMask
            // The kernel takes no O_PATH here; nothing is read from what it opens.
            number = linux_fanotify_init(flags, UInt32(O_RDONLY | O_CLOEXEC | O_NONBLOCK))
        }
        if number < 0 {
            throw FileWatchError(SystemError(errorNumber: errno, call: "fanotify_init", path: ""))
        }
        queue = Descriptor(adopting: number)
    }

    /// Marks a directory; one that is marked already stays so.
    ///
    /// - Parameter isStep: only entries that come and go count in it.
    func mark(_ directory: borrowing Descriptor, isStep: Bool) throws(FileWatchError) {
        let flags = UInt32(LINUX_FAN_MARK_ADD | LINUX_FAN_MARK_DONT_FOLLOW | LINUX_FAN_MARK_ONLYDIR)
        let mask = isStep ? Self.stepMask : fullMask
        guard retrying({ linux_fanotify_mark(queue.number, flags, mask, directory.number) }) == 0 else {
            throw FileWatchError(SystemError(errorNumber: errno, call: "fanotify_mark", path: ""))
        }
    }

    /// Takes what is queued, in the kernel's order, and no more at a time than so many events and the rest of a read:
    /// whoever writes faster than this takes must not be all that it ever does.
    ///
    /// - Returns: whether nothing more was queued.
    func drain(_ take: (FanotifyRecord) -> Void) -> Bool {
        var taken = 0
        return withUnsafeTemporaryAllocation(byteCount: readSize, alignment: 8) { buffer in
            while taken < FileWatch.eventsAtOnce {
                let count = retrying { read(queue.number, buffer.baseAddress, buffer.count) }
                guard count > 0 else {
                    let isEmpty = count == 0 || errno == EAGAIN
                    if !isEmpty { failures += 1 }
                    return isEmpty
                }
                // An event whose file cannot be opened is dropped, and told only where it is the first of a read
                // (fs/notify/fanotify/fanotify_user.c, fanotify_read).
                if kind == .descriptors, !hasDescriptorLeft { failures += 1 }
                var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                while !rest.isEmpty {
                    guard let (record, size) = try? FanotifyRecord.first(in: rest) else {
                        malformed += 1
                        break
                    }
                    taken += 1
                    if record.isOverflow { overflows += 1 } else { take(record) }
                    rest = UnsafeRawBufferPointer(rebasing: rest[size...])
                }
            }
            return false
        }
    }
}

extension FanotifyGroup {
    /// Bytes of one read: each event of a kind that brings a file takes a descriptor until it is looked at.
    private var readSize: Int { kind == .descriptors ? 64 * FanotifyRecord.headerSize : 65_536 }

    private var hasDescriptorLeft: Bool {
        let copy = fcntl(queue.number, F_DUPFD_CLOEXEC, 0)
        if copy >= 0 { close(copy) }
        return copy >= 0
    }
}

extension DirectoryID {
    /// The id of a directory that is open; throws where its file system has none (open_by_handle_at(2)).
    init(_ directory: borrowing Descriptor) throws(FileWatchError) {
        var handle = linux_handle()
        guard linux_file_handle(directory.number, &handle) == 0 else {
            throw FileWatchError(SystemError(errorNumber: errno, call: "name_to_handle_at", path: ""))
        }
        fileSystem = handle.file_system
        type = handle.type
        self.handle = withUnsafeBytes(of: handle.bytes) { Array($0.prefix(Int(handle.size))) }
    }
}
