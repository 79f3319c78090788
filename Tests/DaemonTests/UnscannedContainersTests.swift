import Checks
import Findings
import LinuxSystem
import NodeModel
import ProcFS
import TestSupport
import Testing

@testable import Daemon

/// Containers that have ended before a scan came to them.
@Suite struct UnscannedContainersTests {
    private static let id = String(repeating: "c0", count: 32)
    private static let uid = Node.quiet.containers[1].pod?.uid ?? ""

    /// As its runtime's record has it before it is started.
    private static let container = {
        var container = Node.quiet.containers[1]
        (container.id, container.name, container.initPID) = (id, "job", 7000)
        return container
    }()

    private static let place = "0::/kubepods.slice/kubepods-pod\(uid).slice/cri-containerd-\(id).scope\n"

    /// As it is heard of, with the process' cgroup of that moment.
    private static func started(_ directory: TemporaryDirectory) -> [StartedContainer] {
        let owner = CgroupOwner(root: "\(directory.path)/proc")(7000)
        return [StartedContainer(container, owner: owner)].compactMap(\.self)
    }

    /// The node as it was when the container had ended: its pod's sandbox runs on.
    private static let after = NodeView(index: NodeIndex(.quiet), began: 2000)

    /// A shim starts a process that is moved to no group that an event tells of.
    private static let start: [KernelEvent] = [
        .by(7000, .forkOfShim), .by(7000, .namespaces(JudgeBench.pod.namespaces)),
    ]
    /// Its first program enters the node's mounts, and ends at once.
    private static let escape: [KernelEvent] = Array([KernelEvent].escape()[2...])

    /// A judge that has heard of the container before it runs its program.
    private func startedBench(_ directory: TemporaryDirectory) throws -> JudgeBench {
        try directory.file("proc/7000/cgroup", Self.place)
        var bench = try JudgeBench(directory)
        bench.judge.take(JudgeBench.view)
        bench.judge.take(Self.start)
        bench.judge.take(Self.started(directory))
        return bench
    }

    private func names(_ findings: [Finding]) -> [String] {
        findings.map { finding in
            let container = finding.container?.name ?? finding.container?.id ?? ""
            return "\(finding.technique.id) \(finding.pod?.name ?? finding.pod?.uid ?? "") \(container)"
        }
    }

    @Test func firstProcess() throws {
        try TemporaryDirectory.with { directory in
            var bench = try startedBench(directory)
            try directory.remove("proc/7000")
            bench.judge.take(Self.escape)
            #expect(bench.told.findings == [])
            #expect(bench.requests.wait(until: .init(secondsFromNow: 0)) == [.unknownContainer])
            bench.judge.take(Self.after)
            let pod = Node.quiet.containers[1].pod?.name ?? ""
            #expect(names(bench.told.findings) == ["entered-host-mount-namespace \(pod) job"])
            #expect(bench.counts.value.unattributed == 0)
        }
    }

    /// What it did was heard of first.
    @Test func wordThatComesLate() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("proc/7000/cgroup", Self.place)
            var bench = try JudgeBench(directory)
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 100))
            bench.judge.take(Self.start + Self.escape)
            bench.judge.take(Self.started(directory))
            bench.judge.take(Self.after)
            #expect(bench.told.lines == ["7000 entered-host-mount-namespace"])
        }
    }

    /// Its cgroup alone tells whose it was, where no record was read in time.
    @Test func cgroupAlone() throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let path = String(Self.place.dropFirst(3).dropLast())
            bench.judge.take([Self.start[0], .by(900, .cgroup(thread: 7000, .at(path))), Self.start[1]])
            bench.judge.take([.by(7000, .comm(TaskName("job"), isExec: true))] + Self.escape)
            bench.judge.take(Self.after)
            let pod = Node.quiet.containers[1].pod?.name ?? ""
            #expect(names(bench.told.findings) == ["entered-host-mount-namespace \(pod) \(Self.id)"])
        }
    }

    /// Who can write a runtime's records may name the process of anybody there.
    @Test(arguments: ["0::/system.slice/kubelet.service\n", "0::/kubepods.slice/cri-containerd-other.scope\n", nil])
    func recordThatNamesAnother(cgroup: String?) throws {
        try TemporaryDirectory.with { directory in
            if let cgroup { try directory.file("proc/7000/cgroup", cgroup) }
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            bench.judge.take([.by(7000, .fork(creator: 1, thread: 1)), .by(7000, .namespaces(.host))])
            bench.judge.take(Self.started(directory))
            bench.judge.take([.by(7000, .signal(15, to: 900)), .by(7000, .exit)])
            bench.judge.take(Self.after)
            #expect(bench.told.findings == [])
        }
    }

    /// Somebody made it through the runtime's socket, in a group of any name: what it does is told, also where its start
    /// comes after the word of it, and where it lives on.
    @Test(arguments: [false, true], [false, true]) func containerOfNoPod(isToldFirst: Bool, hasEnded: Bool) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("proc/7000/cgroup", "0::/k8s.io/evil\n")
            var bench = try JudgeBench(directory)
            bench.judge.take(JudgeBench.view)
            let namespaces = NamespaceSet([.mount: 4_026_539_000])
            let start: [KernelEvent] = [
                Self.start[0], .by(7000, .namespaces(namespaces)), .by(7000, .comm(TaskName("sh"), isExec: true)),
            ]
            if !isToldFirst { bench.judge.take(start.dropLast()) }
            var container = Container(id: "evil", runtime: .containerd, runtimeNamespace: "k8s.io", kind: .plain)
            container.initPID = 7000
            let owner = CgroupOwner(root: "\(directory.path)/proc")(7000)
            bench.judge.take([StartedContainer(container, owner: owner)].compactMap(\.self))
            bench.judge.take(isToldFirst ? start : start.suffix(1))
            bench.judge.take([.by(7000, .signal(15, to: 900))])
            if hasEnded { bench.judge.take([.by(7000, .exit)]) }
            bench.judge.take(Self.after)
            #expect(names(bench.told.findings) == ["node-process-signalled  evil"])
        }
    }

    /// A first process that hides in another pod's group before it is looked at stays its own container's.
    @Test func firstProcessThatMovesItself() throws {
        try TemporaryDirectory.with { directory in
            var bench = try startedBench(directory)
            try directory.file("proc/7000/cgroup", "0::\(QuietIDs.path(QuietIDs.container))\n")
            bench.judge.take(Self.escape.dropLast())
            bench.judge.take(Self.after)
            #expect(bench.told.findings.map(\.container?.id) == [Self.id])
            #expect(bench.told.lines == ["7000 entered-host-mount-namespace"])
        }
    }

    /// One that had ended when it was heard of is taken for the container's if it was not in the node's mounts.
    @Test(arguments: [false, true])
    func firstProcessThatHasEnded(isOfNode: Bool) throws {
        try TemporaryDirectory.with { directory in
            var bench = try JudgeBench(directory)
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 100))
            let namespaces = isOfNode ? NamespaceSet.host : JudgeBench.pod.namespaces
            bench.judge.take([
                Self.start[0], .by(7000, .namespaces(namespaces)), .by(7000, .comm(TaskName("sh"), isExec: true)),
                .by(7000, .signal(15, to: 900)),
            ])
            bench.judge.take(Self.escape)
            bench.judge.take(Self.started(directory))
            bench.judge.take(NodeView(index: NodeIndex(.withoutContainers), began: 2000))
            let expected = ["7000 node-process-signalled", "7000 entered-host-mount-namespace"]
            #expect(bench.told.lines == (isOfNode ? [] : expected))
        }
    }

    /// The scan that saw it began before it did anything, and the next one does not see it any more.
    @Test func containerOfOneScan() throws {
        try TemporaryDirectory.with { directory in
            var bench = try startedBench(directory)
            try directory.remove("proc/7000")
            bench.judge.take(Self.escape)
            var node = Node.quiet
            node.containers.append(Self.container)
            bench.judge.take(NodeView(index: NodeIndex(node), began: 100))
            bench.judge.take(Self.after)
            let pod = Node.quiet.containers[1].pod?.name ?? ""
            #expect(names(bench.told.findings) == ["entered-host-mount-namespace \(pod) job"])
        }
    }

    @Test func forgotten() throws {
        let started = try #require(
            StartedContainer(Self.container, owner: .container(ContainerPlace(containerID: Self.id))))
        var containers = UnscannedContainers()
        containers.add(started, at: 100)
        containers.forget(at: 200) { _ in false }
        containers.forget(at: 100) { $0 == Self.id }
        #expect(containers[Self.id] == Self.container)
        #expect(containers.container(ofFirstProcess: 7000)?.started == started)
        containers.forget(at: 200) { $0 == Self.id }
        #expect(containers[Self.id] == nil && containers.container(ofFirstProcess: 7000) == nil)
        containers.add(started, at: 100)
        // A scan that began before it was told of.
        containers.forget(at: 50) { _ in false }
        #expect(containers[Self.id] == Self.container)
        containers.forget(at: 20_000_000_100) { _ in false }
        #expect(containers[Self.id] == nil)
    }

    /// A container of the same id in another of the runtime's namespaces.
    @Test func sameID() throws {
        let place = CgroupPlacement.Owner.container(ContainerPlace(containerID: Self.id))
        var other = Self.container
        other.initPID = 7001
        var containers = UnscannedContainers()
        containers.add(try #require(StartedContainer(Self.container, owner: place)), at: 100)
        containers.add(try #require(StartedContainer(other, owner: place)), at: 101)
        #expect(containers.container(ofFirstProcess: 7000) == nil)
        #expect(containers.container(ofFirstProcess: 7001)?.started.container == other)
    }
}
