import NodeModel

/// A part of the node's file tree that is worth something to an attacker, with the technique of mounting it.
struct SensitivePlace: Sendable {
    let id: String
    let title: String
    let messageID: String
    /// The directories and files of the place; empty for the one that takes everything else.
    let paths: [PathParts]
    /// Those of them that hold a socket: a read-only mount does not stop connect(2), and is worth as much as a writable one.
    let sockets: [PathParts]
    let writable: Weight
    let readOnly: Weight
    let meaning: String

    init(
        id: String, title: String, messageID: String, paths: [String], sockets: [String] = [], writable: Weight,
        readOnly: Weight, meaning: String
    ) {
        self.id = id
        self.title = title
        self.messageID = messageID
        self.paths = (paths + sockets).map { PathParts($0) }
        self.sockets = sockets.map { PathParts($0) }
        self.writable = writable
        self.readOnly = readOnly
        self.meaning = meaning
    }

    /// How a mounted path meets the place, best first.
    enum Relation: Int, Comparable {
        case above = 1
        case inside = 2

        static func < (left: Relation, right: Relation) -> Bool { left.rawValue < right.rawValue }
    }

    /// How the mounted path meets the place, and how many components of it, or `nil`.
    func relation(_ mounted: PathParts) -> (relation: Relation, depth: Int)? {
        if id == "host-path-runtime-socket", Self.isRuntimeSocket(mounted) { return (.inside, mounted.parts.count) }
        // The directory that it is mounted in shows something else.
        if mounted.isInContainerRoot { return id == "host-path-runtime-state" ? (.inside, mounted.parts.count) : nil }
        if id == "host-path-disk", Self.isDisk(mounted) { return (.inside, mounted.parts.count) }
        // Everything is inside the root, and the root is above everything: it is a place of its own.
        let inside = paths.filter { $0.contains(mounted) && $0.parts.isEmpty == mounted.parts.isEmpty }
        if let depth = inside.map(\.parts.count).max() { return (.inside, depth) }
        guard !mounted.parts.isEmpty, paths.contains(where: { mounted.contains($0) }) else { return nil }
        return (.above, 0)
    }

    /// The first directory or file of the place that lies below a mounted path.
    func path(below mounted: PathParts) -> String? {
        paths.first { mounted.contains($0) }.map { "/" + $0.parts.joined(separator: "/") }
    }

    /// What a mount of a path that meets the place is worth.
    func weight(of mounted: PathParts, isWritable: Bool) -> Weight {
        // One device, or the shared memory in /dev/shm: there is no other device to open, and none to replace.
        if id == "host-path-dev", mounted.parts.count > 1 { return isWritable ? .partial : .minor }
        // What a driver tells of its devices: there is no process to read.
        if id == "host-path-proc", !isWritable, PathParts("/proc/driver").contains(mounted) { return .minor }
        let opens = sockets.contains { $0.contains(mounted) || mounted.contains($0) }
        return isWritable || opens ? writable : readOnly
    }

    private static func isRuntimeSocket(_ path: PathParts) -> Bool {
        let names = [
            "containerd.sock", "containerd.sock.ttrpc", "docker.sock", "dockershim.sock", "cri-dockerd.sock",
            "crio.sock",
            "podman.sock", "nri.sock",
        ]
        return path.parts.last.map { names.contains(String($0)) } ?? false
    }

    /// A device node of a disk, by the names that drivers and udev give.
    private static func isDisk(_ path: PathParts) -> Bool {
        guard path.parts.first == "dev", path.parts.count >= 2 else { return false }
        let name = path.parts[1]
        // Of NVMe and SCSI, with a number: /dev/sgx is something else.
        let isGeneric = ["ng", "sg"].contains { name.hasPrefix($0) && name.dropFirst(2).first?.isNumber == true }
        return isGeneric || ["mapper", "disk", "bsg"].contains(name)
            || ["sd", "nvme", "xvd", "vd", "dm-", "md", "loop", "mem", "kmem", "port"].contains { name.hasPrefix($0) }
    }

    /// Every place, the one that says most first.
    static let all: [SensitivePlace] = [
        SensitivePlace(
            id: "host-path-root", title: "Mounts the node's root directory",
            messageID: "14ff7a4f5206d42251c12646f4bddc81", paths: ["/"],
            writable: .rootEquivalent, readOnly: .partial,
            meaning: """
                The container reads, and where it may write changes, every file of the node, its keys and its \
                programs among them.
                """),
        SensitivePlace(
            id: "host-path-runtime-socket", title: "Mounts a container runtime's socket",
            messageID: "df77af62b6fa77c3d74f8a19e3b5c5de",
            paths: [
                "/run/containerd", "/run/docker", "/run/crio", "/run/podman", "/run/k3s/containerd", "/run/docker.sock",
                "/run/nri",
            ],
            writable: .rootEquivalent, readOnly: .rootEquivalent,
            meaning: """
                Who reaches the socket starts containers of any kind on the node, past the API server. Mounting it \
                read-only does not stop a connection.
                """),
        SensitivePlace(
            id: "host-path-disk", title: "Mounts a disk's device node", messageID: "09328f118a945d75fd351a73779e7417",
            paths: [],
            writable: .rootEquivalent, readOnly: .rootEquivalent,
            meaning: "The container reads and writes the node's files below the file system."),
        SensitivePlace(
            id: "host-path-proc", title: "Mounts the node's /proc", messageID: "b3070251c11102163342d79674dce9b1",
            paths: ["/proc"],
            writable: .rootEquivalent, readOnly: .partial,
            meaning: """
                Writable, it gives the kernel's settings, by which the kernel runs a program as root; read-only, \
                the environment and files of every process.
                """),
        SensitivePlace(
            id: "host-path-cron", title: "Mounts the node's cron files", messageID: "bafa60848ebc7f8f9812f110185606f0",
            paths: [
                "/etc/cron.d", "/etc/crontab", "/etc/anacrontab", "/etc/cron.hourly", "/etc/cron.daily",
                "/etc/cron.weekly", "/etc/cron.monthly", "/var/spool/cron", "/var/spool/anacron", "/var/spool/at",
            ],
            writable: .rootEquivalent, readOnly: .minor,
            meaning: "A file written there runs as root on the node within a minute, and may remove itself."),
        SensitivePlace(
            id: "host-path-systemd", title: "Mounts the node's systemd units, start-up files or sockets",
            messageID: "7b42fe958581670069b4c18689a2dc9c",
            paths: [
                "/etc/systemd", "/run/systemd", "/usr/lib/systemd", "/lib/systemd", "/run/tmpfiles.d",
                "/run/modprobe.d", "/run/sysctl.d", "/run/udev/rules.d",
            ], sockets: ["/run/systemd/private", "/run/dbus"], writable: .rootEquivalent, readOnly: .minor,
            meaning: """
                A unit, drop-in, generator or rule written there runs programs as root on the node, at its next start at \
                the latest. Root that reaches the service manager's socket, or the system bus, has any program run at \
                once; mounting it read-only does not stop a connection.
                """),
        SensitivePlace(
            id: "host-path-static-pods", title: "Mounts the kubelet's configuration",
            messageID: "6f643c35154b281dcc5280ccd281d79c",
            paths: ["/etc/kubernetes", "/etc/eks"], writable: .rootEquivalent, readOnly: .partial,
            meaning:
                "A manifest written there becomes a static pod that no admission check sees; keys there are the node's."
        ),
        SensitivePlace(
            id: "host-path-cni", title: "Mounts the node's CNI plugins", messageID: "55720dc8d195455b625910c015999fc2",
            paths: ["/opt/cni", "/etc/cni"], writable: .rootEquivalent, readOnly: .minor,
            meaning: "The runtime runs these programs as root on the node at every start of a pod."),
        SensitivePlace(
            id: "host-path-etc", title: "Mounts the node's /etc", messageID: "8a1874c2800701f974da9c39784b88da",
            paths: ["/etc"],
            writable: .rootEquivalent, readOnly: .partial,
            meaning:
                "Writable, it gives accounts, sudo rules, cron and units of the node; read-only, its keys and hashes."),
        SensitivePlace(
            id: "host-path-home", title: "Mounts home directories of the node",
            messageID: "a9eb3fb1caeb6149ff3f12dbf1bfabe6",
            paths: ["/root", "/home"], writable: .rootEquivalent, readOnly: .partial,
            meaning: "Keys for ssh can be added, shells' start files changed, credentials read."),
        SensitivePlace(
            id: "host-path-kubelet", title: "Mounts the kubelet's directory",
            messageID: "1c145cf746048193ab59159fd5e68946",
            paths: ["/var/lib/kubelet"], writable: .rootEquivalent, readOnly: .partial,
            meaning: "It holds the kubelet's own credentials and every pod's tokens and volumes."),
        SensitivePlace(
            id: "host-path-ssm", title: "Mounts the state of the SSM agent or of cloud-init",
            messageID: "bd85443ca1bfb4bf36c7280d81527274", paths: ["/var/lib/amazon/ssm", "/var/lib/cloud"],
            writable: .rootEquivalent, readOnly: .partial,
            meaning: """
                It holds the commands that these run as root on the node, the key by which AWS knows the agent, and the \
                instance's user data.
                """),
        SensitivePlace(
            id: "host-path-runtime-state", title: "Mounts a container runtime's state",
            messageID: "b1e76be3e02c1d68c9c2d04397de3352",
            paths: ["/var/lib/containerd", "/var/lib/docker", "/etc/containerd", "/etc/docker"],
            writable: .rootEquivalent, readOnly: .partial,
            meaning: "It holds the files and settings of every container; whoever changes them changes other pods."),
        SensitivePlace(
            id: "host-path-binaries", title: "Mounts programs of the node",
            messageID: "8ecd451752c1a540738abab46fb223db",
            paths: ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/boot"], writable: .rootEquivalent,
            readOnly: .minor, meaning: "Programs, libraries and kernel modules there run as root on the node."),
        SensitivePlace(
            id: "host-path-dev", title: "Mounts the node's /dev", messageID: "79e73d3e26d64455296e94dff2b4d899",
            paths: ["/dev"],
            writable: .rootEquivalent, readOnly: .partial,
            meaning: "It shows every device of the node; what of them opens is up to the container's device rules."),
        SensitivePlace(
            id: "host-path-log", title: "Mounts the node's logs", messageID: "9f6f17d5e5f36dec895550ab8e0866fd",
            paths: ["/var/log"],
            writable: .partial, readOnly: .minor,
            meaning:
                "Writable, a link planted in the log tree lets the kubelet read any file as root for `kubectl logs`."),
        SensitivePlace(
            id: "host-path-sys", title: "Mounts the node's /sys", messageID: "a0a69a4d1f6875eac86595903ef29ef0",
            paths: ["/sys"],
            writable: .partial, readOnly: .minor,
            meaning: """
                Writable, it gives cgroups, release agents and device settings of the node. So does the container's own /sys \
                once somebody made that writable.
                """),
        SensitivePlace(
            id: "host-path-network-namespaces", title: "Mounts the node's pinned network namespaces",
            messageID: "bebee084083e41f79f7042b4bfae1038",
            paths: ["/run/netns"], writable: .partial, readOnly: .partial,
            meaning: """
                With CAP_SYS_ADMIN whoever opens a file there enters the network of that pod, and is that pod to \
                everybody else; read-only makes no difference.
                """),
        SensitivePlace(
            id: "host-path-other", title: "Mounts a directory of the node",
            messageID: "a943d6a8bf814cf13b7e8574373f7e9b", paths: [],
            writable: .minor, readOnly: .minor,
            meaning: "What is written there outlives the pod and is seen by whatever else uses the directory."),
    ]
}
