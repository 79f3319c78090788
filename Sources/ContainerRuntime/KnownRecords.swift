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

        init(_ status: FileStatus) { (device, inode) = (status.device, status.inode) }
    }

    private struct Entry {
        var status: FileStatus
        var container: Container
    }

    private let entries = Mutex(RecentEntries<File, Entry>())

    /// Two changes within the kernel's time step look like one (fs/inode.c, current_time): what is as young as this, in
    /// nanoseconds, may change once more.
    private static let youth: Int64 = 1_000_000_000

    package init() {}

    /// The container as its record says; `nil` where it has to be read.
    func container(_ status: FileStatus) -> Container? {
        let known = entries.withLock { $0[File(status)] }
        return known?.status == status ? known?.container : nil
    }

    /// Remembers a container by what its record's file was before it was read.
    func put(_ container: Container, _ status: FileStatus, now: Int64 = Clock.wallMilliseconds() &* 1_000_000) {
        guard now &- status.changedAt > Self.youth else { return }
        entries.withLock { $0[File(status)] = Entry(status: status, container: container) }
    }

    /// Forgets what was not asked for since the last time.
    func forgetUnused() { entries.withLock { $0.forgetUnused() } }
}
