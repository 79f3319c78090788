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
    let beat: @Sendable () -> Void
    let logger: Logger

    /// How long the thread sleeps at most where nothing happens: scans are taken over by then.
    private static let patience = 0.1
    /// How old a change of a file is when it is judged, in nanoseconds: by then its writer's start has been told.
    private static let settling: UInt64 = 5_000_000
    /// How often the CPUs that are online are looked up, in seconds.
    private static let processorPeriod = 10.0
    /// How often the watchdog is fed, in seconds: the service manager wakes up for it.
    private static let beatPeriod = 1.0

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
                let stream = try EventStream(stop: stop)
                let gaps = stream.missingTracepoints.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                for gap in gaps { logger.warning("The tracepoint \(gap)") }
                status.set(events: .working, gaps: gaps)
                try follow(stream)
            } catch {
                logger.error("No kernel events: \(error). What lasts less than a scan's period is not seen.")
                status.set(events: .failed("\(error)"))
                var judge = makeJudge()
                var beats = Beats(beat)
                while isStopped.wait(timeout: .now() + Self.patience) == .timedOut {
                    if let view = views.take() { judge.take(view) }
                    judge.take(writes.take(before: .max))
                    beats.next()
                }
            }
        }
    }

    /// Feeds the watchdog, and not more often than is of use.
    private struct Beats {
        private let beat: @Sendable () -> Void
        private var due = Deadline(secondsFromNow: 0)

        init(_ beat: @escaping @Sendable () -> Void) { self.beat = beat }

        mutating func next() {
            guard due.isPast else { return }
            beat()
            due = Deadline(secondsFromNow: EventWatch.beatPeriod)
        }
    }

    private func follow(_ stream: EventStream) throws(KernelEventsError) {
        var judge = makeJudge()
        var events: [KernelEvent] = []
        events.reserveCapacity(4096)
        var beats = Beats(beat)
        var nextLook = Deadline(secondsFromNow: Self.processorPeriod)
        while true {
            if let view = views.take() { judge.take(view) }
            // The stream holds events back until they have settled; those of a writer's life come before its write.
            let written = writes.take(before: Clock.monotonicNanoseconds() - Self.settling)
            let outcome = try stream.wait(until: Deadline(secondsFromNow: Self.patience), into: &events)
            judge.take(events)
            judge.take(written)
            beats.next()
            if outcome == .stopped { return }
            if nextLook.isPast {
                try followProcessors(stream)
                nextLook = Deadline(secondsFromNow: Self.processorPeriod)
            }
        }
    }

    private func followProcessors(_ stream: EventStream) throws(KernelEventsError) {
        let change = try stream.followProcessors()
        if !change.came.isEmpty || !change.went.isEmpty {
            logger.notice("CPUs \(change.came) came and \(change.went) went: what their tasks did then may be missing")
        }
        for (cpu, error) in stream.unwatched { logger.warning("CPU \(cpu) is not watched: \(error)") }
    }
}
