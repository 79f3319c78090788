extension Situation {
    /// By devices over disks, of which only a guest has some to lose.
    static let disks: [Situation] = [
        Situation(
            name: "loop-over-host-disk", place: "module-load",
            // Without its journal, which is the node's to replay.
            act: .later(
                """
                mknod /loop0 b 7 0
                losetup -r /loop0 /dev/vda
                mkdir /looped
                mount -t ext4 -o ro,noload /loop0 /looped
                """),
            findings: ["node-disk-mounted"], sign: "node-disk-mounted", detail: "device 7:0,", absence: needsOwnKernel),
        Situation(
            name: "loop-over-host-disk-held", place: "module-load", act: left("exec 9</loop0; exec sleep 1d"),
            findings: ["holds-host-disk"], sign: "holds-host-disk", detail: "block device 7:0", absence: needsOwnKernel),
        Situation(
            name: "loop-over-host-disk-by-own-file", place: "nsenter-mnt-only",
            act: left("mknod /loop2 b 7 2; losetup -r /loop2 /disk; exec 9</loop2; exec sleep 1d"),
            findings: ["holds-host-disk"], sign: "holds-host-disk", detail: "block device 7:2", absence: needsOwnKernel),
        Situation(
            name: "loop-over-own-file", place: "privileged-only",
            act: .later(
                """
                mknod /loop1 b 7 1
                dd if=/dev/zero of=/image bs=1024 count=512
                losetup /loop1 /image
                mke2fs /loop1 >/dev/null
                mkdir /unpacked
                mount -t ext4 /loop1 /unpacked
                (exec 9</loop1; exec sleep 1d) </dev/null >/dev/null 2>&1 &
                """), findings: [], absence: needsOwnKernel),
        Situation(
            name: "nvme-disk-held", place: "nsenter-pid1-all",
            act: left("mknod /nvme b $(tr : ' ' </sys/class/block/nvme0n1/dev); exec 9</nvme; exec sleep 1d"),
            findings: ["holds-host-disk"], sign: "holds-host-disk", detail: "block device", absence: needsOwnKernel),
        // It takes the disk's commands.
        Situation(
            name: "nvme-controller-held", place: "nsenter-pid1-all",
            act: left("mknod /controller c $(tr : ' ' </sys/class/nvme/nvme0/dev); exec 9</controller; exec sleep 1d"),
            findings: ["holds-host-disk"], sign: "holds-host-disk", detail: "character device", absence: needsOwnKernel),
    ]
}
