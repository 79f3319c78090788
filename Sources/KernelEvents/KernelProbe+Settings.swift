import NodeModel

extension KernelProbe {
    /// Probes of what is called when a setting of the whole kernel is written: one that names a program for the kernel to
    /// run, or that turns the probes themselves off.
    static let settings: [KernelProbe] = [
        // kernel.modprobe, kernel.poweroff_cmd, kernel.hotplug, and with them every other that is a text (kernel/sysctl.c).
        KernelProbe("setting", filter: "write!=0", [Function("proc_dostring", ofTable)], named),
        // kernel.core_pattern: in older kernels the compiler has put the function above into this one.
        KernelProbe(
            "core_pattern", filter: "write!=0", isOptional: true, [Function("proc_dostring_coredump", ofTable)], named),
        // What is called for it alone (kernel/trace/ftrace.c) is one of those that cannot be probed.
        KernelProbe(
            "ftrace_enabled", filter: #"write!=0&&name=="ftrace_enabled""#, [Function("proc_dointvec", ofTable)], named),
        // The file of debugfs by which all probes are switched (kernel/kprobes.c).
        KernelProbe(
            "kprobes_enabled", isOptional: true, [Function("write_enabled_file_bool", [])], always("kprobes/enabled")),
        // Parameters of modules, in sysfs (kernel/params.c); struct module_attribute begins with its name.
        KernelProbe(
            "parameter", isOptional: true,
            [Function("param_attr_store", [Fetch.argument(0).at(0).text("name")])], named),
        // Version 1 of cgroups: by the file, and as an option of mount(2) (kernel/cgroup/cgroup-v1.c, since 5.1).
        KernelProbe(
            "release_agent", isOptional: true, [Function("cgroup_release_agent_write", [])], always("release_agent")),
        KernelProbe(
            "release_agent_option", filter: #"name=="release_agent""#, isOptional: true,
            [Function("cgroup1_parse_param", [Fetch.argument(1).at(0).text("name")])], named),
        KernelProbe(
            "binary_format", isOptional: true, function("bm_register_write", ofModule: "binfmt_misc", []),
            always("binfmt_misc")),
        KernelProbe(
            "uevent_helper", isOptional: true, [Function("uevent_helper_store", [])], always("uevent_helper")),
    ]

    /// The name at the beginning of struct ctl_table (include/linux/sysctl.h), and whether it is written.
    private static let ofTable = [Fetch.argument(0).at(0).text("name"), Fetch.argument(1).number("write")]

    private static let named: Decoding = { format throws(TracepointError) in
        let name = try format.text("name")
        return { record, _ throws(PerfRecordError) in .call(.setting(try record.text(name))) }
    }

    private static func always(_ name: String) -> Decoding {
        { _ in { _, _ in .call(.setting(name)) } }
    }
}
