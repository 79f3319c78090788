import Testing

@testable import KernelEvents

@Suite struct RecordReaderTests {
    /// What a reader makes of a ring of 64 bytes from a position on.
    private func read(
        _ written: [UInt8], at position: UInt64, head: UInt64? = nil, ringSize: Int = 64
    ) -> (records: [[UInt8]], errors: [PerfRecordError], isEmpty: Bool) {
        var ring = [UInt8](repeating: 0xEE, count: ringSize)
        for (offset, byte) in written.enumerated() {
            ring[Int((position &+ UInt64(offset)) % UInt64(ringSize))] = byte
        }
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordReader.largestRecord, alignment: 8)
        defer { whole.deallocate() }
        return ring.withUnsafeBytes { ring in
            var reader = RecordReader(ring: ring, whole: whole, position: position)
            reader.advance(head: head ?? position &+ UInt64(written.count))
            var records: [[UInt8]] = []
            var errors: [PerfRecordError] = []
            while true {
                do throws(PerfRecordError) {
                    guard let record = try reader.next() else { return (records, errors, reader.isEmpty) }
                    records.append(Array(record))
                } catch {
                    errors.append(error)
                }
            }
        }
    }

    private func small(_ content: UInt8, size: UInt16 = 16) -> [UInt8] {
        bytes(UInt32(9)) + bytes(UInt16(0), size) + Array(repeating: content, count: 8)
    }

    @Test(arguments: [0, 8, 40, 48, 56, 64, UInt64(1) << 40 + 56, UInt64.max - 7])
    func everyPlace(position: UInt64) {
        let result = read(small(1) + small(2) + small(3), at: position)
        #expect(result.records == [small(1), small(2), small(3)])
        #expect(result.errors == [])
        #expect(result.isEmpty)
    }

    @Test func wholeRing() {
        let record = bytes(UInt32(9)) + bytes(UInt16(0), 64) + Array(1...56)
        #expect(read(record, at: 24).records == [record])
        #expect(read([], at: 24).records == [])
    }

    static let broken: [(name: String, size: UInt16, error: PerfRecordError)] = [
        ("no size", 0, .truncated(type: nil, size: 0)),
        ("less than a header", 7, .truncated(type: nil, size: 7)),
        ("beyond what is written", 24, .oversize(24)),
        ("beyond the ring", 65_528, .oversize(65_528)),
        ("unaligned", 15, .unaligned(15)),
    ]

    /// Where the next record begins is not known then.
    @Test(arguments: broken)
    func restIsSkipped(name: String, size: UInt16, error: PerfRecordError) {
        let result = read(small(1) + small(2, size: size), at: 56)
        #expect(result.records == [small(1)])
        #expect(result.errors == [error])
        #expect(result.isEmpty)
    }

    @Test func headWithinAHeader() {
        let result = read(small(1), at: 0, head: 4)
        #expect(result.records == [])
        #expect(result.errors == [.truncated(type: nil, size: 4)])
        #expect(result.isEmpty)
    }

    /// A kernel that overran the reader, which it must not.
    @Test func headFarAhead() {
        let result = read(small(1), at: 0, head: 1 << 40)
        #expect(result.records.first == small(1))
        #expect(result.isEmpty)
    }
}
