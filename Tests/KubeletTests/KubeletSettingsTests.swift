import TestSupport
import Testing

@testable import Kubelet

@Suite struct KubeletSettingsTests {
    static let arguments: [(words: [String], name: String?, kubeconfig: String?)] = [
        (["kubelet", "--hostname-override=ip-10-0-0-1.ec2.internal"], "ip-10-0-0-1.ec2.internal", nil),
        (["kubelet", "--hostname-override", "i-0abc", "--kubeconfig", "/etc/k"], "i-0abc", "/etc/k"),
        (["kubelet", "--hostname-override=a", "--hostname-override=b"], "b", nil),
        (["kubelet", "--kubeconfig=relative", "--hostname-override="], nil, nil),
        (["kubelet", "--hostname-override"], nil, nil),
        ([], nil, nil),
    ]

    @Test(arguments: arguments)
    func words(words: [String], name: String?, kubeconfig: String?) {
        #expect(KubeletSettings.parse(words) == KubeletSettings(nodeName: name, kubeconfig: kubeconfig))
    }

    static let files: [(path: String, text: String)] = [
        (
            "etc/eks/kubelet/environment",
            "NODEADM_KUBELET_ARGS=--v=2 --hostname-override=ip-10-0-0-7.ec2.internal --kubeconfig=/var/lib/kubelet/kubeconfig\n"
        ),
        (
            "etc/systemd/system/kubelet.service.d/10-kubelet-args.conf",
            "[Service]\nEnvironment='KUBELET_ARGS=--hostname-override=ip-10-0-0-7.ec2.internal --kubeconfig /var/lib/kubelet/kubeconfig --v=2'\n"
        ),
    ]

    @Test(arguments: files)
    func argumentFiles(path: String, text: String) throws {
        try TemporaryDirectory.with { folder in
            try folder.file(path, text)
            let settings = KubeletSettings.read(proc: folder.path + "/proc", root: folder.path)
            #expect(
                settings
                    == KubeletSettings(nodeName: "ip-10-0-0-7.ec2.internal", kubeconfig: "/var/lib/kubelet/kubeconfig"))
        }
    }

    @Test func usualPlaces() throws {
        try TemporaryDirectory.with { folder in
            #expect(KubeletSettings.read(proc: folder.path, root: folder.path) == KubeletSettings())
            try folder.file("etc/kubernetes/kubelet/kubeconfig", "x")
            #expect(
                KubeletSettings.read(proc: folder.path, root: folder.path).kubeconfig
                    == "/etc/kubernetes/kubelet/kubeconfig")
        }
    }

    /// The kubelet's own words count before its files, and a container's process of that name is none.
    @Test func runningKubelet() throws {
        try TemporaryDirectory.with { folder in
            try folder.file("etc/eks/kubelet/environment", "NODEADM_KUBELET_ARGS=--hostname-override=from-file\n")
            func process(
                _ pid: Int, _ comm: String, mount: String, users: String = "0\t0\t0\t0", _ arguments: [String]
            ) throws {
                try folder.file("proc/\(pid)/status", "Name:\t\(comm)\nUid:\t\(users)\nGid:\t0\t0\t0\t0\n")
                try folder.file("proc/\(pid)/comm", comm + "\n")
                try folder.file("proc/\(pid)/cmdline", arguments.joined(separator: "\0") + "\0")
                for (name, target) in [("mnt", mount), ("pid", "pid:[1]")] {
                    try folder.link("proc/\(pid)/ns/\(name)", to: target)
                }
            }
            try process(1, "systemd", mount: "mnt:[1]", ["/sbin/init"])
            try process(30, "kubelet", mount: "mnt:[9]", ["kubelet", "--hostname-override=from-container"])
            for (pid, users) in [(31, "1000\t1000\t1000\t1000"), (32, "1000\t0\t0\t0"), (33, "0\t1000\t0\t0")] {
                try process(pid, "kubelet", mount: "mnt:[1]", users: users, ["kubelet", "--hostname-override=user"])
            }
            #expect(KubeletSettings.read(proc: folder.path + "/proc", root: folder.path).nodeName == "from-file")
            try process(40, "kubelet", mount: "mnt:[1]", ["/usr/bin/kubelet", "--hostname-override", "from-kubelet"])
            #expect(KubeletSettings.read(proc: folder.path + "/proc", root: folder.path).nodeName == "from-kubelet")
        }
    }

    private static let bad: [(make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String)] = [
        ({ try $0.fifo($1) }, "not a regular file but fifo"),
        ({ try $0.directory($1) }, "not a regular file but directory"),
        ({ try $0.sparseFile($1, size: 2 << 20) }, "longer than the limit"),
        ({ try $0.link($1, to: "kubeconfig") }, "Too many levels of symbolic links"),
    ]

    /// What is there and cannot be read is not the same as what is not there.
    @Test func unreadableFiles() throws {
        for (make, reason) in Self.bad {
            try TemporaryDirectory.with { folder in
                try make(folder, "var/lib/kubelet/kubeconfig")
                let settings = KubeletSettings.read(proc: folder.path, root: folder.path)
                #expect(settings == KubeletSettings(unreadKubeconfigs: ["/var/lib/kubelet/kubeconfig: \(reason)"]))
            }
            try TemporaryDirectory.with { folder in
                let path = "etc/systemd/system/kubelet.service.d/10-kubelet-args.conf"
                try make(folder, path)
                try folder.link("etc/systemd/system/kubelet.service.d/kubeconfig", to: "10-kubelet-args.conf")
                let settings = KubeletSettings.read(proc: folder.path, root: folder.path)
                #expect(settings == KubeletSettings(unreadArguments: ["/\(path): \(reason)"]))
            }
        }
    }

    /// An older file that can be read is taken instead.
    @Test func theNextKubeconfig() throws {
        try TemporaryDirectory.with { folder in
            try folder.fifo("var/lib/kubelet/kubeconfig")
            try folder.file("etc/kubernetes/kubelet.conf", "x")
            let settings = KubeletSettings.read(proc: folder.path, root: folder.path)
            #expect(settings.kubeconfig == "/etc/kubernetes/kubelet.conf" && settings.unreadKubeconfigs.count == 1)
        }
    }

    /// The namespaces of PID 1 tell which kubelet is the node's own.
    @Test func unreadableProcesses() throws {
        try TemporaryDirectory.with { folder in
            try folder.file("proc/1/ns/mnt")
            let settings = KubeletSettings.read(proc: folder.path + "/proc", root: folder.path)
            #expect(settings.unreadArguments == ["the kubelet in \(folder.path)/proc: Invalid argument"])
        }
    }
}
