import LinuxSystem
import NodeModel
import Synchronization

/// The directories of main threads that are looked at twice, kept open in between.
///
/// Each stays tied to its process (fs/proc/base.c), so nobody needs to ask once more whether its number is still the same
/// one's.
package final class OpenTasks: Sendable {
    private let directories = Mutex<[TaskKey: Int32]>([:])
    private let limit: Int

    /// What a process has to have for everything else.
    private static let reserve = 256

    /// - Parameter limit: how many are kept at most.
    package init(limit: Int = 4096) { self.limit = min(limit, Descriptor.limit / 2 - Self.reserve) }

    deinit { directories.withLock { for directory in $0.values { Syscall.close(directory) } } }

    /// Takes over a directory; `false` where there are too many.
    func keep(_ directory: Int32, of task: TaskKey) -> Bool {
        directories.withLock { directories in
            guard directories.count < limit, directories[task] == nil else { return false }
            directories[task] = directory
            return true
        }
    }

    /// Hands out what was kept of a task.
    func take(_ task: TaskKey) -> Descriptor? {
        guard let directory = directories.withLock({ $0.removeValue(forKey: task) }) else { return nil }
        return Descriptor(adopting: directory)
    }
}
