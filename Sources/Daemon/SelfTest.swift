import CLinux
import Glibc
package import LinuxSystem
import Logging
import NodeModel
import ServiceLifecycle
import Synchronization

/// Acts, now and then, as an escape would, and looks whether and when the daemon sees it.
///
/// The act is a child of the daemon that writes nothing into its own memory, for the probes of the kernel, gives itself a
/// new UTS namespace and ends: nothing else on the node notices.
package struct SelfTest: Service {
    let witness: SelfTestWitness
    let requests: ScanRequests
    let status: DaemonStatus
    let counts: CountsBox
    let logger: Logger

    /// How often, and how soon again where it failed.
    private static let period = Duration.seconds(3600)
    private static let retryPeriod = Duration.seconds(60)
    /// How long after the first scan its tasks are known to whoever judges events.
    private static let settling = Duration.seconds(1)
    /// Seconds within which an act has to be seen.
    private static let patience = 10.0

    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !status.isReady { try await Task.sleep(for: Self.settling, clock: .continuous) }
            while true {
                try await Task.sleep(for: Self.settling, clock: .continuous)
                try await rest(look() ? Self.period : Self.retryPeriod)
            }
        }
    }

    /// Waits for the next test; no longer than until a minute without any event, as of rings that were turned off.
    private func rest(_ duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            let before = counts.value.events
            try await Task.sleep(for: Self.retryPeriod, clock: .continuous)
            if counts.value.events == before { return }
        }
    }

    /// Tests where there is something to see.
    ///
    /// - Returns: whether all of the act was seen.
    func look() -> Bool {
        guard status.eventsFailure == nil else {
            // What was seen of an act before does not hold any more.
            counts.update { $0.selfTestLatency = nil }
            return false
        }
        return test()
    }

    private func test() -> Bool {
        witness.expect()
        do throws(BoundedProgram.Failure) {
            _ = try BoundedProgram.output(
                of: "/proc/self/exe", [Self.command], environment: [:], limit: 1024,
                until: Deadline(secondsFromNow: Self.patience))
        } catch {
            return fail("the child \(error)")
        }
        return note(witness.sight(probed: status.isProbed, until: Deadline(secondsFromNow: Self.patience)))
    }

    /// Notes what was seen of the act.
    ///
    /// - Returns: whether it was all of it.
    func note(_ sight: SelfTestWitness.Sight) -> Bool {
        switch sight {
        case .whole(let latency):
            status.set(isOwnActSeen: true)
            counts.update { $0.selfTestLatency = latency }
            status.set(selfTestFailure: nil)
            return true
        case .unprobed: return miss("no probe of the kernel told of its act")
        case .nothing: return miss("its act was not seen")
        }
    }

    private func miss(_ reason: String) -> Bool {
        status.set(isOwnActSeen: false)
        // A scan tells of it, and looks for what else was not told.
        requests.request(.lostRecords)
        return fail(reason)
    }

    /// Notes that the test failed, which proves nothing of events where the act could not be done.
    func fail(_ reason: String) -> Bool {
        counts.update {
            $0.selfTestFailures += 1
            $0.selfTestLatency = nil
        }
        status.set(selfTestFailure: reason)
        logger.error("The self-test failed: \(reason). Escapes that last less than a scan's period may go unseen.")
        return false
    }

    /// The subcommand that the child runs.
    package static let command = "self-test"

    /// What the child does.
    package static func act() throws(SystemError) {
        // A kernel without the call has no probe of it.
        if linux_write_no_memory() != 0, errno != ENOSYS {
            throw SystemError(errorNumber: errno, call: "process_vm_writev", path: "")
        }
        if linux_unshare_uts() != 0 { throw SystemError(errorNumber: errno, call: "unshare", path: "") }
    }
}

/// Hands what the event thread sees of the daemon's own act to the self-test.
final class SelfTestWitness: Sendable {
    /// What was seen of an act.
    enum Sight: Sendable, Equatable {
        /// All of it, and its change of namespaces so many milliseconds after the kernel recorded that.
        case whole(Double)
        /// No probe told of it.
        case unprobed
        case nothing
    }

    private struct Act {
        var latency: Double?
        var isProbed = false
    }

    private let isExpected = Atomic(false)
    private let act = Mutex(Act())
    private let own = getpid()

    func expect() {
        act.withLock { $0 = Act() }
        isExpected.store(true, ordering: .releasing)
    }

    /// Notes the change of namespaces, if it is that of the act.
    func note(_ change: NamespaceChange) {
        guard expects(change.task), change.kinds == [.uts] else { return }
        let now = Clock.monotonicNanoseconds()
        act.withLock { $0.latency = Double(now > change.time ? now - change.time : 0) / 1_000_000 }
    }

    /// Notes the call that a probe told of, if it is that of the act.
    func note(_ deed: TaskAct) {
        guard expects(deed.task), case .wroteMemory = deed.deed else { return }
        act.withLock { $0.isProbed = true }
    }

    private func expects(_ task: LineageTask) -> Bool {
        isExpected.load(ordering: .acquiring) && task.parent == own
    }

    /// What was seen by the deadline.
    func sight(probed: Bool, until deadline: Deadline) -> Sight {
        defer { isExpected.store(false, ordering: .releasing) }
        while true {
            let act = act.withLock { $0 }
            if let latency = act.latency, act.isProbed || !probed { return .whole(latency) }
            if deadline.isPast { return act.latency == nil ? .nothing : .unprobed }
            Clock.sleep(seconds: 0.01)
        }
    }
}
