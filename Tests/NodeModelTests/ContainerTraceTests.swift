import NodeModel
import TestSupport
import Testing

@Suite struct ContainerTraceTests {
    private static let uid = "11111111-2222-3333-4444-555555555555"

    static let rows: [(root: String, point: String, trace: ContainerTrace?)] = [
        ("/var/lib/kubelet/pods/\(uid)/etc-hosts", "/etc/hosts", ContainerTrace(podUID: uid)),
        // The pod's directory is gone, or on a disk of its own.
        ("/var/lib/kubelet/pods/\(uid)/etc-hosts//deleted", "/etc/hosts", ContainerTrace(podUID: uid)),
        ("/pods/\(uid)/etc-hosts", "/etc/hosts", ContainerTrace(podUID: uid)),
        (
            "/var/lib/kubelet/pods/\(uid)/containers/web/1a2b", "/dev/termination-log",
            ContainerTrace(podUID: uid, container: "web")
        ),
        (
            "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/b2/hostname", "/etc/hostname",
            ContainerTrace(sandboxID: "b2")
        ),
        (
            "/io.containerd.grpc.v1.cri/sandboxes/b2/resolv.conf//deleted", "/etc/resolv.conf",
            ContainerTrace(sandboxID: "b2")
        ),
        ("/var/lib/kubelet/pods/\(uid)/volumes/kubernetes.io~empty-dir/e", "/etc/hosts", nil),
        ("/var/lib/kubelet/pods/\(uid)/containers", "/dev/termination-log", nil),
        ("/var/lib/kubelet/pods", "/etc/hosts", nil), ("/var/lib/kubelet/pods/\(uid)", "/etc/hosts", nil),
        // The same files anywhere else: somebody has mounted the kubelet's directory.
        ("/var/lib/kubelet/pods/\(uid)/etc-hosts", "/mnt/hosts", nil),
        ("/sandboxes/b2/hostname", "/etc/hostname", nil), ("/x/sandboxes/b2/hostname", "/etc/hostname", nil),
        ("/io.containerd.grpc.v1.cri/sandboxes/b2", "/etc/hostname", nil), ("/", "/dev/shm", nil),
    ]

    private static func table(_ root: String, _ point: String, _ type: String = "xfs", _ options: [String] = [])
        -> MountTable
    {
        MountTable(
            namespace: NamespaceID(rawValue: 1), pid: 1,
            mounts: [
                Mount(
                    id: 1, parentID: 0, device: DeviceNumber(major: 259, minor: 1), root: root, mountPoint: point,
                    fileSystemType: type, source: "x", superOptions: options)
            ])
    }

    @Test(arguments: rows) func trace(root: String, point: String, trace: ContainerTrace?) {
        #expect(Self.table(root, point).traceOfContainer == trace)
    }

    @Test func traceOfSeveral() {
        var table = MountTable(namespace: NamespaceID(rawValue: 1), pid: 1, mounts: Mount.quietContainer)
        #expect(
            table.traceOfContainer == ContainerTrace(podUID: QuietIDs.podUID, sandboxID: QuietIDs.sandbox))
        table.mounts = []
        #expect(table.traceOfContainer == nil && !table.hasRootOfContainer)
    }

    static let roots: [(root: String, point: String, type: String, options: [String], isContainers: Bool)] = [
        (
            "/", "/", "overlay",
            ["rw", "lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs"], true
        ),
        ("/", "/", "overlay", ["rw", "upperdir=/var/lib/docker/overlay2/x/diff"], true),
        ("/", "/", "overlay", ["rw", "lowerdir=/var/lib/containers/storage/overlay/l/X"], true),
        ("/var/lib/containerd/io.containerd.snapshotter.v1.native/snapshots/3", "/", "xfs", [], true),
        ("/", "/", "overlay", ["lowerdir=/usr/share/live"], false), ("/", "/", "xfs", ["rw"], false),
        ("/", "/", "squashfs", ["ro"], false), ("/", "/", "tmpfs", [], false),
        // Not its root.
        ("/", "/mnt", "overlay", ["lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/x"], false),
    ]

    @Test(arguments: roots)
    func root(root: String, point: String, type: String, options: [String], isContainers: Bool) {
        #expect(Self.table(root, point, type, options).hasRootOfContainer == isContainers)
    }

    static let tasks: [(name: String, change: @Sendable (inout Node) -> Void, isSurvivor: Bool)] = [
        ("container gone", { _ in }, true),
        ("known", { $0.tasks[3].container = 0 }, false),
        ("ends", { $0.tasks[3].isExiting = true }, false),
        ("starts", { $0.tasks[3].isStarting = true }, false),
        ("kernel thread", { $0.tasks[3].isKernelThread = true }, false),
        ("in the node's mounts", { $0.tasks[3].namespaces[.mount] = NamespaceSet.host[.mount] }, false),
        ("mounts not read", { $0.mountTables = [] }, false),
        ("no reference", { $0.host.reference = nil }, false),
        (
            "a service with files of its own",
            { node in
                node.mountTables[0].mounts = [node.mountTables[0].mounts[0]]
            }, false
        ),
        ("with the node's own root", { $0.mountTables[0].mounts[0] = $0.host.mounts[0] }, false),
    ]

    @Test(arguments: tasks)
    func survivors(name: String, change: @Sendable (inout Node) -> Void, isSurvivor: Bool) {
        let node = Node.quiet.changing { node in
            node.tasks.removeLast()
            for index in node.tasks.indices { node.tasks[index].container = nil }
            change(&node)
        }
        #expect(NodeIndex(node).survivors.map(\.task.pid) == (isSurvivor ? [4100] : []))
    }
}
