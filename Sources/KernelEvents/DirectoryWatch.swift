import Glibc
package import LinuxSystem

/// Tells that entries of some directories came, went or were replaced (inotify(7)); what they are is for a scan to see.
///
/// Directories that are not there are looked for again after each change and now and then, and found anew where they were
/// replaced. Nothing in them is opened or followed.
package final class DirectoryWatch {
    private let queue: Descriptor
    private let root: String
    private let stop: StopSignal
    private var watched: [String: Int32] = [:]
    private var nextSearch = Deadline(secondsFromNow: 0)

    /// The directories, as they are on the node.
    package var paths: [String] {
        didSet { if paths != oldValue { nextSearch = Deadline(secondsFromNow: 0) } }
    }

    /// Seconds between looks for directories that are not there, where nothing changes.
    private static let searchPeriod = 5.0

    /// - Parameter paths: directories, as they are on the node.
    package init(_ paths: [String], root: String = "/", stop: StopSignal) throws(SystemError) {
        let number = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if number < 0 { throw SystemError(errorNumber: errno, call: "inotify_init1", path: "") }
        queue = Descriptor(adopting: number)
        self.root = root == "/" ? "" : root
        self.paths = paths
        self.stop = stop
        watchAll()
    }

    /// Why a wait ended.
    package enum Outcome: Sendable, Equatable {
        case change
        case deadline
        case stopped
    }

    /// The directories that are watched now.
    package var directories: [String] { watched.keys.sorted() }

    /// Waits for a change, at most until the deadline.
    package func wait(until deadline: Deadline) -> Outcome {
        if nextSearch.isPast, watchAll() { return .change }
        var entries = [stop.descriptor, queue.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = Readiness.wait(for: &entries, milliseconds: deadline.remainingMilliseconds)
        if stop.isStopped { return .stopped }
        return entries[1].revents != 0 ? drain() : .deadline
    }

    private static let mask = UInt32(
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

    /// Watches what is not watched yet; whether there was any such.
    @discardableResult
    private func watchAll() -> Bool {
        nextSearch = Deadline(secondsFromNow: Self.searchPeriod)
        var isNew = false
        for path in paths where watched[path] == nil {
            let number = inotify_add_watch(queue.number, root + path, Self.mask | UInt32(IN_ONLYDIR | IN_DONT_FOLLOW))
            guard number >= 0 else { continue }
            watched[path] = number
            isNew = true
        }
        return isNew
    }

    /// Takes what the kernel has queued; a directory that is gone itself is looked for again.
    ///
    /// After some reads the rest is left for the next wait, as events may come without end.
    private func drain() -> Outcome {
        nextSearch = Deadline(secondsFromNow: 0)
        let header = MemoryLayout<inotify_event>.size
        return withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { buffer in
            for _ in 0..<16 {
                let count = retrying { read(queue.number, buffer.baseAddress, buffer.count) }
                guard count > 0 else { break }
                var offset = 0
                while offset + header <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    let gone = UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)
                    if event.mask & gone != 0 { forget(event.wd) }
                    offset += header + Int(event.len)
                }
            }
            return .change
        }
    }

    private func forget(_ number: Int32) {
        for (path, watch) in watched where watch == number {
            watched[path] = nil
            _ = inotify_rm_watch(queue.number, number)
        }
    }
}
