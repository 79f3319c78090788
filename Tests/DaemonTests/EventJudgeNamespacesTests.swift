import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import Daemon

/// Whose the namespaces are that tasks enter.
@Suite struct EventJudgeNamespacesTests {
    private static let pod = JudgeBench.pod
    private static let theirs = NamespaceID(rawValue: 4_026_532_711)

    /// The quiet node with a container of another pod, whose first process is 5100, in that mount namespace.
    private static func withAnotherPod(startedAt start: UInt64 = pod.startTime) -> Node {
        .quiet.changing { node in
            var container = node.containers[0]
            (container.id, container.sandboxID, container.initPID) = (QuietIDs.secondSandbox, nil, 5100)
            (container.pod, container.rootDevice) = (PodIdentity(namespace: "shop", name: "db-0", uid: "7c1e"), nil)
            var task = node.tasks[3]
            (task.pid, task.tid, task.startTime, task.container) = (5100, 5100, start, 2)
            task.namespaces[.mount] = theirs
            node.containers.append(container)
            node.tasks.append(task)
        }
    }

    /// The number of a namespace is given anew when nothing holds it any more: whose it is, the next scan tells.
    ///
    /// A process that ends has left its namespaces before the record of its end.
    @Test(arguments: [false, true])
    func namespaceThatItsOwnerHasLeft(hasEnded: Bool) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory, running: hasEnded ? .quiet : Self.withAnotherPod())
            bench.judge.take(NodeView(index: NodeIndex(Self.withAnotherPod()), began: 100))
            var inside = Self.pod.namespaces
            inside[.mount] = Self.theirs
            bench.judge.take([
                .by(7000, .forkOfPod),
                .by(7000, .namespaces(Self.pod.namespaces)), .by(7000, .namespaces(inside)),
            ])
            #expect(bench.told.lines == (hasEnded ? [] : ["7000 entered-foreign-namespace"]))
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == (hasEnded ? [.unknownContainer] : []))
            bench.judge.take(NodeView(index: NodeIndex(.quiet), began: 2000))
            // Whoever was entered may have been ended right after: that is not nothing.
            #expect(bench.told.lines.count == (hasEnded ? 0 : 1))
            #expect(bench.counts.value.unattributedChanges == (hasEnded ? 1 : 0))
        }
    }

    /// Others that may have been in the namespace when its owner left.
    enum Other: CaseIterable {
        case stillThere, elsewhere, ended, intruder
    }

    /// While a process is in it that the scan saw there the number is no other's; the intruder itself proves nothing.
    @Test(arguments: Other.allCases)
    func namespaceThatOthersAreIn(other: Other) throws {
        try TemporaryDirectory.with { directory in
            let pid: Int32 = other == .intruder ? 7000 : 5101
            let scanned = Self.withAnotherPod().changing { node in
                var task = node.tasks[node.tasks.count - 1]
                (task.pid, task.tid) = (pid, pid)
                if other == .intruder { task.container = 0 }
                node.tasks.append(task)
            }
            let running = scanned.changing { node in
                node.tasks.removeAll { $0.pid == 5100 }
                if other == .elsewhere { node.tasks[node.tasks.count - 1].namespaces = Self.pod.namespaces }
            }
            var bench = try JudgeBench(directory, running: running)
            bench.judge.take(NodeView(index: NodeIndex(scanned), began: 100))
            // Its number is another process' from now on.
            if other == .ended { bench.judge.take([.by(pid, .exit), .by(pid, .forkOfShim)]) }
            if other != .intruder { bench.judge.take([.by(7000, .forkOfPod)]) }
            var inside = Self.pod.namespaces
            inside[.mount] = Self.theirs
            bench.judge.take([.by(7000, .namespaces(Self.pod.namespaces)), .by(7000, .namespaces(inside))])
            #expect(bench.told.lines == (other == .stillThere ? ["7000 entered-foreign-namespace"] : []))
        }
    }

    /// What a scan shows of the container that owns, as it seems, what was entered.
    enum Owner: CaseIterable { case firstProcess, processes, mounts }

    /// Nor does a container that was started only after the change own what was entered, nor one of which there is no
    /// telling.
    @Test(arguments: [(50, false), (5100, true)] as [(UInt64, Bool)], Owner.allCases)
    func namespaceWhoseOwnerCameLater(row: (start: UInt64, isLater: Bool), owner: Owner) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            var inside = Self.pod.namespaces
            inside[.mount] = Self.theirs
            let second: UInt64 = 1_000_000_000
            bench.judge.take([
                .by(7000, .namespaces(Self.pod.namespaces), at: second),
                .by(7000, .namespaces(inside), at: second),
            ])
            let node = Self.withAnotherPod(startedAt: row.start).changing { node in
                if owner == .firstProcess { return }
                let last = node.containers.count - 1
                node.containers[last].initPID = nil
                let root = Mount(
                    id: 1, parentID: 0, device: DeviceNumber(major: 0, minor: 99), root: "/", mountPoint: "/",
                    fileSystemType: "overlay", source: "overlay")
                node.containers[last].rootDevice = root.device
                node.mountTables.append(MountTable(namespace: Self.theirs, pid: 5100, mounts: [root]))
                if owner == .mounts { node.tasks.removeAll { $0.container == last } }
            }
            bench.judge.take(NodeView(index: NodeIndex(node), began: 2 * second))
            let isNone = row.isLater || owner == .mounts
            #expect(bench.told.lines == (isNone ? [] : ["7000 entered-foreign-namespace"]))
            #expect(bench.counts.value.unattributedChanges == (owner == .mounts ? 1 : 0))
        }
    }

    /// Which namespaces are the node's, no scan could tell: whoever entered some is not told of, and counted.
    @Test func withoutTheNodesNamespaces() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            let blind = Node.quiet.changing { $0.host.reference = nil }
            bench.judge.take(NodeView(index: NodeIndex(blind), began: 100))
            bench.judge.take(.escape())
            #expect(bench.told.lines == [])
            #expect(bench.counts.value.unattributedChanges == 1)
        }
    }

    /// What was known before stands after a scan that could not tell, or not all of it, such as one that had no descriptor left.
    @Test(arguments: [[], [.mount], [.pid]] as [[NamespaceKind]])
    func afterAScanThatCouldNotTell(unread: [NamespaceKind]) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let blind = Node.withoutContainers.changing { node in
                node.tasks = []
                for kind in unread { node.host.reference?.namespaces[kind] = nil }
                if unread.isEmpty { node.host.reference = nil }
            }
            bench.judge.take(NodeView(index: NodeIndex(blind), began: 500))
            bench.judge.take(.escape())
            #expect(bench.told.lines == ["7000 entered-host-mount-namespace"])
            #expect(bench.counts.value.unattributedChanges == 0)
        }
    }
}
