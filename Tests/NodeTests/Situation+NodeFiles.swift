extension Situation {
    /// Files of the node that one of its programs acts on, all written by one pod that has a hostPath for each.
    static let nodeFiles: [Situation] =
        [
            Situation(
                name: "cron-injection",
                options: quiet + program
                    + ["/etc", "/usr", "/opt", "/root", "/var/lib/kubelet"].flatMap { ["--mount", "\($0):/host\($0)"] },
                act: .later(files.map { $0.script }.joined(separator: "\n")),
                findings: [
                    "host-path-binaries", "host-path-etc", "host-path-home", "host-path-kubelet", "host-path-other",
                    "node-file-changed-cron",
                ], sign: "node-file-changed-cron", deed: "node-file-written-cron", detail: "/etc/cron.d/x ")
        ]
        + files.dropFirst().map { file in
            Situation(
                name: file.name, place: "cron-injection", findings: ["node-file-changed-\(file.kind)"],
                sign: "node-file-changed-\(file.kind)",
                // A driver makes such a socket all the time: only the baseline tells.
                deed: file.kind == "plugin-socket" ? nil : "node-file-written-\(file.kind)", detail: file.path)
        } + [
            Situation(
                name: "log-symlink-write", place: "hostpath-root-rw",
                act: .later("cd /host/var/log/pods/default_hostpath-root-rw_*/main; ln -s /etc/shadow 1.log"),
                findings: ["log-link-outside"], sign: "log-link-outside")
        ]

    /// The catalogue's name, the file, the kind of files that it is one of, and how it is written.
    private static let files: [(name: String, path: String, kind: String, script: String)] = [
        file("cron-injection", "/etc/cron.d/x", "cron"),
        file("static-pod-manifest", "/etc/kubernetes/manifests/x.yaml", "static-pod"),
        file("systemd-unit-write", "/etc/systemd/system/x.service", "systemd"),
        file("ssh-authorized-keys", "/root/.ssh/authorized_keys", "ssh"),
        file("passwd-sudoers-pam", "/etc/sudoers.d/x", "accounts"),
        file("ld-preload", "/etc/ld.so.preload", "loader"),
        file("shell-profile", "/etc/profile.d/x.sh", "shell-profile"),
        file("udev-rule", "/etc/udev/rules.d/x.rules", "udev"),
        file("request-key", "/etc/request-key.d/x.conf", "udev"),
        file("host-binary-replace", "/usr/local/bin/x", "binary"),
        (
            "runc-overwrite", "/usr/sbin/runc", "binary",
            """
            cp -p /host/usr/sbin/runc /host/usr/sbin/runc.new
            echo >>/host/usr/sbin/runc.new
            mv /host/usr/sbin/runc.new /host/usr/sbin/runc
            """
        ),
        file("runtime-config-write", "/etc/containerd/certs.d/x/hosts.toml", "runtime"),
        file("cni-plugin-write", "/opt/cni/bin/x", "cni"),
        file("credential-provider-write", "/etc/eks/image-credential-provider/config.json", "static-pod"),
        file("kubelet-config-write", "/var/lib/kubelet/config.yaml", "static-pod"),
        listener("csi-registration", "/var/lib/kubelet/plugins_registry/x.sock"),
        listener("device-plugin-registration", "/var/lib/kubelet/device-plugins/x.sock"),
        file("breakoutd-tamper", "/etc/breakoutd/x.yaml", "detector"),
    ]

    /// A blank line, which does nothing to whoever reads it.
    private static func file(
        _ name: String, _ path: String, _ kind: String
    ) -> (name: String, path: String, kind: String, script: String) {
        (name, path, kind, "echo >/host\(path)")
    }

    private static func listener(
        _ name: String, _ path: String
    ) -> (name: String, path: String, kind: String, script: String) {
        (name, path, "plugin-socket", "(exec /act listen /host\(path)) </dev/null >/dev/null 2>&1 &")
    }
}
