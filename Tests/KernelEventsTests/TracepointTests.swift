import NodeModel
import TestSupport
import Testing

@testable import KernelEvents

@Suite struct TracepointTests {
    private static func set() throws -> TracepointSet {
        try TemporaryDirectory.with { directory in
            for (name, id, format) in [
                ("cgroup/cgroup_attach_task", 538, TracepointFormatTests.cgroupMove),
                ("module/module_load", 77, TracepointFormatTests.moduleLoad),
                ("signal/signal_generate", 261, TracepointFormatTests.signal),
            ] {
                try directory.file("events/\(name)/id", "\(id)\n")
                try directory.file("events/\(name)/format", format)
            }
            return TracepointSet(in: [directory.path])
        }
    }

    /// The bytes of a move: those of every record, hierarchy, level, id, number, and two texts with their places.
    private static func move(
        writer: Int32, moved: Int32, path: [UInt8], location: UInt32? = nil, id: UInt16 = 538
    ) -> [UInt8] {
        let texts = path + [0] + Array("sh\0".utf8)
        let place = location ?? UInt32(path.count + 1) << 16 | 36
        return bytes(id, 0) + bytes(writer, 4, 2) + bytes(UInt64(99)) + bytes(moved)
            + bytes(place, UInt32(3 << 16 | 36 + path.count + 1)) + texts
    }

    private static func load(_ name: String) -> [UInt8] {
        bytes(UInt16(77), 0) + bytes(UInt32(40), 0, UInt32(name.utf8.count + 1) << 16 | 16) + Array(name.utf8) + [0]
    }

    private static func signal(_ number: Int32, by sender: Int32, to receiver: Int32, code: Int32 = 0) -> [UInt8] {
        bytes(UInt16(261), 0) + bytes(sender, number, 0, code) + Array("kubelet".utf8)
            + Array(repeating: 0, count: 9) + bytes(receiver, 1, 0)
    }

    private static func event(_ pid: Int32, _ tid: Int32, _ action: KernelEvent.Action) -> PerfRecord {
        .event(KernelEvent(time: 7, cpu: 3, pid: pid, tid: tid, action: action))
    }

    private static func group(_ path: String) -> CgroupMembership {
        CgroupMembership(hierarchy: 4, controllers: [], path: path)
    }

    static let pods = Array("/kubepods/pod1".utf8)
    static let whole: [(name: String, bytes: [UInt8], expected: PerfRecord)] = [
        (
            "another", sample(40, 41, move(writer: 41, moved: 50, path: pods)),
            event(40, 41, .cgroup(thread: 50, group("/kubepods/pod1")))
        ),
        (
            "itself", sample(40, 41, move(writer: 41, moved: 41, path: [0x2F])),
            event(40, 41, .cgroup(thread: 41, group("/")))
        ),
        (
            "itself, seen from another PID namespace", sample(40, 41, move(writer: 9041, moved: 9041, path: [0x2F])),
            event(40, 41, .cgroup(thread: 41, group("/")))
        ),
        (
            "another, seen from another PID namespace", sample(40, 41, move(writer: 9041, moved: 9050, path: pods)),
            .foreign
        ),
        ("by a task outside of the PID namespace", sample(0, 0, move(writer: 9, moved: 9, path: pods)), .foreign),
        ("by one that is gone", sample(-1, -1, move(writer: 9, moved: 9, path: pods)), .foreign),
        (
            "bytes that are no text", sample(40, 41, move(writer: 41, moved: 41, path: [0x2F, 0xFF])),
            event(40, 41, .cgroup(thread: 41, group("/\\xff")))
        ),
        (
            "empty path", sample(40, 41, move(writer: 41, moved: 41, path: pods, location: 36)),
            event(40, 41, .cgroup(thread: 41, group("")))
        ),
        ("module", sample(40, 40, load("overlay")), event(40, 40, .module("overlay"))),
        ("signal", sample(40, 41, signal(9, by: 41, to: 812)), event(40, 41, .signal(9, to: 812))),
        ("signal to itself", sample(40, 41, signal(6, by: 41, to: 41)), event(40, 41, .signal(6, to: 41))),
        (
            "signal by one that is a tracer from now on", sample(40, 41, signal(19, by: 41, to: 812, code: 0x80)),
            event(40, 41, .call(.trace(812)))
        ),
        ("signal, seen from another PID namespace", sample(40, 41, signal(9, by: 9041, to: 812)), .foreign),
        ("another tracepoint", sample(40, 40, move(writer: 1, moved: 1, path: pods, id: 5)), .other(9)),
        ("no bytes", sample(40, 40, []), .other(9)),
    ]

    @Test(arguments: whole)
    func decoding(name: String, bytes: [UInt8], expected: PerfRecord) throws {
        let set = try Self.set()
        #expect(try bytes.withUnsafeBytes { try PerfRecord.decode($0, set) } == expected)
    }

    static let broken: [(name: String, bytes: [UInt8])] = [
        ("no task", Array(sample(40, 40, [])[..<35])),
        ("more than there is", sample(40, 40, load("x"), saying: 21)),
        ("countless", sample(40, 40, load("x"), saying: .max)),
        ("cut", sample(40, 40, Array(load("x")[..<12]))),
        (
            "text beyond the end",
            sample(40, 41, move(writer: 41, moved: 41, path: pods, location: 15 << 16 | 60))
        ),
        ("text far beyond the end", sample(40, 41, move(writer: 41, moved: 41, path: pods, location: .max))),
    ]

    @Test(arguments: broken)
    func refusal(name: String, bytes: [UInt8]) throws {
        let set = try Self.set()
        #expect(throws: PerfRecordError.self) { try bytes.withUnsafeBytes { try PerfRecord.decode($0, set) } }
    }

    @Test(arguments: whole)
    func total(name: String, bytes: [UInt8], expected: PerfRecord) throws {
        let set = try Self.set()
        for count in bytes.indices {
            _ = bytes[..<count].withUnsafeBytes { try? PerfRecord.decode($0, set) }
            var turned = bytes
            turned[count] ^= 0xFF
            _ = turned.withUnsafeBytes { try? PerfRecord.decode($0, set) }
        }
    }
}
