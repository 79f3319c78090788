import NodeModel
import TestSupport
import Testing

@testable import KernelEvents

@Suite struct KernelProbeTests {
    private static func decode(_ raw: [UInt8], pid: Int32 = 41) throws -> PerfRecord {
        try TemporaryDirectory.with { directory in
            try directory.file("kprobe_events", "")
            try directory.probes()
            let set = TracepointSet(in: [directory.path])
            return try sample(pid, pid, raw).withUnsafeBytes { try PerfRecord.decode($0, set) }
        }
    }

    private static func call(_ call: KernelCall) -> PerfRecord {
        .event(KernelEvent(time: 7, cpu: 3, pid: 41, tid: 41, action: .call(call)))
    }

    /// 259:1, as the kernel has it in itself.
    private static let disk: UInt32 = 259 << 20 | 1
    private static let device = DeviceNumber(major: 259, minor: 1)

    /// The record of a probe that tells a place.
    private static func place(_ probe: String, _ names: [String], and more: [UInt32] = []) -> [UInt8] {
        let padded = names + Array(repeating: "/", count: max(0, 7 - names.count))
        let id = ProbeFormat.id(probe)
        // What follows the texts in the list of fields comes behind their places.
        let fixed = 16 + 4 * (1 + padded.count + more.count)
        var places: [UInt8] = []
        var tail: [UInt8] = []
        for name in padded {
            places += bytes(UInt32(name.utf8.count + 1) << 16 | UInt32(fixed + tail.count))
            tail += Array(name.utf8) + [0]
        }
        return bytes(id, 0) + bytes(UInt32(41)) + bytes(UInt64(1)) + bytes(disk) + places + more.flatMap { bytes($0) }
            + tail
    }

    /// The record of a probe that tells a text, and numbers behind it.
    private static func text(_ probe: String, _ text: String, _ numbers: [UInt8]) -> [UInt8] {
        let content = Array(text.utf8) + [0]
        let location = UInt32(content.count) << 16 | UInt32(16 + 4 + numbers.count)
        return bytes(ProbeFormat.id(probe), 0) + bytes(UInt32(41)) + bytes(UInt64(1)) + bytes(location) + numbers
            + content
    }

    /// - Parameter arguments: four bytes of each.
    private static func helper(_ path: String, _ arguments: String...) -> [UInt8] {
        text("helper", path, Array(arguments.joined().utf8))
    }

    private static func setting(_ probe: String, _ name: String, _ write: UInt32? = nil) -> [UInt8] {
        text(probe, name, write.map { bytes($0) } ?? [])
    }

    static let records: [(name: String, raw: [UInt8], expected: PerfRecord)] = [
        ("root", place("root", []), call(.root(FilePlace(device: device, path: "/")))),
        (
            "root below", place("pivot_root", ["x", "srv"]),
            call(.root(FilePlace(device: device, path: "/srv/x")))
        ),
        (
            "mount", place("mount", ["cron.d", "etc"], and: [4096]),
            call(.mount(on: FilePlace(device: device, path: "/etc/cron.d")))
        ),
        (
            "six names are a whole path", place("move_mount", ["6", "5", "4", "3", "2", "1"]),
            call(.mount(on: FilePlace(device: device, path: "/1/2/3/4/5/6")))
        ),
        (
            "seven are not", place("move_mount", ["7", "6", "5", "4", "3", "2", "1"]),
            call(.mount(on: FilePlace(device: device, path: nil)))
        ),
        (
            "names that could not be read", place("move_mount", Array(repeating: "(fault)", count: 7)),
            call(.mount(on: FilePlace(device: device, path: nil)))
        ),
        (
            "file system", ProbeFormat.record(ProbeFormat.id("file_system_opened"), numbers: [disk]),
            call(.fileSystem(device))
        ),
        (
            "file system of older kernels", ProbeFormat.record(ProbeFormat.id("file_system_mounted"), numbers: [52]),
            call(.fileSystem(DeviceNumber(major: 0, minor: 52)))
        ),
        ("handle", ProbeFormat.record(ProbeFormat.id("handle"), numbers: [disk]), call(.handle(device))),
        ("ptrace", ProbeFormat.record(ProbeFormat.id("ptrace"), numbers: [16, 812]), call(.trace(812))),
        (
            "memory", ProbeFormat.record(ProbeFormat.id("process_vm_writev"), numbers: [812]), call(.memory(of: 812))
        ),
        ("program", ProbeFormat.record(ProbeFormat.id("bpf_program")), call(.program)),
        (
            "helper", helper("/sbin/modprobe", "/sbi", "-q\u{0}k", "--\u{0}\u{0}", "fs-e"),
            call(.helper(path: "/sbin/modprobe", arguments: ["/sbi", "-q", "--", "fs-e"]))
        ),
        (
            "long arguments", helper("/tmp/x", "/tmp", "/pro", "\u{0}abc", "\u{0}\u{0}\u{0}\u{0}"),
            call(.helper(path: "/tmp/x", arguments: ["/tmp", "/pro", "", ""]))
        ),
        (
            "helper without a path", helper("", "\u{0}abc", "\u{0}abc", "\u{0}abc", "\u{0}abc"),
            call(.helper(path: "", arguments: ["", "", "", ""]))
        ),
        ("setting", setting("setting", "modprobe", 1), call(.setting("modprobe"))),
        ("core pattern", setting("core_pattern", "core_pattern", 1), call(.setting("core_pattern"))),
        ("parameter", setting("parameter", "cache_getent"), call(.setting("cache_getent"))),
        ("agent", ProbeFormat.record(ProbeFormat.id("release_agent")), call(.setting("release_agent"))),
        ("handle of XFS", ProbeFormat.record(ProbeFormat.id("handle_xfs"), numbers: [disk]), call(.handle(device))),
    ]

    @Test(arguments: records)
    func decoding(name: String, raw: [UInt8], expected: PerfRecord) throws {
        #expect(try Self.decode(raw) == expected)
        for count in 16..<raw.count where count % 3 == 0 { _ = try? Self.decode(Array(raw[..<count])) }
    }

    @Test func cut() {
        let raw = ProbeFormat.record(ProbeFormat.id("ptrace"), numbers: [16])
        #expect(throws: PerfRecordError.self) { try Self.decode(raw) }
    }

    @Test func outsideOfThePIDNamespace() throws {
        #expect(try Self.decode(ProbeFormat.record(ProbeFormat.id("bpf_program")), pid: 0) == .foreign)
    }

    /// Without its functions: nothing to miss, or a gap.
    @Test(arguments: KernelProbe.all.indices)
    func noFunction(index: Int) throws {
        let probe = KernelProbe.all[index]
        try TemporaryDirectory.with { directory in
            // What the kernel answers for a function that it does not have is what opening the list is answered here.
            if probe.kind.isOptional {
                let isThere = try probe.put(in: directory.path)
                #expect(!isThere)
            } else {
                let symbols = probe.functions.map(\.symbol)
                #expect(throws: TracepointError.noFunction(symbols)) { _ = try probe.put(in: directory.path) }
            }
        }
    }

    @Test func names() {
        let names = KernelProbe.all.map(\.kind.name)
        #expect(Set(names).count == names.count && names.allSatisfy { $0.hasPrefix("breakoutd/") })
    }

    /// What Linux 4.14 takes: names of 32 bytes (MAX_ARG_NAME_LEN), fetches of 63 (MAX_ARGSTR_LEN), lines of 4096
    /// (WRITE_BUFSIZE).
    @Test(arguments: KernelProbe.all.flatMap(\.functions).map(\.fetches))
    func sizes(fetches: [String]) {
        for fetch in fetches {
            let parts = fetch.split(separator: "=", maxSplits: 1)
            #expect(parts.count == 2 && parts[0].utf8.count < 32 && parts[1].utf8.count <= 63, "\(fetch)")
        }
        #expect(fetches.joined(separator: " ").utf8.count < 4000)
    }

    #if arch(x86_64)
        static let lines: [(probe: String, functions: [String])] = [
            ("file_system_mounted", ["security_sb_kern_mount device=+16(%di):u32"]),
            ("handle", ["vfs_dentry_acceptable device=+16(+104(%si)):u32"]),
            (
                "ptrace",
                [
                    "__x64_sys_ptrace number=+112(%di):u32 pid=+104(%di):u32", "SyS_ptrace number=%di:u32 pid=%si:u32",
                ]
            ),
            (
                "ptrace_32",
                [
                    "__ia32_compat_sys_ptrace number=+40(%di):u32 pid=+88(%di):u32",
                    "compat_SyS_ptrace number=%di:u32 pid=%si:u32",
                ]
            ),
            ("process_vm_writev_32", ["__ia32_sys_process_vm_writev pid=+40(%di):u32"]),
            ("bpf_program", ["bpf_check "]),
            (
                "helper",
                [
                    "call_usermodehelper_exec path=+0(+40(%di)):string name=+0(+0(+48(%di))):u32 "
                        + "first=+0(+8(+48(%di))):u32 second=+0(+16(+48(%di))):u32 third=+0(+24(+48(%di))):u32"
                ]
            ),
            (
                "handle_xfs",
                [
                    "xfs_handle_acceptable device=+16(+104(%si)):u32",
                    "xfs:xfs_handle_acceptable device=+16(+104(%si)):u32",
                ]
            ),
            ("setting", ["proc_dostring name=+0(+0(%di)):string write=%si:u32"]),
            ("core_pattern", ["proc_dostring_coredump name=+0(+0(%di)):string write=%si:u32"]),
            ("parameter", ["param_attr_store name=+0(+0(%di)):string"]),
            ("release_agent_option", ["cgroup1_parse_param name=+0(+0(%si)):string"]),
            ("binary_format", ["bm_register_write ", "binfmt_misc:bm_register_write "]),
            (
                "root",
                [
                    "set_fs_root device=+16(+8(+0(%si))):u32 name0=+0(+40(+8(%si))):string "
                        + "name1=+0(+40(+24(+8(%si)))):string name2=+0(+40(+24(+24(+8(%si))))):string "
                        + "name3=+0(+40(+24(+24(+24(+8(%si)))))):string "
                        + "name4=+0(+40(+24(+24(+24(+24(+8(%si))))))):string "
                        + "name5=+0(+40(+24(+24(+24(+24(+24(+8(%si)))))))):string "
                        + "name6=+0(+40(+24(+24(+24(+24(+24(+24(+8(%si))))))))):string"
                ]
            ),
        ]

        @Test(arguments: lines)
        func fetching(probe: String, functions: [String]) throws {
            let found = try #require(KernelProbe.all.first { $0.kind.name == "breakoutd/\(probe)" })
            #expect(found.functions.map { "\($0.symbol) \($0.fetches.joined(separator: " "))" } == functions)
        }
    #endif
}
