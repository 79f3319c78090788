import NodeModel
import Synchronization

/// A change of a file, and whose its task was by its cgroup when it was heard of; `nil` where it had ended.
struct HeardChange: Sendable, Equatable {
    var event: FileEvent
    var owner: CgroupPlacement.Owner?
}

/// Hands changes of files from the thread that hears of them to the one that knows the tasks.
final class FileEventBox: Sendable {
    private struct State {
        var changes: [HeardChange] = []
        var dropped: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many wait at most; what comes then is dropped and counted.
    init(limit: Int = 10_000) { self.limit = limit }

    func put(_ changes: [HeardChange]) {
        state.withLock { state in
            let taken = changes.prefix(limit - state.changes.count)
            state.changes += taken
            state.dropped += UInt64(changes.count - taken.count)
        }
    }

    /// Takes what is older than a time, in nanoseconds of CLOCK_MONOTONIC.
    func take(before time: UInt64) -> [HeardChange] {
        state.withLock { state in
            let count = state.changes.firstIndex { $0.event.time >= time } ?? state.changes.count
            defer { state.changes.removeFirst(count) }
            return Array(state.changes.prefix(count))
        }
    }

    var dropped: UInt64 { state.withLock { $0.dropped } }
}
