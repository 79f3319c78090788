import NodeModel
import TestSupport
import Testing

@Suite struct NodeIndexFilesTests {
    private static let disk = DeviceNumber(major: 259, minor: 1)
    private static let root = FileIdentity(mount: 22, device: disk, inode: 2, kind: .directory)

    private static let node = Node.quiet.changing { node in
        node.taskFiles = [3, 4].map { TaskFiles(task: node.tasks[$0].key, root: root) }
        node.host.files = [HostFile(path: "/", file: root)]
    }

    static let tasks: [(name: String, node: Node, threads: [Int32])] = [
        ("all", node, [4100, 4101]),
        ("not read", .quiet, []),
        ("starting", node.changingTask { $0.isStarting = true }, [4101]),
        ("in the host's mounts", node.changingTask { $0.namespaces[.mount] = NamespaceSet.host[.mount] }, [4101]),
        (
            "in mounts made from the host's",
            node.changingTask { $0.namespaces[.mount] = Node.serviceMounts }.withService(), [4101]
        ),
        ("in unknown mounts", node.changingTask { $0.namespaces[.mount] = nil }, [4101]),
        // The number is another task's by now.
        ("started later", node.changingTask { $0.startTime += 1 }, [4101]),
    ]

    @Test(arguments: tasks)
    func filesOfAContainer(name: String, node: Node, threads: [Int32]) {
        #expect(NodeIndex(node).files(of: 0).map(\.task.tid) == threads)
        #expect(NodeIndex(node).files(of: 1).isEmpty)
    }

    @Test func mountsOfFiles() {
        let index = NodeIndex(Self.node)
        let task = Self.node.tasks[3]
        #expect(index.hostMount(of: Self.root, task)?.mountPoint == "/" && index.ownMount(of: Self.root, task) == nil)
        var file = Self.root
        file.mount = 703
        #expect(index.hostMount(of: file, task) == nil && index.ownMount(of: file, task)?.mountPoint == "/etc/hosts")
        file.mount = 999
        #expect(index.hostMount(of: file, task) == nil && index.ownMount(of: file, task) == nil)
        // An id that both namespaces have is the task's own.
        let both = Self.node.changing { $0.mountTables[0].mounts[1].id = 22 }
        #expect(NodeIndex(both).hostMount(of: Self.root, task) == nil)
        #expect(NodeIndex(both).ownMount(of: Self.root, task)?.mountPoint == "/proc")
    }

    @Test func directoriesOfTheNode() {
        let index = NodeIndex(Self.node)
        var file = Self.root
        file.mount = 703
        #expect(index.hostDirectory(file) == "/")
        file.inode = 3
        #expect(index.hostDirectory(file) == nil)
        (file.inode, file.kind) = (2, .regular)
        #expect(index.hostDirectory(file) == nil)
        #expect(NodeIndex(.quiet).hostDirectory(Self.root) == nil)
    }

    @Test func pathsOfMounts() throws {
        let index = NodeIndex(Self.node)
        var mount = try #require(Self.node.mountTables[0].mounts.first { $0.id == 703 })
        mount.root = "/usr/bin"
        #expect(index.hostPath(of: mount, container: 0) == "/usr/bin")
        mount.device = DeviceNumber(major: 0, minor: 320)
        #expect(index.hostPath(of: mount, container: 0) == nil)
    }

    static let reaches: [(reach: String?, change: @Sendable (inout Node) -> Void, told: Bool)] = [
        (nil, { _ in }, false),
        ("/", { _ in }, true),
        ("/usr/share", { _ in }, true),
        ("/var/lib/kubelet/pods/\(QuietIDs.podUID)/volumes/kubernetes.io~empty-dir/data", { _ in }, false),
        ("/var/lib/kubelet/pods/0d15f723-5663-47c5-acb1-bf3fc445e614/volumes/x/y", { _ in }, true),
        ("/var/lib/kubelet/plugins/kubernetes.io/csi/x/globalmount", { _ in }, false),
        ("/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/\(QuietIDs.sandbox)/hostname", { _ in }, false),
        // The root of a container where the snapshotter makes no overlay.
        ("/var/lib/containerd/io.containerd.snapshotter.v1.native/snapshots/9", { _ in }, true),
        (
            "/var/lib/containerd/io.containerd.snapshotter.v1.native/snapshots/9",
            { $0.containers[0].rootDevice = nil }, false
        ),
        ("/opt/data/x", asking(for: "/opt/data"), false),
        ("/opt/database", asking(for: "/opt/data"), true),
        // A mount of all of the node's tree is in the container's table.
        ("/", asking(for: "/"), true),
        ("/usr/share", asking(for: "/"), false),
    ]

    private static func asking(for source: String) -> @Sendable (inout Node) -> Void {
        { node in
            node.containers[0].bundle?.mounts.append(
                BundleMount(destination: "/data", type: "bind", source: source, options: ["rbind"]))
        }
    }

    @Test(arguments: reaches)
    func reachOfStrayMounts(reach: String?, change: @Sendable (inout Node) -> Void, told: Bool) {
        var file = Self.root
        (file.mount, file.reach) = (999, reach)
        #expect(NodeIndex(Self.node.changing(change)).strayReach(of: file, container: 0) == (told ? reach : nil))
    }
}
