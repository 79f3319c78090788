import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct RuntimeHookTests {
    private static func hook(_ path: String, _ node: Node = .quiet) -> Node {
        node.changingBundle { $0.hooks = [path] }
    }

    private static let driver = "/usr/bin/nvidia-container-runtime-hook"

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("none", .quiet, []),
        ("a driver's", hook(driver), []),
        ("the GPU operator's", hook("/usr/local/nvidia/toolkit/nvidia-ctk"), []),
        (
            "a driver's name elsewhere", hook("/tmp/nvidia-container-runtime-hook"),
            [
                Told(
                    .undeclared, nil,
                    "/tmp/nvidia-container-runtime-hook: in a directory that everybody may write to")
            ]
        ),
        (
            "unknown", hook("/usr/local/bin/hook"),
            [Told(.undeclared, .inertResidue, "/usr/local/bin/hook: not one of the known hooks")]
        ),
        (
            "in a layer", hook("/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs/x"),
            [
                Told(
                    .undeclared, nil,
                    "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs/x: "
                        + "in the file system of a container")
            ]
        ),
        (
            "in a layer of docker's", hook("/var/lib/docker/overlay2/7/diff/x"),
            [Told(.undeclared, nil, "/var/lib/docker/overlay2/7/diff/x: in the file system of a container")]
        ),
        (
            "in a root file system", hook("/run/containerd/io.containerd.runtime.v2.task/k8s.io/a/rootfs/x"),
            [
                Told(
                    .undeclared, nil,
                    "/run/containerd/io.containerd.runtime.v2.task/k8s.io/a/rootfs/x: in the file system of a container"
                )
            ]
        ),
        (
            "in a volume", hook("/var/lib/kubelet/pods/u/volumes/kubernetes.io~empty-dir/x/y"),
            [
                Told(
                    .undeclared, nil,
                    "/var/lib/kubelet/pods/u/volumes/kubernetes.io~empty-dir/x/y: in the volume of a pod")
            ]
        ),
        (
            "where a pod may write", hook("/opt/x/hook", HostPathMountsTests.mounting("/opt")),
            [Told(.undeclared, nil, "/opt/x/hook: shop/web-0 may write to it, by its mount of /opt")]
        ),
        (
            "where a pod may read", hook("/opt/x/hook", HostPathMountsTests.mounting("/opt", options: ["ro"])),
            [Told(.undeclared, .inertResidue, "/opt/x/hook: not one of the known hooks")]
        ),
        // Some agent has the whole tree on most nodes.
        ("a driver's where a pod may write", hook(driver, HostPathMountsTests.mounting("/")), []),
        (
            "docker's own", hook("/proc/900/exe").changing { $0.tasks[1].executable = "/usr/bin/dockerd" }, []
        ),
        (
            "another program's by its process", hook("/proc/900/exe"),
            [Told(.undeclared, .inertResidue, "/proc/900/exe: not one of the known hooks")]
        ),
        (
            "a container's that calls itself docker",
            hook("/proc/4100/exe").changingTask { $0.executable = "/usr/bin/dockerd" },
            [Told(.undeclared, .inertResidue, "/proc/4100/exe: not one of the known hooks")]
        ),
    ]

    @Test(arguments: cases)
    func told(name: String, node: Node, told: [Told]) { #expect(Check.runtimeHook.told(node) == told) }

    @Test func oneForEachProgram() {
        let node = Node.quiet.changingBundle { $0.hooks = ["/b", "/a", "/b"] }
        #expect(Check.runtimeHook.found(node).map(\.key) == ["/a", "/b"])
        #expect(Check.runtimeHook.found(node).map(\.container) == [0, 0])
    }
}
