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
}
