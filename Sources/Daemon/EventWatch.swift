import Dispatch
import KernelEvents
import LinuxSystem
import Logging
import NodeModel
import ServiceLifecycle

/// The thread that takes kernel events, and by that keeps the service manager's watchdog quiet.
///
/// Where the kernel refuses its events, the thread says so and goes on without: scans still see what stays.
struct EventWatch: Service {
    let views: Latest<NodeView>
    let writes: FileEventBox
    let makeJudge: @Sendable () -> EventJudge
    let status: DaemonStatus
    let counts: CountsBox
    let beat: @Sendable () -> Void
    let logger: Logger

    /// How long the thread sleeps at most where nothing happens: scans are taken over by then.
    private static let patience = 0.1
    /// How old a change of a file is when it is judged, in nanoseconds: by then its writer's start has been told.
    private static let settling: UInt64 = 5_000_000
    /// How often the CPUs that are online are looked up, in seconds.
    private static let processorPeriod = 10.0

    func run() async throws {
        let stop = try StopSignal()
        let isStopped = DispatchSemaphore(value: 0)
        await OwnThread.run(
            named: "events",
            stop: {
                stop.stop()
                isStopped.signal()
            }
        ) {
            do throws(KernelEventsError) {
                try follow(try EventStream(stop: stop))
            } catch {
                logger.error("No kernel events: \(error). What lasts less than a scan's period is not seen.")
                status.set(events: .failed("\(error)"))
                var judge = makeJudge()
                while isStopped.wait(timeout: .now() + Self.patience) == .timedOut {
                    if let view = views.take() { judge.take(view) }
                    judge.take(writes.take(before: .max))
                    beat()
                }
            }
        }
    }

    private func follow(_ stream: EventStream) throws(KernelEventsError) {
        var judge = makeJudge()
        var events: [KernelEvent] = []
        events.reserveCapacity(4096)
        var nextLook = Deadline(secondsFromNow: Self.processorPeriod)
        var gaps = tellGaps(of: stream, known: nil)
        while true {
            if let view = views.take() { judge.take(view) }
            // The stream holds events back until they have settled; those of a writer's life come before its write.
            let written = writes.take(before: Clock.monotonicNanoseconds() - Self.settling)
            let outcome = try stream.wait(until: Deadline(secondsFromNow: Self.patience), into: &events)
            judge.take(events)
            judge.take(written)
            beat()
            if outcome == .stopped { return }
            if nextLook.isPast {
                try followProcessors(stream)
                gaps = tellGaps(of: stream, known: gaps)
                nextLook = Deadline(secondsFromNow: Self.processorPeriod)
            }
        }
    }

    private func followProcessors(_ stream: EventStream) throws(KernelEventsError) {
        let change = try stream.followProcessors()
        if !change.came.isEmpty || !change.went.isEmpty {
            logger.notice("CPUs \(change.came) came and \(change.went) went: what their tasks did then may be missing")
        }
    }

    /// Says what is not listened to, each once as long as it stays so.
    ///
    /// - Returns: all of it.
    private func tellGaps(of stream: EventStream, known: [String]?) -> [String] {
        let gaps = stream.gaps
        guard gaps != known else { return gaps }
        for gap in gaps where known?.contains(gap) != true { logger.warning("Not watched: \(gap)") }
        if known == nil { for absence in stream.absences { logger.notice("Not in this kernel: \(absence)") } }
        status.set(events: .working, gaps: gaps, absences: stream.absences)
        counts.update { $0.unwatchedProcessors = stream.unwatched.count }
        return gaps
    }
}
