import CLinux
import NodeModel

/// One record of a ring, of those that `PerfRing` asks for (perf_event_open(2), "MMAP layout").
enum PerfRecord: Equatable {
    case event(KernelEvent)
    /// Of a task that has no number in this process' PID namespace: it runs outside of it.
    case foreign
    /// Of a type that was not asked for, by the number in its header.
    case other(UInt32)

    /// The bytes in front of each record: type 4, misc 2, size 2 (struct perf_event_header).
    static let headerSize = 8
    /// The bytes at the end of each record: pid 4, tid 4, time 8, cpu 4, reserved 4 (struct sample_id, by the sample
    /// type that `PerfRing` asks for).
    static let sampleIDSize = 24

    /// Decodes a record that has exactly these bytes.
    static func decode(
        _ record: UnsafeRawBufferPointer, _ tracepoints: TracepointSet
    ) throws(PerfRecordError) -> PerfRecord {
        guard record.count >= headerSize else { throw .truncated(type: nil, size: record.count) }
        let type = record.loadUnaligned(as: UInt32.self)
        if type == PERF_RECORD_SAMPLE.rawValue { return try sample(record, tracepoints) }
        guard let fixedSize = fixedSize(of: type) else { return .other(type) }
        let end = record.count - sampleIDSize
        guard end >= headerSize + fixedSize else { throw .truncated(type: type, size: record.count) }
        let (pid, tid) = subject(record, type)
        let action = try action(record, type, end: end)
        // 0 is a task outside of the PID namespace, -1 one that is gone (kernel/events/core.c, perf_event_pid_type).
        if case .lost = action {} else if pid <= 0 || tid <= 0 { return .foreign }
        return .event(
            KernelEvent(
                time: record.loadUnaligned(fromByteOffset: end + 8, as: UInt64.self),
                cpu: record.loadUnaligned(fromByteOffset: end + 16, as: UInt32.self),
                pid: pid, tid: tid, action: action))
    }

    /// A sample of a tracepoint: pid 4, tid 4, time 8, cpu 4, reserved 4, size 4, and so many raw bytes.
    private static func sample(
        _ record: UnsafeRawBufferPointer, _ tracepoints: TracepointSet
    ) throws(PerfRecordError) -> PerfRecord {
        let start = headerSize + sampleIDSize + 4
        let error = PerfRecordError.truncated(type: PERF_RECORD_SAMPLE.rawValue, size: record.count)
        guard record.count >= start else { throw error }
        let size = record.loadUnaligned(fromByteOffset: start - 4, as: UInt32.self)
        guard size <= UInt32(record.count - start) else { throw error }
        let raw = UnsafeRawBufferPointer(rebasing: record[start..<(start + Int(size))])
        guard let tracepoint = tracepoints.tracepoint(of: raw) else { return .other(PERF_RECORD_SAMPLE.rawValue) }
        let pid = record.loadUnaligned(fromByteOffset: 8, as: Int32.self)
        let tid = record.loadUnaligned(fromByteOffset: 12, as: Int32.self)
        guard let action = try tracepoint.action(raw, by: tid), pid > 0, tid > 0 else { return .foreign }
        return .event(
            KernelEvent(
                time: record.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                cpu: record.loadUnaligned(fromByteOffset: 24, as: UInt32.self),
                pid: pid, tid: tid, action: action))
    }

    /// The bytes that a record of a type has at least between its header and its sample id; `nil` of other types.
    private static func fixedSize(of type: UInt32) -> Int? {
        switch type {
        case PERF_RECORD_FORK.rawValue, PERF_RECORD_EXIT.rawValue: 24
        case PERF_RECORD_COMM.rawValue, PERF_RECORD_NAMESPACES.rawValue, PERF_RECORD_LOST.rawValue: 16
        case PERF_RECORD_LOST_SAMPLES.rawValue: 8
        default: nil
        }
    }

    /// The task that a record is about.
    private static func subject(_ record: UnsafeRawBufferPointer, _ type: UInt32) -> (pid: Int32, tid: Int32) {
        func number(_ offset: Int) -> Int32 { record.loadUnaligned(fromByteOffset: offset, as: Int32.self) }
        switch type {
        // pid 4, ppid 4, tid 4, ptid 4, time 8
        case PERF_RECORD_FORK.rawValue, PERF_RECORD_EXIT.rawValue: return (number(8), number(16))
        case PERF_RECORD_LOST.rawValue, PERF_RECORD_LOST_SAMPLES.rawValue: return (0, 0)
        // pid 4, tid 4, then a comm or namespaces
        default: return (number(8), number(12))
        }
    }

    /// What a record says; its fixed part is there.
    private static func action(
        _ record: UnsafeRawBufferPointer, _ type: UInt32, end: Int
    ) throws(PerfRecordError) -> KernelEvent.Action {
        switch type {
        case PERF_RECORD_FORK.rawValue:
            return .fork(
                creator: record.loadUnaligned(fromByteOffset: 12, as: Int32.self),
                thread: record.loadUnaligned(fromByteOffset: 20, as: Int32.self))
        case PERF_RECORD_EXIT.rawValue:
            return .exit
        case PERF_RECORD_COMM.rawValue:
            let misc = record.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
            return .comm(
                TaskName(UnsafeRawBufferPointer(rebasing: record[16..<end])),
                isExec: Int32(misc) & PERF_RECORD_MISC_COMM_EXEC != 0)
        case PERF_RECORD_NAMESPACES.rawValue:
            return .namespaces(try namespaces(record, end: end))
        case PERF_RECORD_LOST.rawValue:
            // id 8, lost 8
            return .lost(record.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        default:
            return .lost(record.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    /// The kinds by their place in the record (NET_NS_INDEX and so on); what a newer kernel puts behind them is skipped.
    ///
    /// Namespaces are files of one file system, nsfs, so the inode number names one without its device
    /// (fs/nsfs.c); 0 stands where the kernel could not tell.
    private static func namespaces(
        _ record: UnsafeRawBufferPointer, end: Int
    ) throws(PerfRecordError) -> NamespaceSet {
        let count = record.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        guard count <= UInt64((end - 24) / 16) else {
            throw .truncated(type: PERF_RECORD_NAMESPACES.rawValue, size: record.count)
        }
        var set = NamespaceSet()
        let kinds = KernelEvent.namespaceKinds
        for index in 0..<min(Int(count), kinds.count) {
            // dev 8, inode 8
            let inode = record.loadUnaligned(fromByteOffset: 24 + index * 16 + 8, as: UInt64.self)
            set[kinds[index]] = UInt32(exactly: inode).map { NamespaceID(rawValue: $0) }
        }
        return set
    }
}

/// A record that is not as its type has to be.
enum PerfRecordError: Error, Equatable {
    /// Its size, in bytes, is too small for its header, its type or for what it says it holds.
    case truncated(type: UInt32?, size: Int)
    /// Its size, in bytes, reaches beyond what the kernel has written.
    case oversize(Int)
    /// The sizes of records are multiples of eight.
    case unaligned(Int)
}
