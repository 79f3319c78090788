import Dispatch
import LinuxSystem
import Synchronization

/// Why a scan is made before its time.
package enum ScanReason: String, Sendable, CaseIterable {
    /// The kernel had no room for records: what they would have told is looked for.
    case lostRecords = "lost-records"
    /// A task is a container's that no scan has seen yet.
    case unknownContainer = "unknown-container"
    /// A container's records or logs came or went.
    case containerChange = "container-change"
    /// The configuration was read anew.
    case reload
}

/// Asks the scanning thread for a scan; requests that come before it begins are one.
final class ScanRequests: Sendable {
    private struct State {
        var reasons: Set<ScanReason> = []
        var isEnded = false
    }

    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)

    func request(_ reason: ScanReason) {
        let isFirst = state.withLock { state in
            defer { state.reasons.insert(reason) }
            return state.reasons.isEmpty
        }
        if isFirst { news.signal() }
    }

    func end() {
        state.withLock { $0.isEnded = true }
        news.signal()
    }

    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Waits for a request, at most until the deadline.
    ///
    /// - Returns: the reasons, none at the deadline, and `nil` at the end.
    func wait(until deadline: Deadline) -> Set<ScanReason>? {
        while true {
            let (reasons, isEnded) = state.withLock { state in
                defer { state.reasons = [] }
                return (state.reasons, state.isEnded)
            }
            if isEnded { return nil }
            if !reasons.isEmpty || deadline.isPast { return reasons }
            _ = news.wait(timeout: .now() + .microseconds(Int(deadline.remainingMicroseconds)))
        }
    }
}
