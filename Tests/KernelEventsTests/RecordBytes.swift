import NodeModel

/// A record as the kernel writes it: header, content, sample id.
func record(
    _ type: UInt32, misc: UInt16 = 0, _ content: [UInt8], size: Int? = nil, time: UInt64 = 7, cpu: UInt32 = 3
) -> [UInt8] {
    // The task that was running when it was written; nothing depends on it.
    let sampleID = bytes(UInt32(1), UInt32(2)) + bytes(time) + bytes(cpu, 0)
    let whole = PerfHeader.size + content.count + sampleID.count
    return bytes(type) + bytes(misc, UInt16(size ?? whole)) + content + sampleID
}

/// A sample as the kernel writes it: header, task, time, CPU, and raw bytes with their size.
func sample(
    _ pid: Int32, _ tid: Int32, _ raw: [UInt8], saying size: UInt32? = nil, time: UInt64 = 7, cpu: UInt32 = 3
) -> [UInt8] {
    let content = bytes(pid, tid) + bytes(time) + bytes(cpu, 0) + bytes(size ?? UInt32(raw.count)) + raw
    return bytes(PerfHeader.sample) + bytes(UInt16(0), UInt16(PerfHeader.size + content.count)) + content
}

/// Integers in the order of memory.
func bytes<Number: FixedWidthInteger>(_ numbers: Number...) -> [UInt8] {
    numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
}

enum PerfHeader {
    static let size = 8
    static let lost: UInt32 = 2
    static let comm: UInt32 = 3
    static let exit: UInt32 = 4
    static let sample: UInt32 = 9
    static let fork: UInt32 = 7
    static let lostSamples: UInt32 = 13
    static let namespaces: UInt32 = 16
}

/// The content of a record of namespaces, with as many of them as it says unless told otherwise.
func namespaces(_ inodes: [UInt64], saying count: UInt64? = nil) -> [UInt8] {
    bytes(UInt32(40), 41) + bytes(count ?? UInt64(inodes.count)) + inodes.flatMap { bytes(UInt64(4), $0) }
}

func name(_ text: String) -> TaskName { TaskName(text) }
