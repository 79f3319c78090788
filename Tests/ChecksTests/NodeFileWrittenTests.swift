import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct NodeFileWrittenTests {
    private static func found(
        _ path: String, _ change: FileChange = [.created], in node: Node = .quiet
    ) -> [(id: String, evidence: Evidence)] {
        let event = FileEvent(time: 1000, tid: 4100, path: path, change: change)
        let index = NodeIndex(node)
        return Check.all.compactMap { check in
            check.write?(node.tasks[3], event, 0, index).map { (check.technique.id, $0) }
        }
    }

    static let places: [(path: String, id: String)] = [
        ("/etc/cron.d/x", "cron"), ("/etc/crontab", "cron"), ("/var/spool/cron/crontabs/root", "cron"),
        ("/etc/cron.d", "cron"),
        ("/etc/systemd/system/x.service", "systemd"), ("/etc/systemd/system/x.service.d/o.conf", "systemd"),
        ("/run/systemd/system/x.timer", "systemd"), ("/usr/lib/systemd/system-generators/x", "systemd"),
        ("/etc/kubernetes/manifests/x.yaml", "static-pod"), ("/var/lib/kubelet/config.yaml", "static-pod"),
        ("/etc/eks/image-credential-provider/config.json", "static-pod"),
        ("/opt/cni/bin/x", "cni"), ("/etc/cni/net.d/10-x.conflist", "cni"),
        ("/etc/containerd/config.toml", "runtime"), ("/etc/containerd/certs.d/x.toml", "runtime"),
        ("/etc/ld.so.preload", "loader"), ("/etc/ld.so.conf.d/x.conf", "loader"),
        ("/etc/passwd", "accounts"), ("/etc/sudoers.d/x", "accounts"), ("/etc/pam.d/sshd", "accounts"),
        ("/root/.ssh/authorized_keys", "ssh"), ("/home/ec2-user/.ssh/authorized_keys", "ssh"),
        ("/etc/ssh/sshd_config", "ssh"),
        ("/etc/profile.d/x.sh", "shell-profile"), ("/root/.bashrc", "shell-profile"),
        ("/etc/udev/rules.d/x.rules", "udev"), ("/usr/bin/runc", "binary"), ("/usr/local/bin/kubelet", "binary"),
        ("/etc/breakoutd/config.yaml", "detector"),
        ("/etc/logrotate.d/x", "cron"), ("/etc/logrotate.conf", "cron"), ("/etc/fstab", "systemd"),
        ("/usr/lib/systemd/system-sleep/x", "systemd"), ("/usr/lib/systemd/system-shutdown/x", "systemd"),
        ("/etc/audit/plugins.d/x.conf", "systemd"), ("/etc/rsyslog.d/x.conf", "systemd"),
        ("/etc/rsyslog.conf", "systemd"), ("/etc/dhcp/dhclient.d/x.sh", "systemd"),
        ("/etc/dhcp/dhclient-enter-hooks.d/x", "systemd"), ("/etc/dhcp/dhclient-exit-hooks.d/x", "systemd"),
        ("/etc/NetworkManager/dispatcher.d/x", "systemd"), ("/etc/NetworkManager/dispatcher.d/pre-up.d/x", "systemd"),
        ("/usr/share/dbus-1/system-services/x.service", "systemd"), ("/etc/yum/pluginconf.d/x.conf", "systemd"),
        ("/usr/lib/yum-plugins/x.py", "systemd"), ("/etc/dnf/plugins/x.conf", "systemd"),
        ("/etc/apt/apt.conf.d/99x", "systemd"), ("/etc/sysconfig/kubelet", "static-pod"),
        ("/etc/default/kubelet", "static-pod"),
        ("/usr/libexec/kubernetes/kubelet-plugins/volume/exec/x~y/y", "cni"),
        ("/etc/update-motd.d/x", "shell-profile"),
    ]

    /// Each file is of one place.
    @Test(arguments: places)
    func place(path: String, id: String) throws {
        let found = Self.found(path)
        #expect(found.map(\.id) == ["node-file-written-\(id)"])
        let evidence = try #require(found.first).evidence
        #expect(evidence.key == path && evidence.container == 0)
        #expect(evidence.detail == "pid 4100 (web): \(path) created")
        #expect(evidence.values == ["path": .text(path), "changes": .list(["created"])])
    }

    @Test(arguments: [
        "/etc/hosts", "/etc/resolv.conf", "/etc/default/grub", "/etc/sysconfig/network", "/tmp/x", "/home/user/x",
        "/var/lib/kubelet/plugins_registry/x.sock",
    ])
    func elsewhere(path: String) { #expect(Self.found(path).isEmpty) }

    /// A directory above some files is renamed, or put in the place of another.
    static let moved: [(path: String, id: String?)] = [
        ("/var/spool", "cron"), ("/etc", "cron"), ("/opt/cni", "cni"), ("/root", "ssh"), ("/home/user", "ssh"),
        ("/usr", "detector"), ("/etc/cron.d", "cron"), ("/etc/systemd", "systemd"), ("/srv", nil),
        ("/home/user/.config", nil), ("/var/lib/kubelet/pods", nil), ("/etc/hosts", nil),
    ]

    @Test(arguments: moved) func directoryAbove(path: String, id: String?) {
        for change in [FileChange.movedAway, .movedHere, [.movedHere, .attributes]] {
            let found = Self.found(path, change)
            #expect(found.map(\.id) == (id.map { ["node-file-written-\($0)"] } ?? []), "\(change.words)")
            #expect(found.allSatisfy { $0.evidence.key == path })
        }
    }

    /// Of a directory above nothing else tells, as that it is made or gets another mode.
    @Test(arguments: ["/var/spool", "/home/user", "/opt/cni"]) func directoryAboveThatStays(path: String) {
        #expect(Self.found(path, [.created, .attributes, .deleted]).isEmpty)
    }

    @Test func whatWasDone() throws {
        let evidence = try #require(Self.found("/etc/passwd", [.modified, .closed]).first).evidence
        #expect(evidence.detail == "pid 4100 (web): /etc/passwd modified, closed after writing")
    }

    @Test func content() throws {
        let event = FileEvent(time: 1, tid: 4100, path: "/etc/passwd", change: .closed, sha256: "ab12")
        let index = NodeIndex(.quiet)
        let evidence = Check.all.compactMap { $0.write?(Node.quiet.tasks[3], event, 0, index) }
        #expect(evidence.map(\.detail) == ["pid 4100 (web): /etc/passwd closed after writing, sha256 ab12"])
        #expect(evidence.first?.values["sha256"] == .text("ab12"))
    }

    static let declarations: [(name: String, mount: BundleMount?, declaration: Declaration)] = [
        ("not mounted", nil, .undeclared),
        ("mounted", mount("/etc"), .declaredByRuntime),
        ("the root", mount("/"), .declaredByRuntime),
        ("the file itself", mount("/etc/cron.d/x"), .declaredByRuntime),
        ("another directory", mount("/etc/cron.daily"), .undeclared),
        ("read-only", mount("/etc", ["rbind", "ro"]), .undeclared),
        ("no bind", mount("/etc", ["rw"]), .undeclared),
    ]

    private static func mount(_ source: String, _ options: [String] = ["rbind", "rw"]) -> BundleMount {
        BundleMount(destination: "/host", type: "bind", source: source, options: options)
    }

    @Test(arguments: declarations)
    func declared(name: String, mount: BundleMount?, declaration: Declaration) throws {
        let node = Node.quiet.changingBundle { $0.mounts += mount.map { [$0] } ?? [] }
        #expect(try #require(Self.found("/etc/cron.d/x", in: node).first).evidence.declaration == declaration)
    }

    @Test func withoutARecord() throws {
        let node = Node.quiet.changingContainer { $0.bundle = nil }
        #expect(try #require(Self.found("/etc/cron.d/x", in: node).first).evidence.declaration == .unknown)
    }

    /// Patterns of paths are as the watch takes them.
    @Test func table() {
        #expect(Set(Check.watchedPaths).count == Check.watchedPaths.count)
        for path in Check.watchedPaths {
            #expect(path.directory.hasPrefix("/") && !path.directory.hasSuffix("/"), "\(path.directory)")
            #expect(path.names.allSatisfy { !$0.contains("/") && !$0.contains("*") })
        }
    }
}
