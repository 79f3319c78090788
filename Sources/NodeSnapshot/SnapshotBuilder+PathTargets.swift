import Glibc
import LinuxSystem
import NodeModel

extension SnapshotBuilder {
    /// Looks where the paths lead that pods of the API ask for: a runtime resolves a link before it mounts what it names
    /// (containerd internal/cri/opts/spec_linux.go), so no record tells of the link.
    func readPathTargets(_ node: inout Node, until deadline: Deadline) {
        let wanted = Set((node.apiPods?.pods ?? []).flatMap(\.hostPaths)).sorted()
        guard options.parts.contains(.mounts), !wanted.isEmpty else { return }
        let far = Set(node.host.mounts.filter(\.mayHang).map(\.mountPoint))
        let targets = BoundedWork<[String: String]>.run(until: deadline) { [root = options.root] in
            guard let root = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY) else { return [:] }
            var targets: [String: String] = [:]
            for path in wanted { targets[path] = try? root.resolve(path, mayLookAt: { !far.contains($0) }) }
            return targets
        }
        if targets == nil { node.gaps.add(.timeLimit, "paths that pods ask for were not looked at", wanted[0]) }
        node.host.pathTargets = targets
    }
}

extension Mount {
    /// A look at what is mounted may wait for a network or a program.
    var mayHang: Bool { !Self.localFileSystems.contains(fileSystemType) }

    private static let localFileSystems: Set<String> = [
        "binfmt_misc", "bpf", "btrfs", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
        "erofs", "ext2", "ext3", "ext4", "f2fs", "fusectl", "hugetlbfs", "iso9660", "mqueue", "msdos", "nfsd", "nsfs",
        "overlay", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs", "selinuxfs", "squashfs", "sysfs", "tmpfs",
        "tracefs", "vfat", "xfs", "zfs",
    ]
}
