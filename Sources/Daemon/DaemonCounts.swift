import Synchronization

/// What the daemon has done since it was started, for `breakoutd status` and the metrics.
package struct DaemonCounts: Sendable, Equatable, Codable {
    /// Kernel events taken from the rings.
    package var events: UInt64 = 0
    /// Of the latest minute that has passed; `nil` before the first has.
    package var eventsPerSecond: Double?
    /// Records that a full ring could not take, or that cannot be read.
    package var lostRecords: UInt64 = 0
    /// CPUs that are online and whose events do not come.
    package var unwatchedProcessors = 0
    /// Tasks that the lineage table had no room for, and events of tasks that it did not know.
    package var evictedTasks: UInt64 = 0
    package var unknownTasks: UInt64 = 0
    /// Changes of namespaces into a host's or a pod's, and other acts, of tasks whose container no scan found, or while no
    /// scan could tell which namespaces are the node's.
    package var unattributedChanges: UInt64 = 0
    /// Directories of node files that are watched, and those above them.
    package var watchedDirectories = 0
    /// Changes of the node's files that were heard of, and how many times some may have been missed.
    package var fileEvents: UInt64 = 0
    package var lostFileEvents: UInt64 = 0
    /// Changes of the node's files by somebody who is not known.
    package var unattributedWrites: UInt64 = 0
    package var scans: UInt64 = 0
    /// Of the latest scan: its time in microseconds, how many tasks it saw, how many gaps it has.
    package var scanDuration: Int64 = 0
    /// The longest time that a scan which nobody waits for had a core without a rest, in microseconds.
    package var longestSlice: Int64 = 0
    package var tasks = 0
    package var gaps = 0
    package var findingsRaised: UInt64 = 0
    package var findingsCleared: UInt64 = 0
    package var findingsOpen = 0
    /// How many times one was not told of when it was found; a later record says so.
    package var findingsHeldBack: UInt64 = 0
    package var saveFailures: UInt64 = 0
    /// Milliseconds from the kernel's record of the latest self-test's act until that was judged; `nil` before the first,
    /// where it was not seen, and while no events come.
    package var selfTestLatency: Double?
    package var selfTestFailures: UInt64 = 0

    /// What was seen and not judged, as nobody knows whose it was.
    var unattributed: UInt64 { unattributedChanges &+ unattributedWrites }
}

/// The counts, written by several threads.
final class CountsBox: Sendable {
    private let box = Mutex(DaemonCounts())

    func update<Result: Sendable>(_ change: (inout DaemonCounts) -> Result) -> Result { box.withLock { change(&$0) } }

    var value: DaemonCounts { box.withLock { $0 } }
}
