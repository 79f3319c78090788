import NodeModel

/// One kind of settings by which the kernel runs a program, with the technique of changing it.
struct KernelHelper: Sendable {
    let kind: HelperSetting.Kind
    let id: String
    let title: String
    let messageID: String
    /// The programs that kernels and distributions set.
    let usual: [String]
    let meaning: String

    /// Whether a program is one of those; a path with `..` in it never is, as a link on the way leads it elsewhere.
    static func isUsual(_ program: String, among usual: [String]) -> Bool {
        !program.pathComponents().contains("..") && usual.contains { PathParts($0) == PathParts(program) }
    }

    /// What turns a setting off.
    private static let nothing = ["/bin/false", "/bin/true"]

    /// Every kind.
    static let all: [KernelHelper] = [
        KernelHelper(
            kind: .corePattern, id: "kernel-helper-core-pattern",
            title: "The kernel hands crashes to an unknown program",
            messageID: "1b8f4d154ddae1cc0f7ee7b8dc42fa40",
            usual: [
                "/usr/lib/systemd/systemd-coredump", "/usr/libexec/abrt-hook-ccpp", "/usr/share/apport/apport",
            ] + nothing,
            meaning: """
                The setting kernel.core_pattern names a program that the kernel runs as root on the node, outside of every \
                container, whenever a process crashes; a container makes one of its own crash when it likes. Who may write to /proc/sys \
                (privileged, a hostPath of /proc) sets it.
                """),
        KernelHelper(
            kind: .interpreter, id: "kernel-helper-interpreter", title: "A program was registered for a binary format",
            messageID: "76ccce90fd3c0ec1db89f436ec9ed15a", usual: [],
            meaning: """
                A registration in binfmt_misc has the kernel run a program in the place of every file of a format, also of those that the node's \
                own services start. With the flag F that is a file which the registering container had open. Installers of \
                emulators for other processors register theirs like this.
                """),
        KernelHelper(
            kind: .modprobe, id: "kernel-helper-modprobe", title: "The kernel loads modules by an unknown program",
            messageID: "8c161f8e1ae810cef9f3d742882b1d8a", usual: ["/sbin/modprobe", "/usr/bin/modprobe"] + nothing,
            meaning: """
                The setting kernel.modprobe names the program that the kernel runs as root on the node when it wants a module; a file of \
                no known format, or a socket of no known protocol, is enough to have it run.
                """),
        KernelHelper(
            kind: .parameter, id: "kernel-helper-parameter", title: "A kernel module runs an unknown program",
            messageID: "4ee56b4574785724aa204f97bbf1f103",
            usual: ["/sbin/nfs_cache_getent", "/sbin/nfsdcltrack", "/sbin/drbdadm", "drbdadm", "disabled"] + nothing,
            meaning: """
                A parameter of the module of NFS or DRBD names a program that it runs as root on the node. Who may write to \
                /sys (privileged, a hostPath of /sys) sets it.
                """),
        KernelHelper(
            kind: .poweroff, id: "kernel-helper-poweroff", title: "The kernel ends the node by an unknown program",
            messageID: "98fb5df4c218bdff0ca016d3cec56ccd",
            usual: ["/sbin/poweroff", "/sbin/shutdown", "/sbin/halt"] + nothing,
            meaning: """
                The setting kernel.poweroff_cmd names the program that the kernel runs as root on the node when that is to \
                end in good order, as on overheating.
                """),
        KernelHelper(
            kind: .releaseAgent, id: "kernel-helper-release-agent",
            title: "A cgroup hierarchy has an unknown release agent",
            messageID: "f85bc06e552ff628a997f9fb8a18003e", usual: ["/usr/lib/systemd/systemd-cgroups-agent"],
            meaning: """
                The release agent of a cgroup v1 hierarchy is a program that the kernel runs as root on the node, outside of \
                every container, when a cgroup that asks for it becomes empty. Who has CAP_SYS_ADMIN mounts a hierarchy, sets \
                the agent, and empties a cgroup (CVE-2022-0492).
                """),
        KernelHelper(
            kind: .uevent, id: "kernel-helper-uevent", title: "The kernel hands device events to a program",
            messageID: "815604fa4ba5df7c743628665b1a0d66", usual: ["/sbin/hotplug"] + nothing,
            meaning: """
                The settings kernel.hotplug and /sys/kernel/uevent_helper name a program that the kernel runs as root on the node for every \
                event of a device. Nodes with udev leave it empty.
                """),
    ]
}
