import Testing

@testable import KernelEvents

/// Events as bytes, as the kernel's headers lay them out.
@Suite struct FanotifyRecordTests {
    /// `length` and `version` in the place of what they should be.
    private static func event(
        mask: UInt64, descriptor: Int32 = -1, tid: Int32 = 4711, parts: [UInt8] = [], length: UInt32? = nil,
        version: UInt8 = 3, fixed: UInt16 = 24
    ) -> [UInt8] {
        bytes(length ?? UInt32(24 + parts.count)) + [version, 0] + bytes(fixed) + bytes(mask) + bytes(descriptor)
            + bytes(tid) + parts
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func part(
        type: UInt8 = 2, handle: [UInt8] = [1, 2, 3], name: String = "x", handleSize: UInt32? = nil, size: UInt16? = nil
    ) -> [UInt8] {
        let content =
            bytes(UInt64(0xABCD)) + bytes(handleSize ?? UInt32(handle.count)) + bytes(Int32(129)) + handle
            + Array(name.utf8) + [0]
        let padding = [UInt8](repeating: 0, count: (8 - (4 + content.count) % 8) % 8)
        return [type, 0] + bytes(size ?? UInt16(4 + content.count + padding.count)) + content + padding
    }

    private static let directory = DirectoryID(fileSystem: 0xABCD, type: 129, handle: [1, 2, 3])

    static let whole: [(name: String, bytes: [UInt8], record: FanotifyRecord, size: Int)] = [
        (
            "a name", event(mask: 0x100, parts: part(name: "cron")),
            FanotifyRecord(mask: 0x100, tid: 4711, file: .entry(directory, name: Array("cron".utf8))), 56
        ),
        (
            "followed by another", event(mask: 8, parts: part()) + event(mask: 2, parts: part(name: "y")),
            FanotifyRecord(mask: 8, tid: 4711, file: .entry(directory, name: [0x78])), 56
        ),
        (
            "after a part of another kind", event(mask: 8, parts: part(type: 4) + part(name: "z")),
            FanotifyRecord(mask: 8, tid: 4711, file: .entry(directory, name: [0x7A])), 88
        ),
        (
            "a directory without a name", event(mask: 0x400, parts: part(type: 3, name: "")),
            FanotifyRecord(mask: 0x400, tid: 4711, file: .entry(directory, name: [])), 48
        ),
        (
            "a descriptor", event(mask: 8, descriptor: 7),
            FanotifyRecord(mask: 8, tid: 4711, file: .descriptor(7)), 24
        ),
        (
            "the queue was full", event(mask: 0x4000, tid: 0), FanotifyRecord(mask: 0x4000, tid: 0, file: .none), 24
        ),
        (
            "a larger fixed part", event(mask: 8, descriptor: 7, parts: [9, 9, 9, 9], fixed: 28),
            FanotifyRecord(mask: 8, tid: 4711, file: .descriptor(7)), 28
        ),
    ]

    @Test(arguments: whole)
    func decoded(name: String, bytes: [UInt8], record: FanotifyRecord, size: Int) throws {
        let (found, length) = try bytes.withUnsafeBytes { try FanotifyRecord.first(in: $0) }
        #expect(found == record)
        #expect(length == size)
        #expect(found.isOverflow == (record.mask == 0x4000))
        // Whatever is cut off, it is said so and nothing is read behind the end.
        for count in 0..<length {
            #expect(throws: FanotifyRecordError.self) {
                try Array(bytes.prefix(count)).withUnsafeBytes { _ = try FanotifyRecord.first(in: $0) }
            }
        }
    }

    static let broken: [(name: String, bytes: [UInt8], error: FanotifyRecordError)] = [
        ("nothing", [], .truncated(0)),
        ("half a header", Array(event(mask: 8).prefix(23)), .truncated(23)),
        ("another version", event(mask: 8, version: 2), .version(2)),
        ("longer than what was read", event(mask: 8, length: 4096), .overlong(4096)),
        ("a length of 2^32-1", event(mask: 8, length: .max), .overlong(Int(UInt32.max))),
        ("shorter than the header", event(mask: 8, length: 16), .truncated(16)),
        ("a fixed part that is too short", event(mask: 8, fixed: 8), .truncated(24)),
        ("a fixed part that is longer than the event", event(mask: 8, fixed: 64), .truncated(24)),
        ("half a part", event(mask: 8, parts: [2, 0]), .truncated(2)),
        ("a part of no length", event(mask: 8, parts: [9, 0, 0, 0]), .truncated(0)),
        ("a part that is longer than the event", event(mask: 8, parts: part(size: 200)), .overlong(200)),
        ("a part without a handle", event(mask: 8, parts: part(size: 16)), .truncated(16)),
        ("a handle longer than its part", event(mask: 8, parts: part(handleSize: 100)), .overlong(100)),
        ("a handle of 2^32-1", event(mask: 8, parts: part(handleSize: .max)), .overlong(Int(UInt32.max))),
    ]

    @Test(arguments: broken)
    func refused(name: String, bytes: [UInt8], error: FanotifyRecordError) {
        #expect(throws: error) { try bytes.withUnsafeBytes { _ = try FanotifyRecord.first(in: $0) } }
    }
}
