import LinuxSystem
import NodeModel
import Synchronization

/// Which parts of the daemon work, and the words for it.
final class DaemonStatus: Sendable {
    /// A part of the daemon.
    enum Part: Sendable, Equatable {
        case starting
        case working
        case failed(String)

        var failure: String? {
            if case .failed(let reason) = self { return reason }
            return nil
        }
    }

    private struct State {
        var events = Part.starting
        var eventGaps: [String] = []
        var eventAbsences: [String] = []
        var isProbed = false
        var filesFailure: String?
        var containersFailure: String?
        var stateFailure: String?
        var selfTestFailure: String?
        var isOwnActSeen: Bool?
        var scanGaps: [Gap] = []
        var lastingGaps = 0
        var hasScanned = false
        var isStopping = false

        var gaps: Int {
            eventGaps.count
                + [events.failure, filesFailure, containersFailure, stateFailure, selfTestFailure].count { $0 != nil }
        }
    }

    private let state = Mutex(State())
    private let manager: ServiceManager
    private let counts: CountsBox

    init(manager: ServiceManager, counts: CountsBox) {
        self.manager = manager
        self.counts = counts
    }

    var isReady: Bool { state.withLock { Self.isReady($0) } }

    var eventsFailure: String? { state.withLock { $0.events.failure } }

    var eventGaps: [String] { state.withLock { $0.eventGaps } }

    var eventAbsences: [String] { state.withLock { $0.eventAbsences } }

    /// Whether a probe of the kernel has to tell of the self-test's act, too.
    var isProbed: Bool { state.withLock { $0.isProbed } }

    /// - Parameters:
    ///   - gaps: what is not listened to where events come, and could be.
    ///   - absences: what the kernel does not have.
    func set(events: Part, gaps: [String] = [], absences: [String] = [], isProbed: Bool = false) {
        update { state in
            state.events = events
            state.isProbed = isProbed
            state.eventGaps = gaps
            state.eventAbsences = absences
        }
    }

    /// Why changes of the node's files, or who makes them, are not seen everywhere; `nil` where they are.
    var filesFailure: String? { state.withLock { $0.filesFailure } }

    func set(filesFailure: String?) { state.withLock { $0.filesFailure = filesFailure } }

    /// Why new containers are seen by the next scan only; `nil` where they are heard of.
    var containersFailure: String? { state.withLock { $0.containersFailure } }

    func set(containersFailure: String?) { state.withLock { $0.containersFailure = containersFailure } }

    /// Why open findings cannot be saved; `nil` where they can.
    var stateFailure: String? { state.withLock { $0.stateFailure } }

    func set(stateFailure: String?) { state.withLock { $0.stateFailure = stateFailure } }

    func set(selfTestFailure: String?) { state.withLock { $0.selfTestFailure = selfTestFailure } }

    /// Whether the daemon saw its own act, when it last did one; `nil` before the first.
    var isOwnActSeen: Bool? { state.withLock { $0.isOwnActSeen } }

    func set(isOwnActSeen: Bool) { state.withLock { $0.isOwnActSeen = isOwnActSeen } }

    /// How many things are not watched between two scans, or would be forgotten by a restart.
    var gaps: Int { state.withLock { $0.gaps } }

    /// What the latest scan could not judge.
    var scanGaps: [Gap] { state.withLock { $0.scanGaps } }

    /// How many things neither of the latest two scans could judge: what comes and goes, as containers do when they
    /// start, is nobody's to mend.
    var lastingGaps: Int { state.withLock { $0.lastingGaps } }

    func set(scanGaps: [Gap]) {
        update { state in
            state.lastingGaps = scanGaps.reduce(0) { total, gap in
                let before = state.scanGaps.first { $0.kind == gap.kind && $0.reason == gap.reason }
                return total + (gap.kind == .starting ? 0 : min(gap.count, before?.count ?? 0))
            }
            state.scanGaps = scanGaps
            state.hasScanned = true
        }
    }

    func setStopping() { update { $0.isStopping = true } }

    func setReloading() { manager.tellReloading() }

    /// What reloads is ready again with READY=1 (sd_notify(3)); what does so while it starts is so only once it watches.
    func setReloaded() {
        let now = state.withLock { $0 }
        manager.tell(Self.isReady(now) ? "READY=1" : nil, status: words(now))
    }

    /// Ready is who watches: by events, or by scans alone where there are none to have.
    private func update(_ change: (inout State) -> Void) {
        let (wasReady, now) = state.withLock { state in
            let wasReady = Self.isReady(state)
            change(&state)
            return (wasReady, state)
        }
        if now.isStopping { return manager.tell("STOPPING=1", status: "Stopping") }
        let text = words(now)
        if Self.isReady(now), !wasReady { manager.tell("READY=1", status: text) } else { manager.tell(status: text) }
    }

    private static func isReady(_ state: State) -> Bool { state.hasScanned && state.events != .starting }

    private func words(_ state: State) -> String {
        guard state.hasScanned else { return "Reading the node for the first time" }
        let counts = counts.value
        let open = counts.findingsOpen == 1 ? "1 finding" : "\(counts.findingsOpen) findings"
        let count = counts.gaps + state.gaps
        let gaps = count == 0 ? "" : ", \(count) gaps"
        let how = state.events.failure.map { "Scanning only, no kernel events: \($0)" } ?? "Watching"
        return "\(how); \(open) open\(gaps), \(counts.tasks) tasks"
    }
}
