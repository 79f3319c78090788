import Dispatch
import LinuxSystem
import Synchronization

/// Why a scan is made before its time.
package enum ScanReason: String, Sendable, CaseIterable {
    /// The kernel had no room for records, or the lineage table none for a task that runs, or they did not come: what
    /// they would have told is looked for.
    case lostRecords = "lost-records"
    /// A task is a container's that no scan has seen yet.
    case unknownContainer = "unknown-container"
    /// A file of the node was changed in a way that does not tell by whom.
    case unknownWriter = "unknown-writer"
    /// A container's records or logs came or went.
    case containerChange = "container-change"
    /// Kernel events come from now on, or it is known that they do not: who the tasks are is to be read after that.
    case eventChange = "event-change"
    /// The configuration was read anew.
    case reload

    /// Somebody waits for it: what may be an escape cannot be told before.
    var isUrgent: Bool { self == .lostRecords || self == .unknownContainer || self == .eventChange }
}

/// Asks the scanning thread for a scan; requests that come before it begins are one.
final class ScanRequests: Sendable {
    private struct State {
        var reasons: Set<ScanReason> = []
        var isEnded = false
        /// The daemon is not ready before its first scan.
        var isAwaited = true
    }

    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)

    func request(_ reason: ScanReason) {
        let isNew = state.withLock { state in
            if reason.isUrgent { state.isAwaited = true }
            return state.reasons.insert(reason).inserted
        }
        if isNew { news.signal() }
    }

    func end() {
        state.withLock { state in
            state.isEnded = true
            state.isAwaited = true
        }
        news.signal()
    }

    /// Somebody waits for the scan that is under way, or for its end.
    var isAwaited: Bool { state.withLock { $0.isAwaited } }

    /// Waits for a request, at most until the deadline.
    ///
    /// - Parameter rest: until then only urgent ones count.
    /// - Returns: the reasons, none at the deadline, and `nil` at the end.
    func wait(until deadline: Deadline, rest: Deadline = Deadline(secondsFromNow: 0)) -> Set<ScanReason>? {
        while true {
            let (reasons, isEnded) = state.withLock { state -> (Set<ScanReason>, Bool) in
                let isDue = rest.isPast || deadline.isPast || state.reasons.contains(where: \.isUrgent)
                guard isDue else { return ([], state.isEnded) }
                defer { state.reasons = [] }
                state.isAwaited = state.isEnded || state.reasons.contains(where: \.isUrgent)
                return (state.reasons, state.isEnded)
            }
            if isEnded { return nil }
            if !reasons.isEmpty || deadline.isPast { return reasons }
            let left = rest.isPast ? deadline : rest
            let wait = min(left.remainingMicroseconds, deadline.remainingMicroseconds)
            _ = news.wait(timeout: .now() + .microseconds(Int(wait)))
        }
    }
}
