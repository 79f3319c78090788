import CLinux
import Glibc
import LinuxSystem

/// Wakes who sleeps when a task of one CPU is started or changes its namespaces, and then keeps still until it is set.
///
/// A ring of one page of which only the wake-ups are of interest: the kernel gives one with each record that there is
/// room for (kernel/events/ring_buffer.c, __perf_output_begin), some twenty. So it costs next to nothing where tasks
/// come and go all the time and nobody sleeps.
final class PerfAlarm {
    private let counter: Descriptor
    private let control: UnsafeMutableRawPointer
    private static let mappedSize = 2 * Int(getpagesize())

    init(cpu: UInt32) throws(KernelEventsError) {
        var attributes = perf_event_attr()
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.type = PERF_TYPE_SOFTWARE.rawValue
        attributes.config = UInt64(PERF_COUNT_SW_DUMMY.rawValue)
        attributes.namespaces = 1
        // Makes the kernel count the event among the receivers of such records, and brings none itself.
        attributes.comm_exec = 1
        attributes.watermark = 1
        attributes.wakeup_watermark = 1
        let name = "cpu\(cpu)"
        let number = linux_perf_event_open(&attributes, Int32(clamping: cpu))
        if number < 0 { throw .init(opening: SystemError(errorNumber: errno, call: "perf_event_open", path: name)) }
        counter = Descriptor(adopting: number)
        let memory = mmap(nil, Self.mappedSize, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let memory, memory != MAP_FAILED else {
            throw .init(mapping: SystemError(errorNumber: errno, call: "mmap", path: name))
        }
        control = memory
    }

    deinit { munmap(control, Self.mappedSize) }

    /// For poll(2): readable once after it rang.
    var descriptor: Int32 { counter.number }

    /// Makes room again; a wake-up from before may still be there.
    func set() { linux_perf_set_tail(control, linux_perf_head(control)) }
}
