import CLinux
import Glibc
package import LinuxSystem
import Logging
import NodeModel
import ServiceLifecycle
import Synchronization

/// Acts, now and then, as an escape would, and looks whether and when the daemon sees it.
///
/// The act is a child of the daemon that gives itself a new UTS namespace and ends: nothing else on the node notices.
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
                let isSeen = status.eventsFailure == nil && test()
                try await rest(isSeen ? Self.period : Self.retryPeriod)
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

    private func test() -> Bool {
        witness.expect()
        do throws(BoundedProgram.Failure) {
            _ = try BoundedProgram.output(
                of: "/proc/self/exe", [Self.command], environment: [:], limit: 1024,
                until: Deadline(secondsFromNow: Self.patience))
        } catch {
            return fail("the child \(error)")
        }
        return note(witness.latency(until: Deadline(secondsFromNow: Self.patience)))
    }

    /// Notes after how many milliseconds the act was seen, if it was.
    ///
    /// - Returns: whether it was.
    func note(_ latency: Double?) -> Bool {
        status.set(isOwnActSeen: latency != nil)
        guard let latency else {
            // A scan tells of it, and looks for what else was not told.
            requests.request(.lostRecords)
            return fail("its act was not seen")
        }
        counts.update { $0.selfTestLatency = latency }
        status.set(selfTestFailure: nil)
        return true
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
        if linux_unshare_uts() != 0 { throw SystemError(errorNumber: errno, call: "unshare", path: "") }
    }
}

/// Hands the moment of the daemon's own act from the event thread to the self-test.
final class SelfTestWitness: Sendable {
    private let expected = Atomic(false)
    private let seen = Latest<Double>()
    private let own = getpid()

    func expect() {
        _ = seen.take()
        expected.store(true, ordering: .releasing)
    }

    /// Notes the act, if this is it, with the milliseconds since the kernel recorded it.
    func note(_ change: NamespaceChange) {
        guard expected.load(ordering: .acquiring), change.task.parent == own, change.kinds == [.uts] else { return }
        expected.store(false, ordering: .releasing)
        let now = Clock.monotonicNanoseconds()
        seen.put(Double(now > change.time ? now - change.time : 0) / 1_000_000)
    }

    /// What was noted, in milliseconds; `nil` where nothing was by the deadline.
    func latency(until deadline: Deadline) -> Double? {
        while true {
            if let latency = seen.take() { return latency }
            if deadline.isPast { return nil }
            Clock.sleep(seconds: 0.01)
        }
    }
}
