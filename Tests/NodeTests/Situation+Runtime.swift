extension Situation {
    private static let socket = "/run/containerd/containerd.sock"

    /// By the runtime and the node's agents.
    static let runtime: [Situation] = [
        Situation(
            name: "containerd-sock",
            options: quiet + program + ["--mount", "\(socket):/agent.sock", "--mount", "/run/systemd:/units:ro"],
            act: .program(["be-client", "/agent.sock", "/units/private"]),
            findings: [
                "holds-runtime-socket", "host-path-other", "host-path-runtime-socket", "host-path-systemd",
            ], sign: "holds-runtime-socket"),
        Situation(
            name: "systemd-dbus", place: "containerd-sock", findings: ["holds-service-manager-socket"],
            sign: "holds-service-manager-socket"),
        Situation(
            name: "containerd-orphan",
            act: .container(#"orphan \#(socket) stray | sed 's/.*"container": "\(.*\)", "pid": \([0-9]*\).*/\1 \2/'"#),
            findings: ["orphan-container"], sign: "orphan-container"),
        Situation(
            name: "containerd-orphan-forged-labels", act: .container(forged),
            findings: ["left-pod-cgroup", "orphan-container"],
            sign: "orphan-container"),
        Situation(
            name: "docker-crio-sock", findings: [], absence: { _ in "the node has containerd; see containerd-sock" }),
        Situation(
            name: "abstract-shim-socket", place: "hostnet-sniff",
            act: .onNode("systemd-run -q /run/act listen @/containerd-shim/k8s.io/4f2a/shim.sock"),
            findings: ["abstract-shim-socket"], sign: "abstract-shim-socket"),
        Situation(
            name: "leaky-vessels-record", place: "subpath-symlink",
            act: .onNode(record(#"s/"cwd": *"[^"]*"/"cwd":"\/proc\/self\/fd\/8"/"#)),
            findings: ["leaked-working-directory"], sign: "leaked-working-directory"),
        Situation(
            name: "oci-hook-record", place: "subpath-symlink",
            act: .onNode(record(#"s/^{/{"hooks":{"createRuntime":[{"path":"\/var\/tmp\/hook"}]},/"#)),
            findings: ["runtime-hook"], sign: "runtime-hook"),
        Situation(
            name: "runc-mask-race-bind", place: "subpath-symlink",
            act: .onNode(
                """
                nsenter -t "$1" -m -p -- /bin/sh -ec '
                    touch /setting
                    mount --bind /proc/sys/kernel/core_pattern /setting
                    mount -o remount,bind,rw /setting'
                """),
            findings: ["unmasked-proc"], sign: "unmasked-proc"),
        Situation(
            name: "procfs-of-its-own", place: "hostnet-sniff",
            act: .onNode(#"nsenter -t "$1" -m -p -- /bin/sh -ec 'mkdir /own-proc; mount -t proc none /own-proc'"#),
            findings: ["unmasked-proc"], sign: "unmasked-proc"),
        Situation(
            name: "sysfs-remounted", place: "subpath-symlink",
            act: .onNode(#"nsenter -t "$1" -m -p -- /bin/mount -o remount,rw /sys"#),
            findings: ["host-path-sys"], sign: "host-path-sys"),
        Situation(
            name: "mount-race", place: "subpath-symlink", act: .onNode(#"/run/act place "$1" / /volume"#),
            findings: ["host-path-root"], sign: "host-path-root"),
        Situation(
            name: "subpath-symlink",
            options: quiet + ["--uid", subPathPod, "--mount", "\(subPath):/volume"],
            findings: ["host-path-home"], sign: "host-path-home"),
        Situation(
            name: "image-volume-read", findings: [], absence: { _ in "the runtime copies, and nothing else is left" }),
        Situation(
            name: "kernel-exploit", place: "subpath-symlink", act: .onNode(intruder),
            findings: ["capabilities-beyond-bundle", "seccomp-unconfined"], sign: "capabilities-beyond-bundle"),
        Situation(
            name: "nvidia-toolkit", findings: [],
            absence: { _ in "what it comes to is mount-race or oci-hook-record" }),
        Situation(
            name: "cri-exec-other-pod", findings: [],
            absence: { _ in "what is run so is the other pod's own; see containerd-sock" }),
        Situation(
            name: "kubectl-debug-node", podName: "node-debugger-ip-10-10-1-67-x7k2p",
            options: quiet + ["--host-pid", "--host-network", "--host-ipc", "--mount", "/:/host"],
            act: .first("exec chroot /host /bin/sleep 1d"),
            findings: [
                // Of the row abstract-shim-socket.
                "abstract-shim-socket", "host-ipc-namespace", "host-network-namespace", "host-path-root",
                "host-pid-namespace", "node-debug-pod", "root-in-host-tree",
            ], sign: "node-debug-pod"),
        Situation(
            name: "kubelet-credential-read", place: "hostpath-root-rw",
            act: left("exec cat /host/var/lib/kubelet/kubeconfig"), findings: [], unseen: "reading leaves nothing"),
        Situation(
            name: "imds-access", findings: [], absence: { _ in "it is the network's affair, and not looked at" }),
    ]

    static let subPathPod = "5bb70b2e-7a7e-4a0e-9f6e-3f4f0d1c2b3a"
    /// Where a kubelet mounts a subPath; with CVE-2021-25741 that is a directory of the node's own.
    static let subPath = "/var/lib/kubelet/pods/\(subPathPod)/volume-subpaths/data/main/0"

    /// Changes the container's record by a command of sed.
    private static func record(_ command: String) -> String {
        "sed -i '\(command)' /run/containerd/io.containerd.runtime.v2.task/k8s.io/\"$2\"/config.json"
    }

    /// A container with the annotations of a pod whose sandbox is not there, and with that pod's log directory.
    private static let forged = """
        id=\(String(repeating: "f0", count: 32))
        set -- --annotation io.kubernetes.cri.container-type=container
        for pair in sandbox-id=\(String(repeating: "ab", count: 32)) container-name=main sandbox-namespace=default \\
            sandbox-name=forged sandbox-uid=0b9d4a62-54a8-4a5c-8d53-0d9ef6a3c0f1; do
            set -- "$@" --annotation "io.kubernetes.cri.$pair"
        done
        mkdir -p /var/log/pods/default_forged_0b9d4a62-54a8-4a5c-8d53-0d9ef6a3c0f1/main
        runc=$(sed -n 's/^ *BinaryName = "\\(.*\\)"/\\1/p' /etc/containerd/config.toml)
        [ -z "$runc" ] || set -- "$@" --runc-binary "$runc"
        ctr -n k8s.io run --detach --null-io "$@" --cgroup /k8s.io/forged bench.test/busybox:1 "$id" /bin/sleep 1d
        echo "$id" "$(ctr -n k8s.io tasks list | awk -v id="$id" '$1 == id { print $2 }')"
        """

    /// A process of the pod's, as far as namespaces and cgroups tell, with all capabilities of the node's root.
    private static let intruder = """
        nsenter -t "$1" -m -u -n -i -p -C -- /bin/sleep 1d </dev/null >/dev/null 2>&1 &
        until child=$(pgrep -P $!); do :; done
        while IFS=: read -r number names path; do
            for folder in "/sys/fs/cgroup/${names#name=}" /sys/fs/cgroup/unified /sys/fs/cgroup; do
                [ ! -w "$folder$path/cgroup.procs" ] || { echo "$child" >"$folder$path/cgroup.procs"; break; }
            done
        done <"/proc/$1/cgroup"
        kill -KILL $!
        echo "$child"
        """
}
