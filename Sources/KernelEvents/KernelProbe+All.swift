import NodeModel

extension KernelProbe {
    /// The probes that are put into the kernel.
    static let all: [KernelProbe] = acts + settings

    private static let acts: [KernelProbe] = [
        // What is mounted: by mount(2) of older kernels, and by either way of newer ones (5.1).
        KernelProbe(
            "file_system_mounted",
            [Function("security_sb_kern_mount", [Fetch.argument(0).deviceOfFileSystem])], device(KernelCall.fileSystem)),
        KernelProbe(
            "file_system_opened",
            [Function("security_sb_set_mnt_opts", [Fetch.argument(0).deviceOfFileSystem])],
            device(KernelCall.fileSystem)),
        // And on what: mount(2), and move_mount(2), which is new in 5.2.
        // Neither MS_REMOUNT nor a change of propagation puts anything there; MS_BIND does whatever propagation is asked for
        // with it (fs/namespace.c, path_mount).
        KernelProbe(
            "mount", filter: "!(flags&0x20)&&(flags&0x1000||!(flags&0x1E0000))",
            [Function("security_sb_mount", Fetch.argument(1).place + [Fetch.argument(3).number("flags")])],
            place(KernelCall.mount)),
        KernelProbe(
            "move_mount", isOptional: true, [Function("security_move_mount", Fetch.argument(1).place)],
            place(KernelCall.mount)),
        // open_tree(2) is not among them. It clones what is mounted in the caller's own mount namespace alone
        // (fs/namespace.c, __do_loopback): a container's own mounts, as mount(8) does for each bind mount, or those of a
        // namespace that it was seen to enter. Where the clone is put is told by move_mount(2), and who holds one by scans.
        // Functions that are called when chroot(2), setns(2) and pivot_root(2) have done what may be refused.
        KernelProbe("root", [Function("set_fs_root", Fetch.argument(1).place)], place(KernelCall.root)),
        KernelProbe("pivot_root", [Function("chroot_fs_refs", Fetch.argument(1).place)], place(KernelCall.root)),
        // Called with what a handle stands for, by open_by_handle_at(2) alone (fs/fhandle.c). What decodes it is called by
        // overlayfs as well, on account of whoever looks up a file that was copied up (fs/overlayfs/namei.c).
        KernelProbe(
            "handle", [Function("vfs_dentry_acceptable", [Fetch.argument(1).deviceOfEntry])],
            device(KernelCall.handle)),
        // The same by a request of XFS (fs/xfs/xfs_handle.c, XFS_IOC_OPEN_BY_HANDLE).
        KernelProbe(
            "handle_xfs", isOptional: true,
            function("xfs_handle_acceptable", ofModule: "xfs", [Fetch.argument(1).deviceOfEntry]),
            device(KernelCall.handle)),
        // Inside of the kernel a task is known by its structure, which differs from build to build: only the system
        // calls have its number. ATTACH and SEIZE (ptrace(2)).
        KernelProbe(
            "ptrace", filter: "number==16||number==16902", systemCall("ptrace", ["number", "pid"]),
            process(KernelCall.trace)),
        KernelProbe(
            "ptrace_32", filter: "number==16||number==16902", isOptional: true,
            compatibleCall("ptrace", ["number", "pid"]), process(KernelCall.trace)),
        KernelProbe(
            "process_vm_writev", systemCall("process_vm_writev", ["pid"]), process(KernelCall.memory)),
        // Programs of 32 bits have the same one since 5.10, by another name where they pass arguments otherwise; what
        // was theirs is there still, and does nothing.
        KernelProbe(
            "process_vm_writev_32", isOptional: true, systemCallBy32Bits("process_vm_writev", ["pid"]),
            process(KernelCall.memory)),
        KernelProbe(
            "process_vm_writev_compatible", isOptional: true, compatibleCall("process_vm_writev", ["pid"]),
            process(KernelCall.memory)),
        KernelProbe("bpf_program", [Function("bpf_check", [])]) { _ in { _, _ in .call(.program) } },
        // struct subprocess_info (include/linux/umh.h). Of the arguments no more than what fits a number: whoever makes them
        // long would have older kernels drop the record (`Fetch.placeDepth`).
        KernelProbe(
            "helper",
            [
                Function(
                    "call_usermodehelper_exec",
                    [
                        Fetch.argument(0).at(40).text("path"), Fetch.argument(0).at(48).at(0).at(0).number("name"),
                        Fetch.argument(0).at(48).at(8).at(0).number("first"),
                        Fetch.argument(0).at(48).at(16).at(0).number("second"),
                        Fetch.argument(0).at(48).at(24).at(0).number("third"),
                    ])
            ]
        ) { format throws(TracepointError) in
            let (path, name) = (try format.text("path"), try format.number("name"))
            let (first, second) = (try format.number("first"), try format.number("second"))
            let third = try format.number("third")
            return { record, _ throws(PerfRecordError) in
                let arguments = [
                    try record.beginning(name), try record.beginning(first), try record.beginning(second),
                    try record.beginning(third),
                ]
                return .call(.helper(path: try record.text(path), arguments: arguments))
            }
        },
    ]

    /// A function that is in the kernel, in a module that is loaded, or in one that will be: its probe is put when it is
    /// (Documentation/trace/kprobetrace.rst, MOD).
    static func function(_ symbol: String, ofModule module: String, _ fetches: [String]) -> [Function] {
        [Function(symbol, fetches), Function("\(module):\(symbol)", fetches)]
    }
}

// MARK: - Functions of system calls

extension KernelProbe {
    /// The function of a system call: since Linux 4.17 (4.19 on arm64) its arguments are in the registers that it is
    /// given (struct pt_regs), before that in its own.
    private static func systemCall(_ name: String, _ numbers: [String]) -> [Function] {
        #if arch(arm64)
            let new = "__arm64_sys_\(name)"
            let offsets = [0, 8]
        #else
            let new = "__x64_sys_\(name)"
            let offsets = [112, 104]
        #endif
        return [given(new, numbers, offsets), own("SyS_\(name)", numbers)]
    }

    /// The function of a system call by which programs of 32 bits call it, too.
    private static func systemCallBy32Bits(_ name: String, _ numbers: [String]) -> [Function] {
        #if arch(arm64)
            []
        #else
            [given("__ia32_sys_\(name)", numbers, [40, 88])]
        #endif
    }

    /// The function of a system call that is another one for programs of 32 bits.
    private static func compatibleCall(_ name: String, _ numbers: [String]) -> [Function] {
        #if arch(arm64)
            let new = given("__arm64_compat_sys_\(name)", numbers, [0, 8])
        #else
            let new = given("__ia32_compat_sys_\(name)", numbers, [40, 88])
        #endif
        return [new, own("compat_SyS_\(name)", numbers)]
    }

    private static func given(_ symbol: String, _ numbers: [String], _ offsets: [Int]) -> Function {
        Function(symbol, zip(numbers, offsets).map { Fetch.argument(0).at($1).number($0) })
    }

    private static func own(_ symbol: String, _ numbers: [String]) -> Function {
        Function(symbol, numbers.enumerated().map { Fetch.argument($0).number($1) })
    }
}

// MARK: - Records

extension KernelProbe {
    typealias Decoding = @Sendable (TracepointFormat) throws(TracepointError) -> Tracepoint.Decoder

    private static func device(_ call: @escaping @Sendable (DeviceNumber) -> KernelCall) -> Decoding {
        { format throws(TracepointError) in
            let device = try format.number("device")
            return { record, _ throws(PerfRecordError) in
                .call(call(DeviceNumber(kernel: try record.number(device))))
            }
        }
    }

    private static func place(_ call: @escaping @Sendable (FilePlace) -> KernelCall) -> Decoding {
        { format throws(TracepointError) in
            let device = try format.number("device")
            var names: [Int] = []
            for index in 0..<Fetch.placeDepth { names.append(try format.text("name\(index)")) }
            let offsets = names
            return { record, _ throws(PerfRecordError) in
                var names: [String] = []
                for offset in offsets { names.append(try record.text(offset)) }
                return .call(call(FilePlace(DeviceNumber(kernel: try record.number(device)), upwards: names)))
            }
        }
    }

    private static func process(_ call: @escaping @Sendable (Int32) -> KernelCall) -> Decoding {
        { format throws(TracepointError) in
            let pid = try format.number("pid")
            return { record, _ throws(PerfRecordError) in .call(call(try record.signed(pid))) }
        }
    }
}

extension DeviceNumber {
    /// The kernel's own form of a device number (include/linux/kdev_t.h).
    fileprivate init(kernel number: UInt32) { self.init(major: number >> 20, minor: number & 0xF_FFFF) }
}

extension FilePlace {
    /// - Parameter names: its own name and those above it; the root of a file system is called `/` and is above itself.
    init(_ device: DeviceNumber, upwards names: [String]) {
        let below = names.prefix { $0 != "/" }
        self.init(device: device, path: below.count < names.count ? "/" + below.reversed().joined(separator: "/") : nil)
    }
}
