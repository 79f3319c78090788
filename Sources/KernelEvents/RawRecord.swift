import LinuxSystem
import NodeModel

/// What a tracepoint wrote into the ring, as its format describes it.
struct RawRecord {
    let bytes: UnsafeRawBufferPointer

    /// The value of a field of four bytes, by its offset.
    func number(_ offset: Int) throws(PerfRecordError) -> UInt32 {
        guard offset + 4 <= bytes.count else { throw .truncated(type: nil, size: bytes.count) }
        return bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    func signed(_ offset: Int) throws(PerfRecordError) -> Int32 { Int32(bitPattern: try number(offset)) }

    /// The first four bytes of a text, in the place of a number.
    func beginning(_ offset: Int) throws(PerfRecordError) -> String {
        guard offset + 4 <= bytes.count else { throw .truncated(type: nil, size: bytes.count) }
        return String(escaping: bytes[offset..<(offset + 4)].prefix { $0 != 0 })
    }

    /// A text by the offset of its location, up to its end or its first 0.
    func text(_ offset: Int) throws(PerfRecordError) -> String {
        let location = try number(offset)
        let (start, count) = (Int(location & 0xFFFF), Int(location >> 16))
        guard start + count <= bytes.count else { throw .truncated(type: nil, size: bytes.count) }
        return String(escaping: bytes[start..<(start + count)].prefix { $0 != 0 })
    }
}
