import NodeModel

/// Files of the node that one of its programs acts on, with the technique of writing them from a container.
struct NodeFilePlace: Sendable {
    /// The end of its techniques' ids.
    let id: String
    /// What the files are, in a few words.
    let subject: String
    /// Of the technique of writing them; `nil` where the node's own pods do so all the time.
    var writtenMessageID: String?
    /// Of the technique of leaving them changed.
    let changedMessageID: String
    let attack: [String]
    /// What a write is worth.
    let weight: Weight
    let paths: [WatchedPath]
    /// Paths whose files the node's own programs make anew all the time: a write by a container tells something, a change
    /// nothing.
    var livePaths: [WatchedPath] = []
    /// Whether it tells something that a file of the baseline is gone.
    var tellsRemoval = false
    /// Whether only what the baseline does not have tells something.
    var needsBaseline = false
    /// Whether a regular file there tells something.
    var tellsRegularFile = true
    let meaning: String

    private static let detectorUnits = ["breakoutd.service", "breakoutd-alert.service"]
    private static let shellStartFiles = [
        ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".zshrc",
    ]

    /// A directory that systemd and its like read wherever it is, of the node, its administrator or this start
    /// (systemd.unit(5), tmpfiles.d(5), udev(7), modprobe.d(5), sysctl.d(5)).
    private static func inEveryLibrary(_ name: String, isDeep: Bool = false) -> [WatchedPath] {
        ["/etc", "/run", "/usr/lib", "/usr/local/lib"].map { WatchedPath("\($0)/\(name)", isDeep: isDeep) }
    }

    /// Every place; a file that is in two counts to the first.
    static let all: [NodeFilePlace] = [
        NodeFilePlace(
            id: "cron", subject: "cron files of the node",
            writtenMessageID: "282428d48e884798a93336102395bf4b",
            changedMessageID: "ba100f456605b14b525a7eda8a776e41", attack: ["T1053.003"], weight: .action,
            paths: [
                WatchedPath("/etc/cron.d"),
                WatchedPath("/etc", names: ["crontab", "anacrontab", "cron.allow", "cron.deny"]),
                WatchedPath("/etc/cron.hourly"),
                WatchedPath("/etc/cron.daily"),
                WatchedPath("/etc/cron.weekly"),
                WatchedPath("/etc/cron.monthly"),
                WatchedPath("/var/spool/cron", isDeep: true),
                WatchedPath("/var/spool/at"),
                // Its scripts (logrotate(8)).
                WatchedPath("/etc", names: ["logrotate.conf"]),
                WatchedPath("/etc/logrotate.d"),
            ],
            meaning: """
                The node's cron runs what is written there as root on the node within a minute, logrotate within a day, and \
                the file may remove itself afterwards.
                """),
        NodeFilePlace(
            id: "detector", subject: "breakoutd's files or the sockets that it reports to",
            writtenMessageID: "3a48079ca142439eaa60259bc2721625",
            changedMessageID: "95ffbc85a53d371b36340155684d2f1b", attack: ["T1562.001"], weight: .action,
            paths: [
                WatchedPath("/etc/breakoutd"),
                WatchedPath("/usr/sbin", names: ["breakoutd"]),
                WatchedPath("/usr/local/bin", names: ["breakoutd"]),
                WatchedPath("/etc/systemd/system", names: detectorUnits),
                WatchedPath("/usr/lib/systemd/system", names: detectorUnits),
                WatchedPath("/etc/systemd/system/breakoutd.service.d"),
                WatchedPath("/usr/lib/systemd/system/breakoutd.service.d"),
                WatchedPath("/run/systemd/journal", names: ["dev-log", "socket", "stdout"]),
                WatchedPath("/run/systemd", names: ["notify"]),
            ],
            livePaths: [WatchedPath("/var/lib/breakoutd"), WatchedPath("/run/breakoutd")], tellsRemoval: true,
            meaning: """
                Who changes the configuration or the memory of breakoutd decides what it tells of; who puts a socket in the \
                place of the journal's or the service manager's reads it, and keeps it from everybody else.
                """),
        NodeFilePlace(
            id: "systemd", subject: "systemd units, start-up files or hooks of the node",
            writtenMessageID: "103e7281aeb5461184192387fc15bad3",
            changedMessageID: "a39c042a598201e477b891dc9a8a4495", attack: ["T1543.002", "T1053.006", "T1037.004"],
            weight: .action,
            paths: [
                WatchedPath("/etc/systemd"),
                WatchedPath("/etc/systemd/system.control", isDeep: true),
                WatchedPath("/run/systemd/system.control", isDeep: true),
                // systemd-system.conf(5), DefaultEnvironment; what is in /etc/systemd counts already.
                WatchedPath("/run/systemd", names: ["system.conf"]),
                WatchedPath("/usr/lib/systemd", names: ["system.conf"]),
                WatchedPath("/usr/local/lib/systemd", names: ["system.conf"]),
                // systemd-rc-local-generator(8), systemd-sysv-generator(8)
                WatchedPath("/etc", names: ["rc.local"]),
                // systemd-fstab-generator(8)
                WatchedPath("/etc", names: ["fstab"]),
                // systemd-suspend.service(8), systemd-shutdown(8)
                WatchedPath("/usr/lib/systemd/system-sleep"),
                WatchedPath("/usr/lib/systemd/system-shutdown"),
                // Programs that services name or look for: auditd-plugins(5), rsyslog.conf(5), dhclient-script(8),
                // NetworkManager-dispatcher(8), dbus-daemon(1).
                WatchedPath("/etc/audit/plugins.d"),
                WatchedPath("/etc", names: ["rsyslog.conf"]),
                WatchedPath("/etc/rsyslog.d"),
                WatchedPath("/etc/dhcp/dhclient.d"),
                WatchedPath("/etc/dhcp/dhclient-enter-hooks.d"),
                WatchedPath("/etc/dhcp/dhclient-exit-hooks.d"),
                WatchedPath("/etc/NetworkManager/dispatcher.d", isDeep: true),
                WatchedPath("/usr/share/dbus-1/system-services"),
                // Plugins of package managers, and commands in their settings (apt.conf(5), Pre-Invoke).
                WatchedPath("/etc/yum/pluginconf.d"),
                WatchedPath("/usr/lib/yum-plugins"),
                WatchedPath("/etc/dnf/plugins"),
                WatchedPath("/etc/apt/apt.conf.d"),
                WatchedPath("/etc/rc.d", names: ["rc.local"]),
                WatchedPath("/etc/init.d"),
                WatchedPath("/etc/rc.d/init.d"),
                // What cloud-init runs at each start (its modules bootcmd and scripts_per_boot) or the next new instance.
                WatchedPath("/etc/cloud", names: ["cloud.cfg"]),
                WatchedPath("/etc/cloud/cloud.cfg.d"),
                WatchedPath("/var/lib/cloud/scripts", isDeep: true),
            ] + inEveryLibrary("systemd/system", isDeep: true) + inEveryLibrary("systemd/system-generators")
                // systemd.environment-generator(7)
                + inEveryLibrary("systemd/system-environment-generators") + inEveryLibrary("systemd/system.conf.d")
                // Its lines make any file, as root; that of /run the node writes before the first pod.
                + inEveryLibrary("tmpfiles.d"),
            livePaths: [
                WatchedPath("/run/systemd/transient"), WatchedPath("/run/systemd/generator", isDeep: true),
            ],
            meaning: """
                The service manager runs units, drop-ins, generators and start-up scripts as root on the node, and makes the \
                files and sets the environment that it is told to, at the next reload or start at the latest; the hooks of \
                network, log and other services, and of package managers, run as root, too.
                """),
        NodeFilePlace(
            id: "static-pod", subject: "static pods or the kubelet's configuration",
            writtenMessageID: "1be492557c9a40338cbe49c78c4b6b70",
            changedMessageID: "13eb4518aba8a53d883df7f86694a7df", attack: ["T1610", "T1543", "T1562.001"],
            weight: .action,
            paths: [
                WatchedPath("/etc/kubernetes", isDeep: true),
                WatchedPath("/etc/kubernetes/kubelet/config.json.d"),
                WatchedPath("/etc/eks", isDeep: true),
                // Its command line, where its unit takes that from there (KUBELET_EXTRA_ARGS).
                WatchedPath("/etc/sysconfig", names: ["kubelet"]),
                WatchedPath("/etc/default", names: ["kubelet"]),
                WatchedPath(
                    "/var/lib/kubelet", names: ["config.yaml", "config.json", "kubeconfig", "bootstrap-kubeconfig"]),
            ],
            tellsRemoval: true,
            meaning: """
                A manifest becomes a pod that no admission check sees; settings and credential providers of the \
                kubelet run as root.
                """),
        NodeFilePlace(
            id: "cni", subject: "network or volume plugins of the node",
            writtenMessageID: "bdc4a171a31b400893011e8784b38676",
            changedMessageID: "4fe1c3459df4beb563caa2fb7d51cc10", attack: ["T1543", "T1611"], weight: .partial,
            paths: [
                WatchedPath("/opt/cni/bin"),
                WatchedPath("/etc/cni/net.d"),
                // FlexVolume (kubernetes pkg/volume/flexvolume).
                WatchedPath("/usr/libexec/kubernetes/kubelet-plugins/volume/exec", isDeep: true),
            ],
            meaning: """
                The runtime or the kubelet runs these programs as root at every start of a pod. A plugin's own pod \
                installs itself like this when it starts; anything else has no business there.
                """),
        NodeFilePlace(
            id: "runtime", subject: "the container runtime's configuration",
            writtenMessageID: "c20b3b97afe846b6925386970758f9bb",
            changedMessageID: "9512f7e6784df2d82bb934f6027d6ac9", attack: ["T1543", "T1562.001"], weight: .action,
            paths: [
                WatchedPath("/etc/containerd", isDeep: true),
                WatchedPath("/etc/containerd/certs.d", isDeep: true),
                WatchedPath("/etc/docker"),
                WatchedPath("/etc/crio", isDeep: true),
                WatchedPath("/etc/nvidia-container-runtime"),
                WatchedPath("/etc/cdi"),
                WatchedPath("/run/cdi"),
                WatchedPath("/etc/nri", isDeep: true),
                WatchedPath("/opt/nri", isDeep: true),
                WatchedPath("/etc/containers/oci/hooks.d"),
                WatchedPath("/usr/share/containers/oci/hooks.d"),
            ],
            tellsRemoval: true,
            meaning: """
                The runtime's configuration, its hooks, plugins and device specifications name the programs that it runs \
                as root for every container, and the registries that it takes images from.
                """),
        NodeFilePlace(
            id: "loader", subject: "the node's loader configuration",
            writtenMessageID: "863596ec43074e93aa2e25647429f866",
            changedMessageID: "58b6362f947fbf553d08e8f5d7e02a45", attack: ["T1574.006"], weight: .action,
            paths: [
                WatchedPath("/etc", names: ["ld.so.preload", "ld.so.conf"]),
                WatchedPath("/etc/ld.so.conf.d"),
            ],
            livePaths: [WatchedPath("/etc", names: ["ld.so.cache"])],
            meaning: "Every program of the node that is started from now on loads the libraries that are named there."),
        NodeFilePlace(
            id: "accounts", subject: "accounts or login rules of the node",
            writtenMessageID: "7d00b7b429524aeb8d3549624dabe95b",
            changedMessageID: "04cf8b47d254b153f3f296dfee94ca0c", attack: ["T1136.001", "T1548.003", "T1556.003"],
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
                // Modules of PAM, where Amazon Linux and Debian have them (pam(8)).
                WatchedPath("/usr/lib64/security"),
                WatchedPath("/usr/lib/security"),
                WatchedPath("/usr/lib/x86_64-linux-gnu/security"),
                WatchedPath("/usr/lib/aarch64-linux-gnu/security"),
            ],
            tellsRemoval: true,
            meaning: "It adds accounts, makes them root, or changes how the node checks who logs in."),
        NodeFilePlace(
            id: "ssh", subject: "ssh keys or settings of the node",
            writtenMessageID: "26c8b900614642ffb91bac955df9e96e",
            changedMessageID: "4641ecc6ee149de2860aaaa54654a72b", attack: ["T1098.004"], weight: .action,
            paths: [
                WatchedPath("/root/.ssh"),
                WatchedPath("/home/*/.ssh"),
                WatchedPath("/etc/ssh"),
                WatchedPath("/etc/ssh/sshd_config.d"),
            ],
            meaning: "A key that is added there opens the node over ssh, without the cluster."),
        NodeFilePlace(
            id: "shell-profile", subject: "shells' start files of the node",
            writtenMessageID: "c2550e5a7c7c421b9604203cf6a7b064",
            changedMessageID: "100e8b2b161130ab50db0ff51c2710a7", attack: ["T1546.004"], weight: .action,
            paths: [
                WatchedPath("/etc", names: ["profile", "bashrc", "bash.bashrc", "environment"]),
                WatchedPath("/etc/profile.d"),
                // Root runs these at each login (pam_motd(8), update-motd(5)).
                WatchedPath("/etc/update-motd.d"),
                WatchedPath("/root", names: shellStartFiles),
                WatchedPath("/home/*", names: shellStartFiles),
            ],
            meaning: "Whoever logs in on the node next runs what is written there."),
        NodeFilePlace(
            id: "udev", subject: "device, module or key rules of the node",
            writtenMessageID: "2c35e2cbfc5c4321933139e5f4e88d9b",
            changedMessageID: "f8f720e2a13f94745a9ba6200d27e474", attack: ["T1546.017", "T1547.006"], weight: .action,
            paths: [
                WatchedPath("/etc/modules-load.d"),
                WatchedPath("/etc", names: ["sysctl.conf"]),
                // request-key.conf(5)
                WatchedPath("/etc", names: ["request-key.conf"]),
                WatchedPath("/etc/request-key.d"),
            ] + inEveryLibrary("udev/rules.d")
                // modprobe.d(5), install; sysctl.d(5): the programs that the kernel runs are among its settings.
                + inEveryLibrary("modprobe.d") + inEveryLibrary("sysctl.d"),
            meaning: """
                The node runs commands from these rules as root, at the next event of a device or module, or when \
                somebody asks the kernel for a key.
                """),
        NodeFilePlace(
            id: "binary", subject: "programs of the node",
            writtenMessageID: "917f7288d82c41db83e504f0455e0819",
            changedMessageID: "2b5b9c743fa793f24f29c41e64bf1de8", attack: ["T1554"], weight: .action,
            paths: [
                WatchedPath("/usr/bin"),
                WatchedPath("/usr/sbin"),
                WatchedPath("/usr/local/bin"),
                WatchedPath("/usr/local/sbin"),
                WatchedPath("/usr/lib/systemd"),
                // The kernel runs them, and nobody is told of their names in its settings.
                WatchedPath("/usr/libexec", names: ["abrt-hook-ccpp"]),
                WatchedPath("/usr/share/apport", names: ["apport"]),
            ],
            meaning: "Services and people of the node run these programs as root."),
        NodeFilePlace(
            id: "plugin-socket", subject: "sockets of plugins of the kubelet",
            changedMessageID: "eba4c2c4d403380c76e5a36e928dc7a9", attack: ["T1543.005"], weight: .partial,
            paths: [
                WatchedPath("/var/lib/kubelet/plugins_registry"), WatchedPath("/var/lib/kubelet/device-plugins"),
            ],
            // The kubelet keeps notes beside the sockets, of each device that it hands out (kubelet_internal_checkpoint).
            needsBaseline: true, tellsRegularFile: false,
            meaning: """
                A driver or device plugin registers by such a socket: the kubelet hands it volumes, their secrets and \
                devices of pods. Every driver makes its own from a pod, so only the baseline tells a new one.
                """),
    ]
}

extension NodeFilePlace {
    /// The first place of which a mount on a directory or file of the node hides files, or puts others in their place.
    static func covered(by mountPoint: PathParts) -> NodeFilePlace? {
        let path = "/" + mountPoint.parts.joined(separator: "/")
        return written.first { place in place.everyPath.contains { $0.covers(path) || $0.isBelow(mountPoint) } }
    }

    /// The place that a change of a file counts to: that of the file, or the first of which some lie below a directory that
    /// was renamed, with which others came in their place.
    static func changed(by event: FileEvent) -> NodeFilePlace? {
        if let place = all.first(where: { $0.everyPath.contains { $0.covers(event.path) } }) { return place }
        guard !event.change.isDisjoint(with: [.movedAway, .movedHere]) else { return nil }
        let directory = PathParts(event.path)
        return written.first { $0.everyPath.contains { $0.isBelow(directory) } }
    }

    /// The places of which a write by a container tells something.
    static let written = all.filter { $0.writtenMessageID != nil }

    /// The technique of writing them, which an event tells of.
    var writtenID: String { "node-file-written-\(id)" }
    /// The technique of leaving them changed, which a scan tells of.
    var changedID: String { "node-file-changed-\(id)" }

    var everyPath: [WatchedPath] { paths + livePaths }

    /// A file belongs to this place, and to none before it.
    func isFirst(of path: String) -> Bool {
        everyPath.contains { $0.covers(path) }
            && Self.all.first { $0.everyPath.contains { $0.covers(path) } }?.id == id
    }
}
