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
            func process(_ pid: Int, _ comm: String, mount: String, _ arguments: [String]) throws {
                try folder.file("proc/\(pid)/comm", comm + "\n")
                try folder.file("proc/\(pid)/cmdline", arguments.joined(separator: "\0") + "\0")
                for (name, target) in [("mnt", mount), ("pid", "pid:[1]")] {
                    try folder.link("proc/\(pid)/ns/\(name)", to: target)
                }
            }
            try process(1, "systemd", mount: "mnt:[1]", ["/sbin/init"])
            try process(30, "kubelet", mount: "mnt:[9]", ["kubelet", "--hostname-override=from-container"])
            #expect(KubeletSettings.read(proc: folder.path + "/proc", root: folder.path).nodeName == "from-file")
            try process(40, "kubelet", mount: "mnt:[1]", ["/usr/bin/kubelet", "--hostname-override", "from-kubelet"])
            #expect(KubeletSettings.read(proc: folder.path + "/proc", root: folder.path).nodeName == "from-kubelet")
        }
    }
}
