import NodeModel

extension Check {
    /// A task of a container wrote a setting of the node's kernel; told by events alone, as a scan cannot see who did it.
    ///
    /// Whatever it wrote, also what was there before: who may write it has what it takes. Of `release_agent` and
    /// `binfmt_misc` an attempt that the kernel refuses is one, too (kernel/cgroup/cgroup-v1.c). Settings of a container's own
    /// network and IPC are not meant, nor the binary formats of its own user namespace (since Linux 6.7).
    static let kernelSettingWritten = Check(
        Technique(
            id: "kernel-setting-written", title: "Wrote a setting of the kernel", class: .action, weight: .action,
            attack: ["T1611", "T1546", "T1562.001"], messageID: "90d1c4ad98bf4787bee8e991d520385b",
            reason: "a task of the container wrote a setting of the node's kernel",
            meaning: """
                The setting names a program that the kernel runs as root on the node, outside of every container, or it turns \
                off what tells breakoutd of such acts (ftrace_enabled, kprobes/enabled). Few pods have any business with \
                it: installers of emulators register binary formats (binfmt_misc), collectors of crashes set core_pattern. \
                Of release_agent and binfmt_misc the attempt counts, whether or not the kernel refused it.
                """,
            remedy: """
                Unless the pod is there to do so, look at the setting and put it right, treat the node as taken and \
                replace it; then take away privileged, CAP_SYS_ADMIN and the hostPath.
                """),
        reads: [.bundles],
        act: { task, deed, container, index in
            guard case .called(.setting(let name)) = deed, isOfConcern(setting: name), let container,
                !(name == "binfmt_misc" && index.hasOwnFormats(task, of: container))
            else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: name,
                detail: "\(index.name(task)) wrote the kernel's setting \(name)", values: ["setting": .text(name)])
        }
    ) { _ in [] }

    static func isOfConcern(setting name: String) -> Bool { settings.contains(name) }

    /// Those of `HelperSetting.Kind`, by the names that the kernel has for them, and the switches of its probes.
    private static let settings: Set = [
        "binfmt_misc", "cache_getent", "cltrack_prog", "core_pattern", "ftrace_enabled", "hotplug", "kprobes/enabled",
        "modprobe", "poweroff_cmd", "release_agent", "uevent_helper", "usermode_helper",
    ]
}

extension NodeIndex {
    /// Whether a task is in the user namespace that its container was given: formats that it registers are for that one,
    /// or it may not register any (fs/binfmt_misc.c).
    fileprivate func hasOwnFormats(_ task: NodeTask, of container: Int) -> Bool {
        declaresHost(.user, container) == false && isInHostUserNamespace(task) == false
    }
}
