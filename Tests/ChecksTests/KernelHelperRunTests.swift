import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct KernelHelperRunTests {
    static let helpers: [(path: String, isTold: Bool)] = [
        ("/sbin/modprobe", false), ("/usr/sbin/modprobe", false), ("/lib/systemd/systemd-coredump", false),
        ("/usr/lib/systemd/systemd-cgroups-agent", false), ("/sbin/bridge-stp", false), ("", false),
        ("/sbin/reboot", false), ("none", false),
        // From the root, and only there.
        ("sbin/modprobe", false), ("modprobe", true), ("proc/812/root/x", true), ("/none", true),
        ("bpfilter_umh", true),
        ("(fault)", true),
        // A word that a setting has for no program.
        ("/disabled", true), ("disabled", true), ("/drbdadm", true),
        // A link on the way leads elsewhere, whatever the path comes to.
        ("/tmp/link/../../sbin/modprobe", true), ("tmp/link/../../sbin/modprobe", true),
        ("/tmp/modprobe", true), ("/sbin/modprobe/../../tmp/x", true), ("/bin/sh", true),
        ("/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs/cmd", true), ("/", true),
    ]

    @Test(arguments: helpers)
    func judged(path: String, isTold: Bool) {
        let deed = TaskAct.Deed.called(.helper(path: path, arguments: ["", "-q", "--", "fs-e"]))
        #expect((Check.kernelHelperRun.evidence(of: deed) != nil) == isTold)
        #expect(NodeIndex(.quiet).isOfConcern(deed) == isTold)
    }

    /// A usual program does what whoever set core_pattern has it do.
    static let calls: [(path: String, arguments: [String], isTold: Bool)] = [
        ("/sbin/modprobe", ["-q", "--", "fs-e"], false), ("/sbin/modprobe", ["-q", "--", "/pro"], true),
        ("/sbin/modprobe", ["-q", "--", "/\u{301}x"], true), ("/sbin/drbdadm", ["-\u{301}c", ""], true),
        ("/sbin/modprobe", ["-q", "--", "./x."], true), ("/sbin/modprobe", ["-q", "--"], false),
        ("/sbin/modprobe", ["-q", "-C"], true),
        ("/usr/bin/modprobe", ["-C", "/pro"], true), ("sbin/modprobe", ["-qC", "--"], true),
        ("/sbin/modprobe", ["", ""], true), ("/sbin/modprobe", ["x", ""], true), ("/sbin/modprobe", [], true),
        ("/sbin/request-key", ["crea", "1234"], false), ("/sbin/request-key", ["-l", "crea"], true),
        ("/usr/sbin/lctl", ["set_", "llit"], false), ("/usr/sbin/lctl", ["", ""], true),
        ("/sbin/drbdadm", ["befo", "r0"], false), ("/sbin/drbdadm", ["-c", "/tmp"], true),
        ("/sbin/nfsdcltrack", ["init", ""], false), ("/sbin/nfsdcltrack", ["-s", "/tmp"], true),
        ("/lib/systemd/systemd-coredump", ["812", "0"], false), ("/usr/share/apport/apport", ["-p81", "-s6"], false),
        ("/sbin/poweroff", ["", ""], false), ("/bin/false", ["-x", ""], false),
    ]

    @Test(arguments: calls)
    func called(path: String, arguments: [String], isTold: Bool) {
        let deed = TaskAct.Deed.called(.helper(path: path, arguments: ["/sbi"] + arguments))
        let found = Check.kernelHelperRun.evidence(of: deed)
        #expect(NodeIndex(.quiet).isOfConcern(deed) == isTold)
        let told = "the kernel ran \(path) otherwise than it does by itself, on account of pid 4100 (web)"
        #expect(found?.detail == (isTold ? told : nil))
    }

    /// What is in the kernel has another name, or none; a setting may name a file of any name.
    @Test(arguments: [("", false), ("bpfi", false), ("none", true), ("/non", true)])
    func inTheKernel(name: String, isTold: Bool) {
        #expect(Check.isUnusualHelper("none", [name, "", "", ""]) == isTold)
    }

    /// Of a container, where one of its tasks is the cause; a thread of the kernel is nobody's.
    @Test(arguments: [0, nil] as [Int?])
    func whose(container: Int?) {
        let found = Check.kernelHelperRun.evidence(
            of: .called(.helper(path: "/tmp/x", arguments: ["", ""])), container: container)
        #expect(found?.container == container && found?.key == "/tmp/x")
        #expect(found?.detail == "the kernel ran /tmp/x, on account of pid 4100 (web)")
    }
}
