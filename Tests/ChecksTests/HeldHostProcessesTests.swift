import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HeldHostProcessesTests {
    /// The node of two pods, where the first process of the first holds something as descriptor 9.
    private static func holding(_ change: (inout TaskFiles) -> Void) -> Node {
        .twoPods.changing { node in
            var files = TaskFiles(task: node.tasks[3].key)
            change(&files)
            node.taskFiles = [files]
        }
    }

    private static func holding(object: HeldObject) -> Node {
        holding { $0.objects = [OpenObject(number: 9, object: object)] }
    }

    private static func host(_ kind: NamespaceKind) -> NamespaceID {
        NamespaceSet.host[kind] ?? NamespaceID(rawValue: 1)
    }

    static let processes: [(pid: Int32, detail: String?)] = [
        (1, "the descriptor 9 of pid 4100 (web) is a handle on pid 1 (systemd) of the node"),
        (5100, "the descriptor 9 of pid 4100 (web) is a handle on pid 5100 (db) of shop/db-0"),
        (4000, nil), (4100, nil), (7777, nil),
    ]

    @Test(arguments: processes)
    func process(pid: Int32, detail: String?) {
        let found = Check.holdsHostProcess.found(Self.holding(object: .process(pid)))
        #expect(found.map(\.detail) == (detail.map { [$0] } ?? []))
        #expect(found.allSatisfy { $0.container == 0 && $0.declaration == .undeclared })
        #expect(
            found.allSatisfy {
                $0.values["process"] == .text($0.key) && $0.key.hasPrefix(pid == 1 ? "systemd of" : "db of")
            })
    }

    static let namespaces: [(kind: NamespaceKind, id: NamespaceID, isTold: Bool)] = [
        (.mount, host(.mount), true), (.network, host(.network), true), (.pid, host(.pid), true),
        // Nearly every pod is in the host's.
        (.user, host(.user), false), (.time, host(.time), false),
        (.network, NamespaceID(rawValue: 4_026_532_720), false), (.network, host(.mount), false),
    ]

    @Test(arguments: namespaces)
    func namespace(kind: NamespaceKind, id: NamespaceID, isTold: Bool) {
        let node = Self.holding(object: .namespace(kind, id))
        let found = Check.holdsHostNamespace.found(node)
        let detail = "the descriptor 9 of pid 4100 (web) is the host's ns/\(kind.rawValue) \(id)"
        #expect(found.map(\.detail) == (isTold ? [detail] : []))
        #expect(found.allSatisfy { $0.key == kind.rawValue })
        // One that it is in is no news.
        #expect(Check.holdsHostNamespace.found(node.changingTask { $0.namespaces[kind] = id }) == [])
        #expect(Check.holdsHostNamespace.found(node.changingTask { $0.namespaces[kind] = nil }) == [])
        #expect(Check.holdsHostNamespace.found(node.changing { $0.tasks[4].namespaces[kind] = id }) == [])
    }

    static let memoryPaths: [(path: String, pid: Int32?)] = [
        ("/proc/812/mem", 812), ("/host/proc/812/task/815/mem", 812), ("/812/mem", 812), ("/proc/812/maps", nil),
        ("/proc/812/mem (deleted)", nil), ("/mem", nil), ("/dev/mem", nil), ("/proc/-1/mem", nil), ("", nil),
        ("/proc/0/mem", nil), ("/task/815/mem", 815), ("/proc/99999999999/mem", nil),
    ]

    @Test(arguments: memoryPaths)
    func processOfMemory(path: String, pid: Int32?) { #expect(Check.processOfMemory(path) == pid) }

    /// 702 is the container's own mount of procfs, 26 the node's, 701 the container's root.
    static let memoryFiles: [(path: String, mount: UInt32, isInHostPID: Bool, detail: String?)] = [
        ("/proc/1/mem", 702, true, "the memory of pid 1 (systemd) of the node"),
        ("/proc/5100/mem", 702, true, "the memory of pid 5100 (db) of shop/db-0"),
        ("/proc/1/mem", 26, false, "the memory of pid 1 (systemd) of the node"),
        // There the number is that of a process of its own.
        ("/proc/1/mem", 702, false, nil),
        ("/proc/4000/mem", 702, true, nil), ("/proc/7777/mem", 702, true, nil), ("/1/mem", 701, true, nil),
        ("/proc/1/maps", 702, true, nil), ("/proc/1/mem", 999, true, nil),
    ]

    @Test(arguments: memoryFiles)
    func heldMemory(path: String, mount: UInt32, isInHostPID: Bool, detail: String?) {
        let file = FileIdentity(mount: mount, device: DeviceNumber(major: 0, minor: 320), inode: 7, kind: .regular)
        var node = Self.holding { $0.open = [OpenFile(number: 9, path: path, file: file)] }
        if isInHostPID { node = node.changingTask { $0.namespaces[.pid] = NamespaceSet.host[.pid] } }
        let found = Check.holdsProcessMemory.found(node)
        #expect(found.map(\.detail) == (detail.map { ["the descriptor 9 of pid 4100 (web) is \($0)"] } ?? []))
    }

    static let devices: [(major: UInt32, minor: UInt32, kind: FileIdentity.Kind, name: String?)] = [
        (1, 1, .characterDevice, "/dev/mem"), (1, 2, .characterDevice, "/dev/kmem"),
        (1, 4, .characterDevice, "/dev/port"), (1, 3, .characterDevice, nil), (1, 1, .blockDevice, nil),
        (2, 1, .characterDevice, nil), (1, 11, .characterDevice, nil),
    ]

    @Test(arguments: devices)
    func kernelMemory(major: UInt32, minor: UInt32, kind: FileIdentity.Kind, name: String?) {
        let node = Self.holding { files in
            let file = FileIdentity(
                mount: 701, device: DeviceNumber(major: 0, minor: 6), inode: 3, kind: kind,
                node: DeviceNumber(major: major, minor: minor))
            files.open = [OpenFile(number: 9, path: "/x", file: file)]
        }
        let found = Check.holdsKernelMemory.found(node)
        #expect(found.map(\.detail) == (name.map { ["the descriptor 9 of pid 4100 (web) is the node's \($0)"] } ?? []))
    }

    /// In the node's mount namespace it is another finding; and a stage of the runtime holds what it likes.
    @Test func otherTasks() {
        let node = Self.holding(object: .process(1))
        let mount = NamespaceSet.host[.mount]
        #expect(Check.holdsHostProcess.found(node.changingTask { $0.namespaces[.mount] = mount }) == [])
        #expect(Check.holdsHostProcess.found(node.changingTask { $0.isStarting = true }) == [])
        let again = Self.holding { files in
            files.objects = [8, 9].map { OpenObject(number: $0, object: .process(1)) }
        }
        #expect(Check.holdsHostProcess.found(again).count == 1)
    }
}
