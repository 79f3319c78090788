/// One row of the table of techniques: a way out of a container, or what looks like one, made for real on a node.
struct Situation: Sendable {
    /// Unique; also the pod's name.
    var name: String
    /// Of the pod (packaging/bench/pod).
    var options: [String] = quiet
    var act: Act = .none
    /// What a scan says of the pod, no more and no less.
    var findings: [String]
    /// The finding that tells the technique; `nil` where there is nothing to tell.
    var sign: String?
    /// Why a scan cannot see it; the daemon does, by its sign.
    var isOver: String?
    var isPossible: @Sendable (NodeKind) -> Bool = { _ in true }

    /// What is done beyond making the pod.
    enum Act: Sendable {
        case none
        /// The container's first process is this script of the shell.
        case first(String)
        /// A script in the running container, which prints the id of the process that it leaves behind.
        case later(String)
        /// `Situation.program` with these words is the container's first process.
        case program(String)
        /// A script on the node, by root; `$1` is the container's first process.
        case onNode(String)
    }

    /// A pod of which nothing is to be said.
    static let quiet = ["--seccomp", "default", "--no-new-privileges"]
    /// A pod that may do what it likes to the node.
    static let agent = ["--privileged", "--host-pid"]
    private static let shown = ["host-pid-namespace", "privileged"]
    /// With the program that is mounted for it.
    private static let programShown = shown + ["host-path-other"]

    /// In the order of the catalogue of techniques.
    static let all: [Situation] =
        [
            Situation(name: "base", findings: []),
            Situation(name: "privileged-only", options: agent, findings: shown, sign: "privileged"),
            Situation(
                name: "host-ns-only", options: quiet + ["--host-pid", "--host-network", "--host-ipc"],
                findings: ["host-ipc-namespace", "host-network-namespace", "host-pid-namespace"],
                sign: "host-pid-namespace"),
        ] + entering + reaching + acting

    /// Into namespaces.
    private static let entering: [Situation] = [
        Situation(
            name: "nsenter-pid1-all", options: agent,
            act: .later("nsenter -t 1 -m -u -i -n -p -- /bin/sleep 1d </dev/null >/dev/null 2>&1 & echo $!"),
            findings: shown + [
                "entered-host-ipc-namespace", "entered-host-mount-namespace", "entered-host-network-namespace",
                "entered-host-uts-namespace",
            ], sign: "entered-host-network-namespace"),
        Situation(
            name: "nsenter-mnt-only", options: agent,
            act: .later("nsenter -t 1 -m -- /bin/sleep 1d </dev/null >/dev/null 2>&1 & echo $!"),
            findings: shown + ["entered-host-mount-namespace"], sign: "entered-host-mount-namespace"),
        Situation(
            name: "first-process-is-escape", options: agent, act: .first("exec nsenter -t 1 -m -- /bin/sleep 1d"),
            findings: shown + ["entered-host-mount-namespace", "first-process-in-host-namespace"],
            sign: "first-process-in-host-namespace"),
        Situation(
            name: "thread-only-setns", options: agent, act: .program("thread"),
            findings: programShown + ["entered-host-mount-namespace", "entered-host-uts-namespace"],
            sign: "entered-host-uts-namespace"),
        Situation(
            name: "pidfd-setns", options: agent, act: .program("pidfd"),
            findings: programShown + ["entered-host-uts-namespace", "first-process-in-host-namespace"],
            sign: "entered-host-uts-namespace"),
        Situation(
            name: "setns-then-back", options: agent, act: .program("back"), findings: programShown,
            sign: "entered-host-uts-namespace", isOver: "it is over at once"),
        Situation(
            name: "userns-fake-root", options: ["--no-new-privileges"], act: .first("exec unshare -Ur sleep 1d"),
            findings: ["seccomp-unconfined"]),
        Situation(
            name: "unshare-mount", options: agent, act: .first("exec unshare -m sleep 1d"), findings: shown),
    ]

    /// To the node's files, without its mount namespace.
    private static let reaching: [Situation] = [
        Situation(
            name: "chroot-proc1-root", options: agent, act: .first("exec chroot /proc/1/root /bin/sleep 1d"),
            findings: shown + ["root-in-host-tree"], sign: "root-in-host-tree"),
        Situation(
            name: "chroot-hostpath-root", options: quiet + ["--mount", "/:/host:ro"],
            act: .first("exec chroot /host /bin/sleep 1d"),
            findings: ["host-path-root", "host-path-writable-submount", "root-in-host-tree"],
            sign: "root-in-host-tree"),
        Situation(
            name: "exec-host-binary", options: quiet + ["--mount", "/usr:/node:ro"],
            act: .first(
                #"set -- /node/lib/*/ld-linux-*; exec "$1" --library-path "${1%/*}" /node/bin/sleep 1d"#),
            findings: ["host-path-binaries", "runs-host-program"], sign: "runs-host-program"),
        Situation(
            name: "host-cwd", options: agent, act: .first("cd /proc/1/root/etc; exec sleep 1d"),
            findings: shown + ["working-directory-in-host-tree"], sign: "working-directory-in-host-tree"),
        Situation(
            name: "kept-host-fd", options: agent, act: .first("exec 9</proc/1/root/etc; exec sleep 1d"),
            findings: shown + ["holds-host-file"], sign: "holds-host-file"),
        Situation(
            name: "detached-tree-fd", options: agent, act: .program("tree"),
            findings: programShown + ["holds-host-file"],
            sign: "holds-host-file"),
        Situation(
            name: "hostpath-root-rw", options: quiet + ["--mount", "/:/host"], findings: ["host-path-root"],
            sign: "host-path-root"),
    ]

    /// On processes and cgroups.
    private static let acting: [Situation] = [
        Situation(
            name: "leave-pod-cgroup",
            act: .onNode(
                """
                for file in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do
                    if [ -w "$file" ]; then echo "$1" >"$file" 2>/dev/null || true; fi
                done
                """),
            findings: ["left-pod-cgroup"], sign: "left-pod-cgroup")
    ]
}
