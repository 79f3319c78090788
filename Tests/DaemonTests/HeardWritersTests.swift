import LinuxSystem
import NodeFiles
import NodeModel
import TestSupport
import Testing

@testable import Daemon

/// What scans come to know of changes of the node's files: whose work they were.
@Suite struct HeardWritersTests {
    private static let container = CgroupPlacement.Owner.container(ContainerPlace(containerID: QuietIDs.container))

    /// The quiet node with a kernel thread, and a service that has mounts of its own.
    private static let view = NodeView(
        index: NodeIndex(
            Node.quiet.changing { node in
                var own = NamespaceSet.host
                own[.mount] = NamespaceID(rawValue: 4_026_533_000)
                node.tasks += [
                    NodeTask(
                        pid: 50, tid: 50, parent: 2, startTime: 2, comm: "kworker/u4:1", isKernelThread: true,
                        namespaces: .host, cgroup: 0),
                    NodeTask(pid: 60, tid: 60, parent: 1, startTime: 60, comm: "chronyd", namespaces: own, cgroup: 0),
                ]
            }), began: 100)

    private static func file(_ changed: Int64) -> PlacedFile {
        PlacedFile(path: "/etc/cron.d/x", kind: .regular, inode: 7, changed: changed)
    }

    private static func change(
        _ tid: Int32?, _ change: FileChange = [.modified, .closed], owner: CgroupPlacement.Owner? = .host,
        process: Int32? = nil, left changed: Int64 = 110
    ) -> HeardChange {
        HeardChange(
            event: FileEvent(time: 1000, tid: tid, path: "/etc/cron.d/x", change: change), owner: owner,
            process: process, file: .file(file(changed)))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var changes: [HeardChange]
        var isOfNode = false
        var unattributed: UInt64 = 0
        var isScanAskedFor = false

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "a program of the node", changes: [change(1)], isOfNode: true),
        Case(name: "one that has ended", changes: [change(1, owner: nil)], isOfNode: true),
        Case(name: "a thread that no scan saw", changes: [change(77, process: 1)], isOfNode: true),
        Case(name: "a thread of nobody known", changes: [change(77)]),
        Case(name: "a pod", changes: [change(4100, owner: container)]),
        Case(name: "a pod's process that left its cgroup", changes: [change(4100)]),
        Case(name: "a pod, and then the node", changes: [change(4100, owner: container), change(1, left: 120)]),
        Case(name: "the node, and then a pod", changes: [change(1), change(4100, owner: container, left: 120)]),
        Case(name: "somebody among other mounts", changes: [change(60), change(1, left: 120)]),
        Case(name: "nobody, and then the node", changes: [change(nil, owner: nil), change(1)], unattributed: 1),
        Case(name: "a kernel thread", changes: [change(50)], unattributed: 1, isScanAskedFor: true),
        Case(
            name: "a kernel thread that closes it", changes: [change(1), change(50, .closed, left: 120)],
            unattributed: 1, isScanAskedFor: true),
        Case(
            name: "the node after a kernel thread", changes: [change(50, .closed), change(1, left: 120)],
            unattributed: 1, isScanAskedFor: true),
        Case(
            name: "closed by one that did not write it", changes: [change(1), change(900, .closed, left: 120)],
            unattributed: 1, isScanAskedFor: true),
        Case(
            name: "closed by one among other mounts that did not write it", changes: [change(60, .closed)],
            unattributed: 1, isScanAskedFor: true),
        Case(name: "closed as it was", changes: [change(1), change(900, .closed)], isOfNode: true),
        Case(
            name: "closed by its writer, by another thread",
            changes: [change(1, .created), change(77, .closed, process: 1, left: 120)], isOfNode: true),
    ]

    @Test(arguments: cases) func noted(_ entry: Case) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(Self.view)
            bench.judge.take(entry.changes)
            guard case .file(let file)? = entry.changes.last?.file else {
                Issue.record("no file")
                return
            }
            #expect(bench.heardWrites.isOfNode(ChangedFile(now: file, basis: .time)) == entry.isOfNode)
            #expect(bench.counts.value.unattributedWrites == entry.unattributed)
            let reasons = bench.requests.wait(until: .init(secondsFromNow: 0)) ?? []
            #expect(reasons.contains(.unknownWriter) == entry.isScanAskedFor)
        }
    }

    /// A number may be another task's then.
    @Test func afterALoss() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(Self.view)
            bench.judge.take([.by(0, .lost(1), at: 900)])
            bench.judge.take([Self.change(1)])
            #expect(!bench.heardWrites.isOfNode(ChangedFile(now: Self.file(110), basis: .time)))
        }
    }

    /// What a pod did before the first scan is told after it; nobody is accused of what the node does later.
    @Test func beforeTheFirstScan() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            let file = ChangedFile(now: Self.file(110), basis: .time)
            bench.judge.take([Self.change(1)])
            #expect(!bench.heardWrites.isOfNode(file) && bench.counts.value.unattributedWrites == 0)
            bench.judge.take(Self.view)
            bench.judge.take([Self.change(1)])
            #expect(bench.heardWrites.isOfNode(file))
        }
    }
}
