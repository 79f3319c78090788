import NodeModel

/// Files of the node that one of its programs acts on, with the technique of writing them from a container.
struct NodeFilePlace: Sendable {
    let id: String
    let title: String
    let messageID: String
    let attack: [String]
    /// What a write is worth.
    let weight: Weight
    let paths: [WatchedPath]
    let meaning: String

    private static let shellStartFiles = [
        ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".zshrc",
    ]

    /// Every place; a file that is in two counts to the first.
    ///
    /// Sockets by which drivers and device plugins register with the kubelet are not among them: every CSI driver makes
    /// its own from a pod.
    static let all: [NodeFilePlace] = [
        NodeFilePlace(
            id: "node-file-written-cron", title: "Wrote cron files of the node",
            messageID: "282428d48e884798a93336102395bf4b", attack: ["T1053.003"], weight: .action,
            paths: [
                WatchedPath("/etc/cron.d"),
                WatchedPath("/etc", names: ["crontab", "anacrontab", "cron.allow", "cron.deny"]),
                WatchedPath("/etc/cron.hourly"),
                WatchedPath("/etc/cron.daily"),
                WatchedPath("/etc/cron.weekly"),
                WatchedPath("/etc/cron.monthly"),
                WatchedPath("/var/spool/cron", isDeep: true),
                WatchedPath("/var/spool/at"),
            ],
            meaning: """
                The node's cron runs what is written there as root on the node within a minute, and the file may remove \
                itself afterwards.
                """),
        NodeFilePlace(
            id: "node-file-written-detector", title: "Changed breakoutd's files or the sockets that it reports to",
            messageID: "3a48079ca142439eaa60259bc2721625", attack: ["T1562.001"], weight: .action,
            paths: [
                WatchedPath("/etc/breakoutd"),
                WatchedPath("/var/lib/breakoutd"),
                WatchedPath("/run/breakoutd"),
                WatchedPath("/run/systemd/journal", names: ["dev-log", "socket", "stdout"]),
                WatchedPath("/run/systemd", names: ["notify"]),
            ],
            meaning: """
                Who changes the configuration or the memory of breakoutd decides what it tells of; who puts a socket in the \
                place of the journal's or the service manager's reads it, and keeps it from everybody else.
                """),
        NodeFilePlace(
            id: "node-file-written-systemd", title: "Wrote systemd units of the node",
            messageID: "103e7281aeb5461184192387fc15bad3", attack: ["T1543.002", "T1053.006"], weight: .action,
            paths: [
                WatchedPath("/etc/systemd"),
                WatchedPath("/etc/systemd/system", isDeep: true),
                WatchedPath("/run/systemd/system", isDeep: true),
                WatchedPath("/usr/lib/systemd/system", isDeep: true),
                WatchedPath("/usr/local/lib/systemd/system", isDeep: true),
                WatchedPath("/run/systemd/transient"),
                WatchedPath("/run/systemd/generator", isDeep: true),
                WatchedPath("/etc/systemd/system-generators"),
                WatchedPath("/run/systemd/system-generators"),
                WatchedPath("/usr/lib/systemd/system-generators"),
                WatchedPath("/usr/local/lib/systemd/system-generators"),
            ],
            meaning: """
                The service manager runs units, drop-ins and generators as root on the node, at the next reload or start at \
                the latest.
                """),
        NodeFilePlace(
            id: "node-file-written-static-pod", title: "Wrote static pods or the kubelet's configuration",
            messageID: "1be492557c9a40338cbe49c78c4b6b70", attack: ["T1610", "T1543", "T1562.001"], weight: .action,
            paths: [
                WatchedPath("/etc/kubernetes", isDeep: true),
                WatchedPath("/etc/eks", isDeep: true),
                WatchedPath(
                    "/var/lib/kubelet", names: ["config.yaml", "config.json", "kubeconfig", "bootstrap-kubeconfig"]),
            ],
            meaning: """
                A manifest becomes a pod that no admission check sees; settings and credential providers of the \
                kubelet run as root.
                """),
        NodeFilePlace(
            id: "node-file-written-cni", title: "Wrote network plugins of the node",
            messageID: "bdc4a171a31b400893011e8784b38676", attack: ["T1543", "T1611"], weight: .partial,
            paths: [
                WatchedPath("/opt/cni/bin"),
                WatchedPath("/etc/cni/net.d"),
            ],
            meaning: """
                The runtime runs these programs as root at every start of a pod. A network plugin's own pod \
                installs itself like this when it starts; anything else has no business there.
                """),
        NodeFilePlace(
            id: "node-file-written-runtime", title: "Wrote the container runtime's configuration",
            messageID: "c20b3b97afe846b6925386970758f9bb", attack: ["T1543", "T1562.001"], weight: .action,
            paths: [
                WatchedPath("/etc/containerd", isDeep: true),
                WatchedPath("/etc/docker"),
                WatchedPath("/etc/crio", isDeep: true),
                WatchedPath("/etc/nvidia-container-runtime"),
            ],
            meaning: "The runtime's configuration names the programs that it runs as root for every container."),
        NodeFilePlace(
            id: "node-file-written-loader", title: "Wrote the node's loader configuration",
            messageID: "863596ec43074e93aa2e25647429f866", attack: ["T1574.006"], weight: .action,
            paths: [
                WatchedPath("/etc", names: ["ld.so.preload", "ld.so.conf", "ld.so.cache"]),
                WatchedPath("/etc/ld.so.conf.d"),
            ],
            meaning: "Every program of the node that is started from now on loads the libraries that are named there."),
        NodeFilePlace(
            id: "node-file-written-accounts", title: "Wrote accounts or login rules of the node",
            messageID: "7d00b7b429524aeb8d3549624dabe95b", attack: ["T1136.001", "T1548.003", "T1556.003"],
            weight: .action,
            paths: [
                WatchedPath(
                    "/etc",
                    names: [
                        "passwd", "shadow", "group", "gshadow", "sudoers", "sudo.conf", "doas.conf", "nsswitch.conf",
                    ]),
                WatchedPath("/etc/sudoers.d"),
                WatchedPath("/etc/pam.d"),
                WatchedPath("/etc/security"),
            ],
            meaning: "It adds accounts, makes them root, or changes how the node checks who logs in."),
        NodeFilePlace(
            id: "node-file-written-ssh", title: "Wrote ssh keys or settings of the node",
            messageID: "26c8b900614642ffb91bac955df9e96e", attack: ["T1098.004"], weight: .action,
            paths: [
                WatchedPath("/root/.ssh"),
                WatchedPath("/home/*/.ssh"),
                WatchedPath("/etc/ssh"),
                WatchedPath("/etc/ssh/sshd_config.d"),
            ],
            meaning: "A key that is added there opens the node over ssh, without the cluster."),
        NodeFilePlace(
            id: "node-file-written-shell-profile", title: "Wrote shells' start files of the node",
            messageID: "c2550e5a7c7c421b9604203cf6a7b064", attack: ["T1546.004"], weight: .action,
            paths: [
                WatchedPath("/etc", names: ["profile", "bashrc", "bash.bashrc", "environment"]),
                WatchedPath("/etc/profile.d"),
                WatchedPath("/root", names: shellStartFiles),
                WatchedPath("/home/*", names: shellStartFiles),
            ],
            meaning: "Whoever logs in on the node next runs what is written there."),
        NodeFilePlace(
            id: "node-file-written-udev", title: "Wrote device or module rules of the node",
            messageID: "2c35e2cbfc5c4321933139e5f4e88d9b", attack: ["T1546.017", "T1547.006"], weight: .action,
            paths: [
                WatchedPath("/etc/udev/rules.d"),
                WatchedPath("/run/udev/rules.d"),
                WatchedPath("/usr/lib/udev/rules.d"),
                WatchedPath("/etc/modprobe.d"),
                WatchedPath("/etc/modules-load.d"),
                WatchedPath("/etc/sysctl.d"),
            ],
            meaning: "The node runs commands from these rules as root, at the next event of a device or module."),
        NodeFilePlace(
            id: "node-file-written-binary", title: "Wrote programs of the node",
            messageID: "917f7288d82c41db83e504f0455e0819", attack: ["T1554"], weight: .action,
            paths: [
                WatchedPath("/usr/bin"),
                WatchedPath("/usr/sbin"),
                WatchedPath("/usr/local/bin"),
                WatchedPath("/usr/local/sbin"),
            ],
            meaning: "Services and people of the node run these programs as root."),
    ]
}

extension NodeFilePlace {
    /// The first place of which a mount on a directory or file of the node hides files, or puts others in their place.
    static func covered(by mountPoint: PathParts) -> NodeFilePlace? {
        let path = "/" + mountPoint.parts.joined(separator: "/")
        return all.first { place in place.paths.contains { $0.covers(path) || $0.isBelow(mountPoint) } }
    }
}
