import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct KernelHelperRunTests {
    static let helpers: [(path: String, isTold: Bool)] = [
        ("/sbin/modprobe", false), ("/usr/sbin/modprobe", false), ("/lib/systemd/systemd-coredump", false),
        ("/usr/lib/systemd/systemd-cgroups-agent", false), ("/sbin/request-key", false), ("", false),
        ("(fault)", false), ("modprobe", false),
        // A link on the way leads elsewhere, whatever the path comes to.
        ("/tmp/link/../../sbin/modprobe", true),
        ("/tmp/modprobe", true), ("/sbin/modprobe/../../tmp/x", true), ("/bin/sh", true),
        ("/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs/cmd", true), ("/", true),
    ]

    @Test(arguments: helpers)
    func judged(path: String, isTold: Bool) {
        let deed = TaskAct.Deed.called(.helper(path: path))
        #expect((Check.kernelHelperRun.evidence(of: deed) != nil) == isTold)
        #expect(NodeIndex(.quiet).isOfConcern(deed) == isTold)
    }

    /// Of a container, where one of its tasks is the cause; a thread of the kernel is nobody's.
    @Test(arguments: [0, nil] as [Int?])
    func whose(container: Int?) {
        let found = Check.kernelHelperRun.evidence(of: .called(.helper(path: "/tmp/x")), container: container)
        #expect(found?.container == container && found?.key == "/tmp/x")
        #expect(found?.detail == "the kernel ran /tmp/x, on account of pid 4100 (web)")
    }
}
