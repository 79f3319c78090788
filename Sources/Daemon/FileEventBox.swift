import NodeModel
import Synchronization

/// Hands changes of files from the thread that hears of them to the one that knows the tasks.
final class FileEventBox: Sendable {
    private struct State {
        var events: [FileEvent] = []
        var dropped: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many wait at most; what comes then is dropped and counted.
    init(limit: Int = 10_000) { self.limit = limit }

    func put(_ events: [FileEvent]) {
        state.withLock { state in
            let taken = events.prefix(limit - state.events.count)
            state.events += taken
            state.dropped += UInt64(events.count - taken.count)
        }
    }

    /// Takes what is older than a time, in nanoseconds of CLOCK_MONOTONIC.
    func take(before time: UInt64) -> [FileEvent] {
        state.withLock { state in
            let count = state.events.firstIndex { $0.time >= time } ?? state.events.count
            defer { state.events.removeFirst(count) }
            return Array(state.events.prefix(count))
        }
    }

    var dropped: UInt64 { state.withLock { $0.dropped } }
}
