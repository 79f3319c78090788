import NodeModel
import Testing

@testable import KernelEvents

@Suite struct PerfRecordTests {
    private static func event(_ pid: Int32, _ tid: Int32, _ action: KernelEvent.Action) -> PerfRecord {
        .event(KernelEvent(time: 7, cpu: 3, pid: pid, tid: tid, action: action))
    }

    private static let fork = bytes(UInt32(40), 30, 41, 31) + bytes(UInt64(6))
    private static let seven: [UInt64] = [101, 102, 103, 104, 105, 106, 107]
    private static let sevenKinds = NamespaceSet([
        .network: 101, .uts: 102, .ipc: 103, .pid: 104, .user: 105, .mount: 106, .cgroup: 107,
    ])

    static let whole: [(name: String, bytes: [UInt8], expected: PerfRecord)] = [
        ("fork", record(PerfHeader.fork, fork), event(40, 41, .fork(creator: 30, thread: 31))),
        ("exit", record(PerfHeader.exit, fork), event(40, 41, .exit)),
        (
            "comm", record(PerfHeader.comm, bytes(UInt32(40), 41) + Array("sh\0\0\0\0\0\0".utf8)),
            event(40, 41, .comm(name("sh"), isExec: false))
        ),
        (
            "exec", record(PerfHeader.comm, misc: 1 << 13, bytes(UInt32(40), 40) + Array("fifteen bytes..\0".utf8)),
            event(40, 40, .comm(name("fifteen bytes.."), isExec: true))
        ),
        (
            "comm without an end", record(PerfHeader.comm, bytes(UInt32(40), 41) + Array(repeating: 0x61, count: 24)),
            event(40, 41, .comm(name(String(repeating: "a", count: 15)), isExec: false))
        ),
        ("namespaces", record(PerfHeader.namespaces, namespaces(seven)), event(40, 41, .namespaces(sevenKinds))),
        (
            "more kinds than known", record(PerfHeader.namespaces, namespaces(seven + [108, 109])),
            event(40, 41, .namespaces(sevenKinds))
        ),
        (
            "fewer kinds", record(PerfHeader.namespaces, namespaces([101])),
            event(40, 41, .namespaces(NamespaceSet([.network: 101])))
        ),
        ("no kinds", record(PerfHeader.namespaces, namespaces([])), event(40, 41, .namespaces(NamespaceSet()))),
        (
            "kinds that are not told", record(PerfHeader.namespaces, namespaces([0, 102, 1 << 32])),
            event(40, 41, .namespaces(NamespaceSet([.uts: 102])))
        ),
        ("lost", record(PerfHeader.lost, bytes(UInt64(1), 9)), event(0, 0, .lost(9))),
        ("lost samples", record(PerfHeader.lostSamples, bytes(UInt64(8))), event(0, 0, .lost(8))),
        ("other namespace", record(PerfHeader.fork, bytes(UInt32(0), 30, 0, 31) + bytes(UInt64(6))), .foreign),
        ("gone", record(PerfHeader.comm, bytes(UInt32.max, .max) + bytes(UInt64(0))), .foreign),
        ("not asked for", record(10, []), .other(10)),
        ("future type", record(4_000_000_000, fork), .other(4_000_000_000)),
        ("type 0", record(0, []), .other(0)),
    ]

    @Test(arguments: whole)
    func decoding(name: String, bytes: [UInt8], expected: PerfRecord) throws {
        let decoded = try bytes.withUnsafeBytes { try PerfRecord.decode($0, TracepointSet()) }
        #expect(decoded == expected)
    }

    static let broken: [(name: String, bytes: [UInt8], error: PerfRecordError)] = [
        ("nothing", [], .truncated(type: nil, size: 0)),
        ("half a header", [7, 0, 0, 0, 0, 0, 8], .truncated(type: nil, size: 7)),
        ("header alone", bytes(PerfHeader.fork) + bytes(UInt16(0), 8), .truncated(type: 7, size: 8)),
        ("short fork", record(PerfHeader.fork, bytes(UInt64(1), 2)), .truncated(type: 7, size: 48)),
        ("short exit", record(PerfHeader.exit, bytes(UInt64(1))), .truncated(type: 4, size: 40)),
        ("comm without a name", record(PerfHeader.comm, bytes(UInt32(40), 41)), .truncated(type: 3, size: 40)),
        ("short lost", record(PerfHeader.lost, bytes(UInt64(1))), .truncated(type: 2, size: 40)),
        ("short lost samples", record(PerfHeader.lostSamples, []), .truncated(type: 13, size: 32)),
        ("no count", record(PerfHeader.namespaces, bytes(UInt32(40), 41)), .truncated(type: 16, size: 40)),
        (
            "more namespaces than there are", record(PerfHeader.namespaces, namespaces([101], saying: 2)),
            .truncated(type: 16, size: 64)
        ),
        (
            "countless namespaces", record(PerfHeader.namespaces, namespaces([101], saying: .max)),
            .truncated(type: 16, size: 64)
        ),
    ]

    @Test(arguments: broken)
    func refusal(name: String, bytes: [UInt8], error: PerfRecordError) {
        #expect(throws: error) { try bytes.withUnsafeBytes { try PerfRecord.decode($0, TracepointSet()) } }
    }

    /// Each record cut off at each byte, and each with each byte turned over, is decoded or refused.
    @Test(arguments: whole)
    func total(name: String, bytes: [UInt8], expected: PerfRecord) {
        for count in bytes.indices {
            _ = bytes[..<count].withUnsafeBytes { try? PerfRecord.decode($0, TracepointSet()) }
            var turned = bytes
            turned[count] ^= 0xFF
            _ = turned.withUnsafeBytes { try? PerfRecord.decode($0, TracepointSet()) }
        }
    }
}
