import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct EnteredForeignNamespaceTests {
    @Test(arguments: [NamespaceKind.mount, .pid, .network, .ipc, .uts, .cgroup])
    func anotherPods(kind: NamespaceKind) throws {
        let theirs = try #require(Node.twoPods.tasks[6].namespaces[kind])
        let node = Node.twoPods.changing { $0.tasks[4].namespaces[kind] = theirs }
        let evidence = Check.enteredForeignNamespace.found(node)
        #expect(evidence.map(\.container) == [0])
        #expect(evidence.map(\.key) == [kind.rawValue])
        #expect(
            evidence.map(\.detail) == [
                "tid 4101 of pid 4100 (web-worker): ns/\(kind.rawValue) \(theirs) belongs to shop/db-0"
            ])
        #expect(evidence.first?.values["otherPod"] == .text("shop/db-0"))
        #expect(Check.enteredForeignNamespace.found(node.changing { $0.tasks[4].isStarting = true }) == [])
        #expect(Check.enteredForeignNamespace.found(node.changing { $0.host.reference = nil }) == [])
    }

    static let silent: [(name: String, node: Node)] = [
        ("its pod's other container", .twoPods.changing { $0.tasks[4].namespaces = $0.tasks[2].namespaces }),
        ("one of its own", .twoPods.changing { $0.tasks[4].namespaces[.mount] = NamespaceID(rawValue: 4_026_539_999) }),
        ("not read", .twoPods.changing { $0.tasks[4].namespaces = NamespaceSet() }),
        (
            "nobody's task",
            .twoPods.changing {
                $0.tasks[4].namespaces = $0.tasks[6].namespaces
                $0.tasks[4].container = nil
            }
        ),
    ]

    @Test(arguments: silent)
    func saysNothing(name: String, node: Node) { #expect(Check.enteredForeignNamespace.found(node) == []) }

    /// A container that was made by hand belongs to no pod, so each is another's.
    @Test func plainContainer() {
        let node = Node.twoPods.changingContainer {
            $0.kind = .plain
            $0.pod = nil
            $0.sandboxID = nil
        }
        #expect(Check.enteredForeignNamespace.found(node).map(\.key) == ["net", "ipc", "uts", "cgroup"])
        let unknown = node.changingContainer { $0.kind = .unknown }
        #expect(Check.enteredForeignNamespace.found(unknown) == [])
    }

    /// The runtime's own mount of the root tells whose namespace it is, before any process does.
    @Test func mountNamespaceByItsRoot() throws {
        let node = Node.twoPods.changing { node in
            let theirs = NamespaceID(rawValue: 4_026_532_777)
            node.mountTables.append(
                MountTable(
                    namespace: theirs, pid: 4101,
                    mounts: [
                        Mount(
                            id: 1, parentID: 0, device: DeviceNumber(major: 0, minor: 411), root: "/",
                            mountPoint: "/", fileSystemType: "overlay", source: "overlay")
                    ]))
            node.tasks[4].namespaces[.mount] = theirs
        }
        #expect(Check.enteredForeignNamespace.found(node).map(\.key) == ["mnt"])
    }

    /// Its children will be the other pod's processes.
    @Test func pidNamespaceForChildren() throws {
        let theirs = try #require(Node.twoPods.tasks[6].namespaces[.pid])
        let node = Node.twoPods.changing { $0.tasks[4].namespaces[.pidForChildren] = theirs }
        #expect(
            Check.enteredForeignNamespace.found(node).map(\.detail) == [
                "tid 4101 of pid 4100 (web-worker): ns/pid \(theirs) belongs to shop/db-0"
            ])
    }

    // MARK: - Files of another pod's

    private static func file(through mount: UInt32, _ kind: FileIdentity.Kind = .directory) -> FileIdentity {
        FileIdentity(mount: mount, device: DeviceNumber(major: 0, minor: 411), inode: 7, kind: kind)
    }

    /// The first process of the quiet pod's container holds what is changed; 701 is a mount of its own, 801 the root of the
    /// task's at a position, on the device that its container's record names.
    private static func holding(
        mountOf position: Int = 6, onDevice minor: UInt32 = 411, _ change: (inout TaskFiles) -> Void
    ) -> Node {
        .twoPods.changing { node in
            guard let theirs = node.tasks[position].namespaces[.mount] else { return }
            var files = TaskFiles(
                task: node.tasks[3].key, root: file(through: 701), workingDirectory: file(through: 701))
            change(&files)
            node.taskFiles = [files]
            node.mountTables.append(
                MountTable(
                    namespace: theirs, pid: node.tasks[position].pid,
                    mounts: [
                        Mount(
                            id: 801, parentID: 0, device: DeviceNumber(major: 0, minor: minor), root: "/",
                            mountPoint: "/", fileSystemType: "overlay", source: "overlay")
                    ]))
        }
    }

    static let held: [(name: String, node: Node, what: String?)] = [
        ("nothing", holding { _ in }, nil),
        ("root directory", holding { $0.root = file(through: 801) }, "root directory"),
        ("working directory", holding { $0.workingDirectory = file(through: 801) }, "working directory"),
        (
            "open directory", holding { $0.open = [OpenFile(number: 9, path: "/", file: file(through: 801))] },
            "descriptor 9"
        ),
        (
            "a device", holding { $0.open = [OpenFile(number: 9, path: "/", file: file(through: 801, .blockDevice))] },
            nil
        ),
        ("the node's", holding { $0.root = file(through: 22) }, nil),
        ("of a mount that nobody has", holding { $0.root = file(through: 999) }, nil),
        ("of its pod's other container", holding(mountOf: 2, onDevice: 310) { $0.root = file(through: 801) }, nil),
    ]

    @Test(arguments: held)
    func anotherPodsFiles(name: String, node: Node, what: String?) {
        let evidence = Check.enteredForeignNamespace.found(node)
        #expect(evidence.map(\.key) == (what == nil ? [] : ["files"]))
        #expect(
            evidence.map(\.detail)
                == (what.map { ["the \($0) of pid 4100 (web) is in the mount of / of shop/db-0"] } ?? []))
    }
}
