/// One directory of the log tree, `/var/log/pods/<namespace>_<pod>_<uid>` or the bare uid of a kubelet before 1.14.
package struct PodLogDirectory: Sendable, Equatable, Codable {
    /// The directory's own name.
    package var name: String
    /// `nil` when the name is none that a kubelet makes.
    package var pod: PodIdentity?
    package var containers: [ContainerLogs]

    package init(name: String, pod: PodIdentity?, containers: [ContainerLogs] = []) {
        self.name = name
        self.pod = pod
        self.containers = containers
    }

    /// The uid is the 32-digit hash of a static pod's manifest (kubernetes pkg/kubelet/config/common.go).
    package var isStaticPod: Bool {
        guard let uid = pod?.uid else { return false }
        return uid.utf8.count == 32 && !uid.utf8.contains(UInt8(ascii: "-"))
    }
}

/// The log files of one container of a pod, by what the kubelet's naming says they are.
package struct ContainerLogs: Sendable, Equatable, Codable {
    package var name: String
    /// The file of the running instance: `<restart count>.log`, the highest there is.
    package var live: String?
    /// The same of earlier instances.
    package var previous: [String]
    /// Rotated files of any instance, `<count>.log.<time>` with or without `.gz`.
    package var rotated: [String]
    /// Temporary files of a rotation, and names that no kubelet makes.
    package var ignored: [String]

    package init(
        name: String, live: String? = nil, previous: [String] = [], rotated: [String] = [], ignored: [String] = []
    ) {
        self.name = name
        self.live = live
        self.previous = previous
        self.rotated = rotated
        self.ignored = ignored
    }
}

/// Something in the log tree that a kubelet does not make.
package struct PodLogOddity: Sendable, Equatable, Codable {
    /// The full path on the node.
    package var path: String
    /// The pod whose directory it lies in; whoever made it may be another.
    package var pod: PodIdentity?
    package var kind: Kind

    package init(path: String, pod: PodIdentity? = nil, kind: Kind) {
        self.path = path
        self.pod = pod
        self.kind = kind
    }

    /// What is odd about it.
    package enum Kind: Sendable, Equatable, Codable {
        /// A symbolic link that leaves the log tree and is no link to a docker log.
        case link(target: String)
        /// A regular file with more than one name.
        case hardLink(count: UInt32)
        /// A FIFO, socket or device.
        case notRegular(type: String)
        /// A file or directory that root does not own.
        case foreignOwner(uid: UInt32)
        /// Something is mounted over it; not entered.
        case mountPoint
        /// A plain file, or a link to another place of the tree, where a pod's or container's directory belongs.
        case fileForDirectory
        /// A directory where a log file belongs; not entered.
        case directoryForFile
        /// A directory whose name is none that a kubelet makes.
        case unrecognisedDirectory
    }
}
