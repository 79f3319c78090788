import Glibc
package import LinuxSystem
package import NodeModel

/// What the tasks of the whole node do, of all CPUs and in the order of time.
///
/// For one thread; only the stop signal may be used by others.
///
/// An event is handed out when it is a millisecond old. A record gets its time before it can be read, and in between
/// its task cannot be preempted, only interrupted: by then, all older records of the other CPUs are there. One that
/// comes later all the same, after an interrupt or a pause of the virtual machine, is handed out at once and
/// counted as late.
package final class EventStream {
    let options: Options
    let stop: StopSignal
    private let wake: WakeSignal?
    /// Descriptors of the signals, before those of rings; poll(2) leaves out -1.
    let signals: [Int32]
    let processorDirectory: String
    /// Memory for one parted record, which the rings share.
    let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordReader.largestRecord, alignment: 8)
    var sources: [ProcessorEvents] = []
    /// The signals, each ring, and each alarm.
    var polled: [pollfd] = []
    private var isWoken = false
    var countsOfClosed: [UInt32: EventCounts] = [:]
    private var lastTime: UInt64 = 0
    /// Looks since the last one that brought something.
    private var emptyLooks = 0
    /// The limit of the last call was reached, and not the end of what is there.
    private var hasMore = false
    /// The CPUs that are online and not listened to, and why: a gap.
    package internal(set) var unwatched: [UInt32: KernelEventsError] = [:]
    /// Why CPUs that come online are not heard of.
    var listFailure: KernelEventsError?
    private let root: String
    let tracepoints: TracepointSet
    /// The tracepoints that a CPU's ring could not be given, and why.
    var refused: [String: TracepointError] = [:]

    /// When an event is old enough, in nanoseconds.
    static let settling: UInt64 = 1_000_000
    /// How many events are handed out at once.
    package static let batchLimit = 4096
    /// After how many looks for nothing alarms are set instead: each brings two more, so not between any two events.
    private static let patience = 3

    /// Sizes and times.
    package struct Options: Sendable {
        /// Bytes of each CPU's ring; rounded up to a power of two of pages, at most 16 MiB.
        ///
        /// The default holds some 2,000 process lives, and what any user may lock (kernel.perf_event_mlock_kb) holds it.
        package var ringSize = 262_144
        /// How long records may lie in a ring that does not fill up, in milliseconds, while tasks come and go.
        ///
        /// Each look costs some 30 to 60 µs, most of it for going to sleep and waking up: a quarter of a percent of a
        /// core at 20 ms. Where nothing happens there are none, but for the caller's.
        package var period = 20

        package init() {}

        var roundedRingSize: Int {
            var size = Int(getpagesize())
            while size < min(ringSize, 16 << 20) { size *= 2 }
            return size
        }
    }

    /// Why a wait ended.
    package enum Outcome: Sendable, Equatable {
        case events
        case deadline
        /// The wake signal was given, and nothing else came.
        case woken
        case stopped
    }

    /// Opens a ring on every CPU that is online; throws if none can be opened.
    ///
    /// Events come from now on: a scan that fills the lineage table is to be begun afterwards. The process has to be in
    /// the node's own time namespace, as its clock is compared with the kernel's.
    ///
    /// Where tracefs is missing, or a tracepoint or probe, the stream goes on without (`missingTracepoints`).
    /// - Parameters:
    ///   - wake: ends a wait, for other work of the caller.
    ///   - processors: the directory with the list of CPUs that are online.
    ///   - root: the node's root directory, for the usual places of tracefs, and for switches of probes.
    ///   - tracefs: where else tracefs may be mounted.
    package init(
        _ options: Options = Options(), stop: StopSignal, wake: WakeSignal? = nil,
        processors: String = "/sys/devices/system/cpu", root: String = "/", tracefs: [String]? = nil
    ) throws(KernelEventsError) {
        self.options = options
        self.root = root
        tracepoints = TracepointSet(in: tracefs ?? TracepointSet.places(below: root))
        self.stop = stop
        self.wake = wake
        signals = [stop.descriptor, wake?.descriptor ?? -1]
        processorDirectory = processors
        try followProcessors()
    }

    deinit {
        whole.deallocate()
        // What is listened to cannot be removed.
        sources = []
        tracepoints.removeProbes()
    }

    /// Waits for events, and puts those that are old enough into `events`, in the place of what was in it.
    ///
    /// - Parameter limit: how many events at most; the next call goes on at once.
    package func wait(
        until deadline: Deadline, limit: Int = batchLimit, into events: inout [KernelEvent]
    ) throws(KernelEventsError) -> Outcome {
        events.removeAll(keepingCapacity: true)
        while true {
            if try isStopped(asleep: deadline) { return .stopped }
            take(max(limit, 1), upTo: Clock.monotonicNanoseconds() - Self.settling, into: &events)
            emptyLooks = events.isEmpty ? emptyLooks + 1 : 0
            if !events.isEmpty { return .events }
            if isWoken { return .woken }
            if deadline.isPast { return .deadline }
        }
    }

    /// Hands out what is there, however young, at most `batchLimit` events: for a caller that is to end.
    package func takeAll(into events: inout [KernelEvent]) {
        events.removeAll(keepingCapacity: true)
        take(Self.batchLimit, upTo: Clock.monotonicNanoseconds(), into: &events)
    }

    /// The tracepoints and probes that are not listened to on every CPU, by their names in tracefs, and why: gaps.
    package var missingTracepoints: [String: TracepointError] {
        tracepoints.missing.merging(refused) { first, _ in first }
    }

    /// Whether process_vm_writev(2) is told of by a probe on every CPU.
    package var isProbed: Bool { tracepoints.offers(KernelProbe.tested) && refused[KernelProbe.tested] == nil }

    /// Everything that is not listened to and could be, or does not tell now, in words; looks at the switches of probes.
    package var gaps: [String] {
        let switches = tracepoints.offersProbes ? ProbeSwitch.off(below: root) : []
        return words(of: missingTracepoints.filter { !$0.value.isOfKernel })
            + switches.map { "probes: the kernel tells of none while \($0) is 0" }
            + unwatched.sorted { $0.key < $1.key }.map { "CPU \($0.key): \($0.value)" }
            + [listFailure].compactMap { $0 }.map { "CPUs that come online: \($0)" }
    }

    /// Everything that this kernel does not have, in words.
    package var absences: [String] { words(of: missingTracepoints.filter { $0.value.isOfKernel }) }

    private func words(of missing: [String: TracepointError]) -> [String] {
        missing.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }

    /// What became of the records, by CPU; CPUs that went offline are among them.
    package var counts: [UInt32: EventCounts] {
        var counts = countsOfClosed
        for source in sources { counts[source.ring.cpu, default: EventCounts()] += source.counts }
        return counts
    }

    /// Sleeps until it is time to look, and tells whether the stop signal was given.
    ///
    /// What a task does within its first milliseconds is seen by one look, half a period after its start has woken up who
    /// slept.
    private func isStopped(asleep deadline: Deadline) throws(KernelEventsError) -> Bool {
        let period = Int64(options.period)
        if hasMore { return try isStopped(within: 0) }
        guard isQuiet() else { return try isStopped(within: min(period, deadline.remainingMilliseconds)) }
        if try isStopped(within: deadline.remainingMilliseconds, listensToAlarms: true) { return true }
        if isWoken || deadline.isPast { return false }
        emptyLooks = 0
        return try isStopped(within: min(period / 2, deadline.remainingMilliseconds))
    }

    /// Nothing is in any ring, nor was for a while, and what comes is told by alarms, which are set.
    private func isQuiet() -> Bool {
        guard emptyLooks >= Self.patience else { return false }
        for source in sources {
            guard let alarm = source.alarm, source.nextTime == .max else { return false }
            alarm.set()
        }
        // What came before its alarm was set is there.
        for source in sources { source.look() }
        return sources.allSatisfy { $0.nextTime == .max }
    }

    /// Sleeps until a ring has filled up to its mark, a signal is given, or some milliseconds are over.
    private func isStopped(
        within milliseconds: Int64, listensToAlarms: Bool = false
    ) throws(KernelEventsError) -> Bool {
        let count = listensToAlarms ? polled.count : signals.count + sources.count
        let ready = Readiness.wait(for: &polled, count: count, milliseconds: milliseconds)
        // A signal only makes the look an early one.
        if ready < 0, errno != EINTR { throw .system(SystemError(errorNumber: errno, call: "poll", path: "")) }
        // Asked for itself: poll(2) may have been refused.
        isWoken = wake?.reset() ?? false
        if ready > 0 {
            // A ring whose CPU has gone would be ready forever.
            for index in polled.indices.dropFirst(signals.count) where polled[index].revents & ~Int16(POLLIN) != 0 {
                polled[index].fd = -1
            }
        }
        return stop.isStopped
    }

    /// Takes what is old enough from all rings, the oldest first.
    ///
    /// - Parameter horizon: a time before the first look: what was there then is seen in every ring.
    private func take(_ limit: Int, upTo horizon: UInt64, into events: inout [KernelEvent]) {
        for source in sources { source.look() }
        while events.count < limit, let (source, end) = oldest(upTo: horizon) {
            repeat {
                guard let event = source.take() else { break }
                if event.time < lastTime { source.counts.late += 1 } else { lastTime = event.time }
                events.append(event)
            } while events.count < limit && source.nextTime <= end
        }
        hasMore = events.count >= limit
        for source in sources { source.ring.release() }
    }

    /// The source with the oldest event, and up to what time it is the one.
    private func oldest(upTo horizon: UInt64) -> (ProcessorEvents, end: UInt64)? {
        var oldest: ProcessorEvents?
        var time = UInt64.max
        var next = horizon
        for source in sources {
            let candidate = source.nextTime
            if candidate < time {
                next = min(next, time)
                (oldest, time) = (source, candidate)
            } else {
                next = min(next, candidate)
            }
        }
        guard let oldest, time <= horizon else { return nil }
        return (oldest, next)
    }
}
