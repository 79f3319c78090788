extension Situation {
    /// To the node's files, without its mount namespace.
    static let reaching: [Situation] = [
        Situation(
            name: "chroot-proc1-root", place: "nsenter-pid1-all", act: left("exec chroot /proc/1/root /bin/sleep 1d"),
            findings: ["root-in-host-tree"], sign: "root-in-host-tree"),
        Situation(
            name: "hostpath-ro-submounts", options: quiet + ["--mount", "/:/host:ro"],
            findings: ["host-path-root", "host-path-writable-submount"], sign: "host-path-writable-submount"),
        Situation(
            name: "chroot-hostpath-root", place: "hostpath-ro-submounts", act: left("exec chroot /host /bin/sleep 1d"),
            findings: ["root-in-host-tree"], sign: "root-in-host-tree"),
        Situation(
            name: "exec-host-binary", options: quiet + ["--mount", "/usr:/node:ro"],
            act: .first(
                """
                exec 9</node/share
                set -- /node/lib/*/ld-linux-*
                exec "$1" --library-path "${1%/*}" /node/bin/sleep 1d
                """),
            findings: ["host-path-binaries", "runs-host-program"], sign: "runs-host-program"),
        // Its program holds a directory of the mount, which is what a mount is for.
        Situation(
            name: "hostpath-fd", place: "exec-host-binary", findings: ["host-path-binaries"], sign: "host-path-binaries"
        ),
        Situation(
            name: "host-cwd", place: "nsenter-pid1-all", act: left("cd /proc/1/root/etc; exec sleep 1d"),
            findings: ["working-directory-in-host-tree"], sign: "working-directory-in-host-tree"),
        Situation(
            name: "kept-host-fd", place: "nsenter-pid1-all", act: left("exec 9</proc/1/root/etc; exec sleep 1d"),
            findings: ["holds-host-file"], sign: "holds-host-file"),
        Situation(
            name: "kept-host-fd-without-rights", place: "nsenter-pid1-all",
            act: left("exec 9</proc/1/root/usr; exec unshare -Ur sleep 1d"),
            findings: ["holds-host-file"], sign: "holds-host-file"),
        // From there `..` leads to the rest.
        Situation(
            name: "kept-host-fd-of-terminals", place: "nsenter-pid1-all",
            act: left("exec 9</proc/1/root/dev/pts; exec sleep 1d"),
            findings: ["holds-host-file"], sign: "holds-host-file"),
        Situation(
            name: "detached-tree-fd", place: "nsenter-mnt-only", act: left("exec /act tree"),
            findings: ["holds-host-file"], sign: "holds-host-file"),
        // The runtime mounts a file from the node's own file system there.
        Situation(
            name: "open-by-handle", place: "pidfd-setns", act: left("exec /act hold-by-handle /etc/hosts"),
            findings: ["holds-host-file"], sign: "holds-host-file"),
        Situation(
            name: "hostpath-root-rw", options: quiet + ["--mount", "/:/host"], findings: ["host-path-root"],
            sign: "host-path-root"),
        Situation(
            name: "raw-block-device", place: "nsenter-pid1-all",
            act: left("\(nodeOfDisk); exec 9</disk; exec sleep 1d"), findings: ["holds-host-disk"],
            sign: "holds-host-disk"),
        Situation(
            name: "mount-host-disk", place: "nsenter-mnt-only",
            act: .later("\(nodeOfDisk); mkdir /mount; mount -t ext4 /disk /mount"),
            findings: ["host-path-root"], sign: "host-path-root", deed: "node-disk-mounted", absence: needsOwnKernel),
        Situation(
            name: "bidirectional-propagation", place: "module-load", act: .later("mount -t tmpfs none /cron"),
            findings: ["host-path-cron", "node-file-changed-cron"], sign: "node-file-changed-cron",
            deed: "node-files-covered", absence: needsOwnKernel),
        Situation(
            name: "host-fuse-or-loop", findings: [],
            absence: { _ in "what it comes to is bidirectional-propagation" }),
    ]

    /// Makes the block device that PID 1's root is on.
    private static let nodeOfDisk = """
        set -- $(awk '$5 == "/" { sub(":", " ", $3); print $3 }' /proc/1/mountinfo)
        [ -e /disk ] || mknod /disk b $1 $2
        """
}
