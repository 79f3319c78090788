import LinuxSystem
import NodeModel
import Synchronization

/// What records said when they were read last, so that those which have not changed since are not read again.
///
/// A record is the same while its file, its size and the time of its last change are (inode(7)).
package final class KnownRecords: Sendable {
    private struct File: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private struct Entry {
        var status: FileStatus
        var container: Container
        var isUsed = true
    }

    private let entries = Mutex<[File: Entry]>([:])

    /// Two changes within the kernel's time step look like one (fs/inode.c, current_time): what is as young as this, in
    /// nanoseconds, may change once more.
    private static let youth: Int64 = 1_000_000_000

    package init() {}

    /// The container as its record says; `nil` where it has to be read.
    func container(_ status: FileStatus) -> Container? {
        entries.withLock { entries in
            let file = File(device: status.device, inode: status.inode)
            guard entries[file]?.status == status else { return nil }
            entries[file]?.isUsed = true
            return entries[file]?.container
        }
    }

    /// Remembers a container by what its record's file was before it was read.
    func put(_ container: Container, _ status: FileStatus, now: Int64 = Clock.wallMilliseconds() &* 1_000_000) {
        guard now &- status.changedAt > Self.youth else { return }
        let file = File(device: status.device, inode: status.inode)
        entries.withLock { $0[file] = Entry(status: status, container: container) }
    }

    /// Forgets what was not asked for since the last time.
    func forgetUnused() {
        entries.withLock { entries in
            entries = entries.filter { $0.value.isUsed }.mapValues { entry in
                var entry = entry
                entry.isUsed = false
                return entry
            }
        }
    }
}
