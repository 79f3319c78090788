import Dispatch
import KernelEvents
import LinuxSystem
import Logging
import NodeModel
import ServiceLifecycle

/// The thread that takes kernel events, and by that keeps the service manager's watchdog quiet.
///
/// Where the kernel refuses its events, the thread says so and goes on without: scans still see what stays. Now and then
/// it tries again, as what was short may have been there for a moment only.
struct EventWatch: Service {
    /// The node's root directory.
    let root: String
    let views: Latest<NodeView>
    let writes: FileEventBox
    let started: StartedContainers
    /// Given whenever there is another scan, or something among the writes.
    let wake: WakeSignal
    let makeJudge: @Sendable () -> EventJudge
    let requests: ScanRequests
    let status: DaemonStatus
    let counts: CountsBox
    let beat: @Sendable () -> Void
    let logger: Logger

    /// How long the thread sleeps at most where nothing happens: the watchdog is fed by then.
    private static let patience = 1.0
    /// How old a change of a file is when it is judged, in nanoseconds: by then its writer's start has been told.
    private static let settling: UInt64 = 5_000_000
    /// How often the CPUs that are online are looked up, in seconds.
    private static let processorPeriod = 10.0
    /// How often the watchdog is fed at most, in seconds: the service manager wakes up for it.
    private static let beatPeriod = 1.0
    /// Seconds until another attempt where there are no events.
    private static let retryPeriod = 30.0

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
            var judge = makeJudge()
            repeat {
                do throws(KernelEventsError) {
                    let stream = try EventStream(stop: stop, wake: wake, root: root)
                    judge.forgetTasks()
                    requests.request(.eventChange)
                    try follow(stream, &judge)
                    break
                } catch {
                    if status.eventsFailure != "\(error)" {
                        logger.error("No kernel events: \(error). What lasts less than a scan's period is not seen.")
                        requests.request(.eventChange)
                    }
                    status.set(events: .failed("\(error)"))
                }
            } while !goOnWithout(until: isStopped, &judge)
            let left = judge.endWaiting()
            if left > 0 { logger.warning("\(left) acts were not judged: no scan has told yet whose they are") }
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

    /// Judges what is heard of without events; whether the service is to end and not to try again.
    private func goOnWithout(until isStopped: DispatchSemaphore, _ judge: inout EventJudge) -> Bool {
        let end = Deadline(secondsFromNow: Self.retryPeriod)
        var beats = Beats(beat)
        while !end.isPast {
            let isOver = isStopped.wait(timeout: .now() + Self.patience) == .success
            if let view = views.take() { judge.take(view) }
            judge.take(started.take())
            judge.take(writes.take(before: .max))
            if isOver { return true }
            beats.next()
        }
        return false
    }

    private func follow(_ stream: EventStream, _ judge: inout EventJudge) throws(KernelEventsError) {
        var gaps: [String]?
        var lost = counts.value.lostRecords
        var events: [KernelEvent] = []
        events.reserveCapacity(4096)
        var beats = Beats(beat)
        var nextLook = Deadline(secondsFromNow: Self.processorPeriod)
        tell(gapsOf: stream, &gaps)
        var latest: (view: NodeView, seenAt: UInt64)?
        while true {
            if let view = views.take() {
                // Before the first one no event says much.
                if judge.view == nil { judge.take(view) } else { latest = (view, Clock.monotonicNanoseconds()) }
            }
            // The stream holds events back until they have settled; those of a writer's life come before its write.
            let settled = Clock.monotonicNanoseconds() - Self.settling
            let limit = writes.isEmpty && latest == nil ? Self.patience : Double(Self.settling) / 1_000_000_000
            let outcome = try stream.wait(until: Deadline(secondsFromNow: limit), into: &events)
            // Before what they did: a runtime has made them, and is yet to start them.
            judge.take(started.take())
            judge.take(events)
            // After the events from before them: they tell which tasks of a scan a runtime was only starting, and who a
            // writer was that has ended.
            let told = Self.end(of: events, settled)
            if let (view, seenAt) = latest, seenAt < told {
                judge.take(view)
                latest = nil
            }
            judge.take(writes.take(before: told))
            beats.next()
            if outcome == .stopped { return finish(stream, latest?.view, &judge, &events) }
            if nextLook.isPast {
                try followProcessors(stream, &judge)
                tell(gapsOf: stream, &gaps)
                tell(lossesSince: &lost)
                nextLook = Deadline(secondsFromNow: Self.processorPeriod)
            }
        }
    }

    /// Up to when all that was done has been told: of a full batch more may follow.
    static func end(of events: [KernelEvent], _ settled: UInt64) -> UInt64 {
        guard events.count >= EventStream.batchLimit, let last = events.last else { return settled }
        return min(settled, last.time)
    }

    /// Seconds that are left, at the end, for what comes faster than it is judged.
    private static let lastPatience = 2.0

    /// Judges what came until now, such as the signal that ends the daemon.
    private func finish(
        _ stream: EventStream, _ view: NodeView?, _ judge: inout EventJudge, _ events: inout [KernelEvent]
    ) {
        let view = views.take() ?? view
        let end = Deadline(secondsFromNow: Self.lastPatience)
        repeat {
            stream.takeAll(into: &events)
            judge.take(started.take())
            judge.take(events)
        } while events.count == EventStream.batchLimit && !end.isPast
        if events.count == EventStream.batchLimit {
            logger.warning("Kernel events came faster than they are judged: the last ones before the end were not")
        }
        if let view { judge.take(view) }
        judge.take(writes.take(before: .max))
    }

    private func followProcessors(_ stream: EventStream, _ judge: inout EventJudge) throws(KernelEventsError) {
        let change = try stream.followProcessors()
        guard change.came + change.went != [] else { return }
        logger.warning("CPUs \(change.came) came and \(change.went) went: what their tasks did then may be missing")
        judge.takeLoss(of: Set(change.came + change.went))
    }

    /// Says what is not listened to, each once as long as it stays so.
    private func tell(gapsOf stream: EventStream, _ before: inout [String]?) {
        let gaps = stream.gaps
        guard gaps != before else { return }
        for gap in gaps where before?.contains(gap) != true { logger.warning("Not watched: \(gap)") }
        if before == nil { for absence in stream.absences { logger.notice("Not in this kernel: \(absence)") } }
        status.set(events: .working, gaps: gaps, absences: stream.absences, isProbed: stream.isProbed)
        counts.update { $0.unwatchedProcessors = stream.unwatched.count }
        before = gaps
    }

    private func tell(lossesSince before: inout UInt64) {
        let lost = counts.value.lostRecords
        if lost > before {
            logger.warning("\(lost - before) kernel events were lost; a scan looks for what they would have told")
        }
        before = lost
    }
}
