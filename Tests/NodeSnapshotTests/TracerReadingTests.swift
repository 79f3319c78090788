import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite(.enabled(if: HelperProcess.isAvailable && isRoot, "needs /usr/bin/python3 and root"))
struct TracerReadingTests {
    /// Its second thread is traced by its child, the first is not.
    private static let script = """
        import ctypes, os, threading
        libc = ctypes.CDLL(None)
        threading.Thread(target=os.read, args=(0, 1), daemon=True).start()
        thread = max(int(name) for name in os.listdir("/proc/self/task"))
        if os.fork() == 0:
            libc.prctl(1, 9)
            assert libc.ptrace(0x4206, thread, None, None) == 0
            os.write(1, b"ready")
        os.read(0, 1)
        """

    /// The helper as a process of the node, and this process as one of a container that may trace it.
    private static func reading(_ helper: HelperProcess, _ change: (inout Node) -> Void = { _ in }) throws -> Node {
        let reader = try ProcReader()
        let victim = reader.readProcess(helper.pid) { _, _ in false }
        var own = try #require(reader.readProcess(getpid()) { _, _ in false }.first)
        own.container = 0
        var node = Node(host: Host(reference: Host.Reference(pid: getpid(), namespaces: own.namespaces)))
        node.containers = [Container(id: "x", bundle: Bundle())]
        own.credentials = .container
        node.tasks = [own] + victim
        change(&node)
        SnapshotBuilder(SnapshotOptions(parts: node.parts)).readTraced(&node, until: Deadline(secondsFromNow: 60))
        #expect(node.gaps == [])
        return node
    }

    private static let right = CapabilitySet.named(["SYS_PTRACE"]).set

    @Test func tracedThreads() throws {
        try HelperProcess.with(Self.script) { helper in
            let reader = try ProcReader()
            #expect(try reader.hasTracedThread(helper.pid))
            #expect(try !reader.hasTracedThread(getpid()))
            #expect(throws: ProcFSError.self) { try reader.hasTracedThread(.max) }
            let read: [(inout Node) -> Void] = [
                { $0.containers[0].bundle?.capabilities = Self.right },
                { $0.containers[0].bundle = nil },
                { $0.tasks[0].credentials = .root },
            ]
            for change in read {
                let threads = try Self.reading(helper, change).tasks.filter { $0.pid == helper.pid }
                #expect(threads.count == 2 && threads.first?.tracer == nil && threads.last?.tracer != nil)
            }
        }
    }

    /// Where no container may trace the node's processes, their threads are left alone.
    @Test func noTracers() throws {
        try HelperProcess.with(Self.script) { helper in
            let unread: [(inout Node) -> Void] = [
                { _ in },
                { node in
                    node.tasks[0].credentials = .root
                    node.tasks[0].namespaces[.pid] = NamespaceID(rawValue: 7)
                },
                { node in
                    node.tasks[0].credentials = .root
                    node.tasks[0].container = nil
                },
                { node in
                    node.tasks[0].credentials = .root
                    node.host.reference = nil
                },
                { node in
                    node.tasks[0].credentials = .root
                    node.parts = [.credentials]
                },
            ]
            for change in unread {
                let node = try Self.reading(helper, change)
                #expect(node.tasks.count == 2)
            }
        }
    }
}
