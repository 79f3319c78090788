import CLinux
import Glibc
import LinuxSystem
import NodeModel

/// The kernel's records of what the tasks on one CPU do: new tasks, ends, names and namespaces, and what tracepoints add.
///
/// The counter behind it counts nothing (PERF_COUNT_SW_DUMMY): the records are what perf keeps beside counters to make
/// sense of samples. They need no tracefs, BPF program or kernel module. Tracepoints write into the same ring, so that
/// order and losses are one.
final class PerfRing {
    let cpu: UInt32
    private let counter: Descriptor
    private var tracepoints: [TracepointEvent] = []
    private let control: UnsafeMutableRawPointer
    private let mappedSize: Int
    private var reader: RecordReader
    /// For how long the counter had been counting at the last call of `hasGoneOn`, in nanoseconds.
    private var countedTime: UInt64 = 0

    /// Opens and maps a ring; records come from now on.
    ///
    /// - Parameters:
    ///   - size: bytes of the ring, a power of two and not less than a page.
    ///   - whole: memory for one parted record, which rings may share (`RecordReader`).
    init(cpu: UInt32, size: Int, whole: UnsafeMutableRawBufferPointer) throws(KernelEventsError) {
        var attributes = Self.attributes(ringSize: size)
        let number = linux_perf_event_open(&attributes, Int32(clamping: cpu))
        let name = "cpu\(cpu)"
        if number < 0 { throw .init(opening: SystemError(errorNumber: errno, call: "perf_event_open", path: name)) }
        counter = Descriptor(adopting: number)
        let page = Int(getpagesize())
        let memory = mmap(nil, page + size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let memory, memory != MAP_FAILED else {
            throw .init(mapping: SystemError(errorNumber: errno, call: "mmap", path: name))
        }
        self.cpu = cpu
        control = memory
        mappedSize = page + size
        reader = RecordReader(ring: UnsafeRawBufferPointer(start: memory + page, count: size), whole: whole)
    }

    deinit { munmap(control, mappedSize) }

    /// Lets a tracepoint write its records of this CPU here, too.
    func add(_ tracepoint: Tracepoint) throws(KernelEventsError) {
        tracepoints.append(try TracepointEvent(tracepoint, cpu: cpu, output: counter))
    }

    /// For poll(2): readable when a sixteenth of the ring has filled up.
    var descriptor: Int32 { counter.number }

    /// Whether everything was taken that was there at the last `look`.
    var isEmpty: Bool { reader.isEmpty }

    /// Whether the ring was still told to at some time since the last call.
    ///
    /// When a CPU goes offline, the kernel takes all events from it for good: those of tracepoints, too, and their time
    /// stands still (kernel/events/core.c, perf_event_exit_cpu_context and perf_event_update_time). The CPU that is asked
    /// is woken up for it.
    func hasGoneOn() -> Bool {
        // The value, and the time that PERF_FORMAT_TOTAL_TIME_ENABLED adds.
        var values: [2 of UInt64] = [0, 0]
        let size = MemoryLayout.size(ofValue: values)
        guard read(counter.number, &values, size) == size, values[1] != countedTime else { return false }
        countedTime = values[1]
        return true
    }

    /// Sees how far the kernel has written.
    func look() { reader.advance(head: linux_perf_head(control)) }

    /// The next record of those that were there at the last `look`, valid until the next call.
    func next() throws(PerfRecordError) -> UnsafeRawBufferPointer? { try reader.next() }

    /// Gives the space of the records that were taken back to the kernel.
    func release() { linux_perf_set_tail(control, reader.position) }

    private static func attributes(ringSize: Int) -> perf_event_attr {
        var attributes = clocked()
        attributes.type = PERF_TYPE_SOFTWARE.rawValue
        attributes.config = UInt64(PERF_COUNT_SW_DUMMY.rawValue)
        // `namespaces` alone is taken and stays silent: the kernel looks for receivers among events with one of the
        // other bits (kernel/events/core.c, account_pmu_sb_event).
        attributes.task = 1
        attributes.comm = 1
        attributes.comm_exec = 1
        attributes.namespaces = 1
        attributes.read_format = UInt64(PERF_FORMAT_TOTAL_TIME_ENABLED.rawValue)
        // Not at every record, whose task would pay for it with an interrupt: the stream looks often enough by itself.
        // This is for a burst, well before the ring is full.
        attributes.wakeup_watermark = UInt32(ringSize / 16)
        return attributes
    }

    /// What all events of a ring have in common: the sample id, the clock, and no wake-up at each record.
    fileprivate static func clocked() -> perf_event_attr {
        var attributes = perf_event_attr()
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.sample_id_all = 1
        attributes.sample_type =
            UInt64(PERF_SAMPLE_TID.rawValue) | UInt64(PERF_SAMPLE_TIME.rawValue) | UInt64(PERF_SAMPLE_CPU.rawValue)
        // The default, sched_clock, differs between CPUs and cannot be read by a process. This one puts the records of
        // all CPUs in order, and tells how old they are.
        attributes.use_clockid = 1
        attributes.clockid = CLOCK_MONOTONIC
        attributes.watermark = 1
        return attributes
    }
}

/// A tracepoint on one CPU, which writes into the ring of another event.
private final class TracepointEvent {
    private let event: Descriptor

    init(_ tracepoint: Tracepoint, cpu: UInt32, output: borrowing Descriptor) throws(KernelEventsError) {
        // The clock has to be the ring's own (kernel/events/core.c, perf_event_set_output).
        var attributes = PerfRing.clocked()
        attributes.type = PERF_TYPE_TRACEPOINT.rawValue
        attributes.config = UInt64(tracepoint.id)
        attributes.sample_period = 1
        // What tracepoints tell is rare and matters: each wakes who sleeps, as no alarm rings for it (kernel/events/core.c,
        // perf_output_sample).
        attributes.watermark = 0
        attributes.wakeup_events = 1
        attributes.sample_type |= UInt64(PERF_SAMPLE_RAW.rawValue)
        let number = linux_perf_event_open(&attributes, Int32(clamping: cpu))
        let name = "cpu\(cpu)"
        if number < 0 { throw .init(opening: SystemError(errorNumber: errno, call: "perf_event_open", path: name)) }
        event = Descriptor(adopting: number)
        if let filter = tracepoint.kind.filter, linux_perf_set_filter(number, filter) != 0 {
            throw .system(SystemError(errorNumber: errno, call: "ioctl", path: name))
        }
        guard linux_perf_set_output(number, output.number) == 0 else {
            throw .system(SystemError(errorNumber: errno, call: "ioctl", path: name))
        }
    }
}
