import LinuxSystem
import NodeModel

/// What became of the records of one CPU since it is listened to.
package struct EventCounts: Sendable, Equatable {
    /// Events that were handed out.
    package var events: UInt64 = 0
    /// Records that the kernel could not write because the ring was full, and those that cannot be read.
    ///
    /// It tells their number with the next record that fits, so after a burst on a CPU that is quiet since, it is still
    /// to come.
    package var lost: UInt64 = 0
    /// Events that came when a younger one of another CPU had been handed out already.
    package var late: UInt64 = 0
    /// Records of tasks outside of this process' PID namespace.
    package var foreign: UInt64 = 0
    /// Records of types that were not asked for.
    package var other: UInt64 = 0
    /// Records that are not as their type has to be; the rest of a ring, skipped after such a size, counts as one.
    package var malformed: UInt64 = 0

    package init() {}

    static func += (left: inout EventCounts, right: EventCounts) {
        left.events += right.events
        left.lost &+= right.lost
        left.late += right.late
        left.foreign += right.foreign
        left.other += right.other
        left.malformed += right.malformed
    }
}

/// The events of one CPU, decoded one ahead so that those of several CPUs can be put in order.
final class ProcessorEvents {
    let ring: PerfRing
    /// `nil` where the kernel refuses it.
    let alarm: PerfAlarm?
    var counts = EventCounts()
    private let tracepoints: TracepointSet
    private var pending: KernelEvent?

    init(_ ring: PerfRing, alarm: PerfAlarm?, _ tracepoints: TracepointSet) {
        self.ring = ring
        self.alarm = alarm
        self.tracepoints = tracepoints
    }

    /// When the next event was, as far as it was there at the ring's last look; the end of time if there is none.
    var nextTime: UInt64 { pending?.time ?? .max }

    /// Whether everything was handed out that was there at the ring's last look.
    var isEmpty: Bool { pending == nil && ring.isEmpty }

    /// Sees what has come, and decodes the next event.
    func look() {
        ring.look()
        if pending == nil { decodeNext() }
    }

    /// Hands out the next event.
    func take() -> KernelEvent? {
        defer { decodeNext() }
        guard let event = pending else { return nil }
        counts.events += 1
        if case .lost(let records) = event.action { counts.lost &+= records }
        return event
    }

    private func decodeNext() {
        pending = nil
        while pending == nil {
            do throws(PerfRecordError) {
                guard let record = try ring.next() else { return }
                switch try PerfRecord.decode(record, tracepoints) {
                case .event(let event): pending = event
                case .foreign: counts.foreign += 1
                case .other: counts.other += 1
                }
            } catch {
                counts.malformed += 1
                // What it would have told is missing, whatever it was.
                pending = KernelEvent(
                    time: Clock.monotonicNanoseconds(), cpu: ring.cpu, pid: 0, tid: 0, action: .lost(1))
            }
        }
    }
}
