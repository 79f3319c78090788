extension Situation {
    /// Into namespaces.
    static let entering: [Situation] = [
        // Of PID 1's namespaces the pod has that of the processes already, or it would not see PID 1.
        Situation(
            name: "nsenter-pid1-all", options: agent + program,
            act: left("exec nsenter -t 1 -m -u -i -n -p -- /bin/sleep 1d"),
            findings: agentShown + [
                "entered-host-ipc-namespace", "entered-host-mount-namespace", "entered-host-network-namespace",
                "entered-host-uts-namespace", "host-path-other",
                // In the node's network it reaches what the row of that name leaves there.
                "abstract-shim-socket",
            ], sign: "entered-host-network-namespace"),
        Situation(
            name: "nsenter-mnt-only", options: agent + program, act: left("exec nsenter -t 1 -m -- /bin/sleep 1d"),
            findings: agentShown + ["entered-host-mount-namespace", "host-path-other"],
            sign: "entered-host-mount-namespace"),
        Situation(
            name: "first-process-is-escape", options: agent, act: .first("exec nsenter -t 1 -m -- /bin/sleep 1d"),
            findings: agentShown + ["entered-host-mount-namespace", "first-process-in-host-namespace"],
            sign: "first-process-in-host-namespace"),
        Situation(
            name: "thread-only-setns", place: "nsenter-mnt-only", act: left("exec /act thread"),
            findings: ["entered-host-mount-namespace", "entered-host-uts-namespace"],
            sign: "entered-host-uts-namespace"),
        Situation(
            name: "pidfd-setns", options: agent + program, act: .program(["setns-by-pidfd"]),
            findings: agentShown + [
                "entered-host-uts-namespace", "first-process-in-host-namespace", "host-path-other",
            ],
            sign: "entered-host-uts-namespace"),
        Situation(
            name: "netns-hop-other-pod", place: "nsenter-pid1-all",
            act: left("exec nsenter --net=/proc/$VICTIM_PAUSE/ns/net -- sleep 1d"),
            findings: ["entered-foreign-namespace"], sign: "entered-foreign-namespace"),
        Situation(
            name: "cross-container-proc-root", place: "nsenter-mnt-only",
            act: left("cd /proc/$VICTIM/root/etc; exec sleep 1d"),
            findings: ["entered-foreign-namespace"], sign: "entered-foreign-namespace"),
        Situation(
            name: "userns-fake-root", options: ["--no-new-privileges"], act: .first("exec unshare -Ur sleep 1d"),
            findings: ["seccomp-unconfined"]),
        Situation(name: "unshare-mount", place: "privileged-only", act: left("exec unshare -m sleep 1d"), findings: []),
        Situation(
            name: "setns-then-back", place: "nsenter-mnt-only", act: left("exec /act there-and-back"), findings: [],
            sign: "entered-host-uts-namespace", isOver: "it is over at once"),
    ]
}
