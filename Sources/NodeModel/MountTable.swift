/// The major and minor number of a file system or device node.
package struct DeviceNumber: Hashable, Sendable, Codable, CustomStringConvertible {
    package var major: UInt32
    package var minor: UInt32

    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    package var description: String { "\(major):\(minor)" }
}

/// One line of `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)), octal escapes undone.
package struct Mount: Sendable, Equatable, Codable {
    package var id: UInt32
    package var parentID: UInt32
    package var device: DeviceNumber
    /// The directory or file of the file system that is the root of this mount.
    package var root: String
    package var mountPoint: String
    /// Per-mount options (field 6), such as `rw`, `nosuid`, `idmapped`.
    package var options: [String]
    /// The optional fields before the lone hyphen, such as `shared:388` or `master:2`.
    package var propagation: [String]
    package var fileSystemType: String
    package var source: String
    package var superOptions: [String]

    package init(
        id: UInt32, parentID: UInt32, device: DeviceNumber, root: String, mountPoint: String, options: [String] = [],
        propagation: [String] = [], fileSystemType: String, source: String, superOptions: [String] = []
    ) {
        self.id = id
        self.parentID = parentID
        self.device = device
        self.root = root
        self.mountPoint = mountPoint
        self.options = options
        self.propagation = propagation
        self.fileSystemType = fileSystemType
        self.source = source
        self.superOptions = superOptions
    }

    /// Neither the mount nor its file system is read-only; a namespace's file (fs/nsfs.c) takes no write.
    package var isWritable: Bool {
        !options.contains("ro") && !superOptions.contains("ro") && fileSystemType != "nsfs"
    }

    /// Of a mount of the host: whether its file system is the node's own, its root or one on a disk that is no volume of a
    /// pod and no root of a container.
    package var isOfNode: Bool {
        if mountPoint == "/" { return true }
        // One that may have several disks has a number of its own, and one of them as its source (btrfs(5)).
        guard device.major != 0 || source.hasPrefix("/dev/") else { return false }
        let point = PathParts(mountPoint)
        return !point.isInContainerRoot && !point.parts.dropLast().contains("kubelet")
    }

    /// Whether a file that was reached by the mount's own place can have this path: it lies at the mount point or below.
    ///
    /// Of any other file of the mount, such as one that was opened by its handle, the kernel writes `/` (fs/d_path.c,
    /// prepend_path).
    package func shows(_ path: String) -> Bool { rest(of: path) != nil }

    /// What a path that the mount shows has beyond the mount point, from the `/` on.
    package func rest(of path: String) -> Substring? {
        if mountPoint == "/" { return path[...] }
        guard path.utf8.starts(with: mountPoint.utf8) else { return nil }
        let rest = Substring(path.utf8.dropFirst(mountPoint.utf8.count))
        return rest.isEmpty || rest.utf8.first == UInt8(ascii: "/") || rest == " (deleted)" ? rest : nil
    }
}

/// The mounts of one mount namespace, as tasks in it see them.
package struct MountTable: Sendable, Equatable, Codable {
    package var namespace: NamespaceID
    /// The task whose `/proc/<pid>/mountinfo` was read.
    package var pid: Int32
    package var mounts: [Mount]
    /// `true` where no task of the namespace has its root as its own: then only what is mounted below theirs is seen
    /// (fs/proc_namespace.c, show_mountinfo).
    package var isPartial: Bool?

    package init(namespace: NamespaceID, pid: Int32, mounts: [Mount], isPartial: Bool? = nil) {
        self.namespace = namespace
        self.pid = pid
        self.mounts = mounts
        self.isPartial = isPartial
    }
}
