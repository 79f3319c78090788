import CLinux
import Glibc
import LinuxSystem

/// A queue of changes in directories that does not tell who made them (inotify(7)); its bits are those of fanotify.
final class InotifyQueue {
    let queue: Descriptor
    private(set) var overflows: UInt64 = 0

    init() throws(FileWatchError) {
        let number = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if number < 0 { throw FileWatchError(SystemError(errorNumber: errno, call: "inotify_init1", path: "")) }
        queue = Descriptor(adopting: number)
    }

    /// Watches a directory, again if it is watched already, and gives its number.
    ///
    /// - Parameter mask: the bits of LINUX_FAN_ that count.
    func watch(_ directory: borrowing Descriptor, mask: UInt64) throws(FileWatchError) -> Int32 {
        // There is no call that takes a directory which is open; the link leads to it and nowhere else.
        let path = "/proc/self/fd/\(directory.number)"
        let bits = UInt32(truncatingIfNeeded: mask) & Self.known | UInt32(IN_ONLYDIR)
        let number = inotify_add_watch(queue.number, path, bits)
        guard number >= 0 else {
            throw FileWatchError(SystemError(errorNumber: errno, call: "inotify_add_watch", path: ""))
        }
        return number
    }

    /// Takes what is queued, no more at a time than `FileWatch.eventsAtOnce` and the rest of a read: the number of the watch,
    /// the bits, and the name, which is empty for the directory itself.
    ///
    /// - Returns: whether nothing more was queued.
    func drain(_ take: (Int32, UInt64, [UInt8]) -> Void) -> Bool {
        let header = MemoryLayout<inotify_event>.size
        var taken = 0
        return withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { buffer in
            while taken < FileWatch.eventsAtOnce {
                let count = retrying { read(queue.number, buffer.baseAddress, buffer.count) }
                guard count > 0 else { return true }
                var offset = 0
                while offset + header <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    let end = offset + header + Int(event.len)
                    guard end <= count else { break }
                    let name = Array(buffer[(offset + header)..<end].prefix { $0 != 0 })
                    taken += 1
                    let isOverflow = event.mask & UInt32(IN_Q_OVERFLOW) != 0
                    if isOverflow { overflows += 1 } else { take(event.wd, UInt64(event.mask), name) }
                    offset = end
                }
            }
            return false
        }
    }

    /// The events that inotify has too.
    private static let known = UInt32(
        IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF
            | IN_MOVE_SELF)
}
