import LinuxSystem

/// The switches that turn the probes of everybody off at once, while all else about them looks as before.
enum ProbeSwitch {
    /// Below the node's root: that of function tracing, by which functions are probed at their beginning
    /// (Documentation/trace/ftrace.rst), and that of probes, where debugfs is mounted (Documentation/trace/kprobes.rst).
    private static let paths = ["/proc/sys/kernel/ftrace_enabled", "/sys/kernel/debug/kprobes/enabled"]

    /// Those that are off; a kernel that does not have one has it on.
    static func off(below root: String) -> [String] {
        paths.filter { path in
            (try? BoundedFile.read(path: root + path, limit: 16))?.first == UInt8(ascii: "0")
        }
    }
}
