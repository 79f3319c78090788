extension Situation {
    /// On processes, cgroups and objects of the kernel.
    static let processes: [Situation] = [
        Situation(
            name: "ptrace-host", place: "nsenter-pid1-all", act: left("exec /act trace $SERVICE"),
            findings: ["foreign-process-traced"], sign: "foreign-process-traced"),
        Situation(
            name: "tracer-of-runtime", place: "nsenter-mnt-only", act: left("exec /act trace $VICTIM_SHIM"),
            findings: ["foreign-process-traced"], sign: "foreign-process-traced"),
        Situation(
            name: "tracer-of-one-thread", place: "nsenter-pid1-all", act: left("exec /act trace $SECOND"),
            findings: ["foreign-process-traced"], sign: "foreign-process-traced", detail: "(second)"),
        Situation(
            name: "proc-mem-held", place: "nsenter-pid1-all", act: left("exec /act hold /proc/$SERVICE/mem"),
            findings: ["holds-process-memory"], sign: "holds-process-memory"),
        Situation(
            name: "own-proc-mem-held", place: "nsenter-pid1-all", act: left("exec /act hold /proc/self/mem"),
            findings: []),
        Situation(
            name: "proc-mem-write", place: "nsenter-mnt-only", act: left("exec /act write-memory $SERVICE"),
            findings: [], sign: "foreign-memory-written", isOver: "it is over at once", absence: needsProbes),
        Situation(
            name: "pidfd-held", place: "nsenter-pid1-all", act: left("exec /act hold-process $SERVICE"),
            findings: ["holds-host-process"], sign: "holds-host-process"),
        Situation(
            name: "host-namespace-held", place: "nsenter-pid1-all", act: left("exec /act hold /proc/1/ns/net"),
            findings: ["holds-host-namespace"], sign: "holds-host-namespace"),
        Situation(
            name: "host-env-read", place: "nsenter-mnt-only", act: left("exec cat /proc/$SERVICE/environ"),
            findings: [], unseen: "reading leaves nothing"),
        Situation(
            name: "host-signal", place: "nsenter-mnt-only", act: left("kill $PREY"), findings: [],
            sign: "node-process-signalled", isOver: "it is over at once",
            absence: {
                $0.isGuest ? nil : "the kernel tells the number that the process has on the machine around this node"
            }),
        Situation(
            name: "hostnet-sniff", options: quiet + program + ["--host-network", "--host-ipc"],
            act: left("exec /act listen-to-packets"),
            findings: ["holds-packet-socket", "host-ipc-namespace", "host-network-namespace", "host-path-other"],
            sign: "holds-packet-socket"),
        Situation(
            name: "hostipc-sysv-shm", place: "hostnet-sniff", act: left("exec /act attach-memory"),
            findings: ["shared-memory-reached"], sign: "shared-memory-reached", detail: "segment"),
        Situation(
            name: "hostipc-posix-shm", place: "hostnet-sniff", act: left("exec /act map /dev/shm/of-the-node"),
            findings: ["shared-memory-reached"], sign: "shared-memory-reached", detail: "/dev/shm/of-the-node"),
        Situation(
            name: "hostipc-shm-read", place: "hostnet-sniff", act: left("exec /act hold /dev/shm/of-the-node"),
            findings: [], unseen: "a file of /dev/shm tells nobody who made it; host-ipc-namespace says who reaches it"),
        Situation(
            name: "own-net-sniff", place: "containerd-sock", act: left("exec /act listen-to-packets"), findings: []),
        Situation(
            name: "bpf-load", place: "nsenter-pid1-all", act: left("exec /act load"), findings: ["holds-bpf-program"],
            sign: "holds-bpf-program"),
        Situation(
            name: "leave-pod-cgroup",
            act: .onNode(
                """
                for file in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do
                    if [ -w "$file" ]; then echo "$1" >"$file" 2>/dev/null || true; fi
                done
                """),
            findings: ["left-pod-cgroup"], sign: "left-pod-cgroup"),
        Situation(
            name: "leave-one-hierarchy", place: "exec-host-binary",
            act: .onNode(#"echo "$1" >/sys/fs/cgroup/pids/cgroup.procs"#),
            findings: ["left-pod-cgroup"], sign: "left-pod-cgroup",
            absence: { $0.cgroup == "v1" ? nil : "there is one hierarchy alone" }),
        // In a session of its own, and no child of anything of the pod's; its parent entered and is gone.
        Situation(
            name: "reparent-daemonise", place: "pidfd-setns",
            act: .later(
                """
                exec nsenter -t 1 -m -- setsid sh -c '/bin/sleep 1d </dev/null >/dev/null 2>&1 & echo $!'
                """),
            findings: ["entered-host-mount-namespace"], sign: "entered-host-mount-namespace",
            deed: "entered-host-mount-namespace"),
    ]
}
