/// Takes records out of a ring's memory, one after the other and in place.
///
/// Positions count all bytes ever written; what lies between them and the ring's size is their place in it.
struct RecordReader {
    private let ring: UnsafeRawBufferPointer
    /// For records that begin at the end of the ring and go on at its start; no record is larger (its size has 16 bits).
    private let whole: UnsafeMutableRawBufferPointer
    /// Where the next record begins.
    private(set) var position: UInt64
    /// Where the kernel writes on.
    private(set) var head: UInt64

    static let largestRecord = 65_536

    /// - Parameters:
    ///   - ring: a power of two of bytes, at least 8.
    ///   - whole: at least `largestRecord` bytes, to be used again and again.
    init(ring: UnsafeRawBufferPointer, whole: UnsafeMutableRawBufferPointer, position: UInt64 = 0) {
        self.ring = ring
        self.whole = whole
        self.position = position
        head = position
    }

    var isEmpty: Bool { position == head }

    /// Goes up to where the kernel has written.
    mutating func advance(head: UInt64) { self.head = head }

    /// The next record, valid until the next call; `nil` at the end.
    ///
    /// After a size that cannot be there is no telling where the next record begins: the rest is skipped.
    mutating func next() throws(PerfRecordError) -> UnsafeRawBufferPointer? {
        let available = head &- position
        if available == 0 { return nil }
        let start = Int(position & UInt64(ring.count - 1))
        // Records begin at multiples of eight, so a header is never parted.
        guard available >= UInt64(PerfRecord.headerSize), start + PerfRecord.headerSize <= ring.count else {
            position = head
            throw .truncated(type: nil, size: Int(clamping: available))
        }
        let size = Int(ring.loadUnaligned(fromByteOffset: start + 6, as: UInt16.self))
        if let error = problem(size: size, available: available) {
            position = head
            throw error
        }
        position &+= UInt64(size)
        if start + size <= ring.count { return UnsafeRawBufferPointer(rebasing: ring[start..<(start + size)]) }
        let first = ring.count - start
        whole.copyMemory(from: UnsafeRawBufferPointer(rebasing: ring[start...]))
        UnsafeMutableRawBufferPointer(rebasing: whole[first...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: ring[..<(size - first)]))
        return UnsafeRawBufferPointer(rebasing: whole[..<size])
    }

    private func problem(size: Int, available: UInt64) -> PerfRecordError? {
        if size < PerfRecord.headerSize { return .truncated(type: nil, size: size) }
        if UInt64(size) > available || size > ring.count { return .oversize(size) }
        return size % 8 == 0 ? nil : .unaligned(size)
    }
}
