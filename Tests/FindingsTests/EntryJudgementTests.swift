import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

@Suite struct EntryJudgementTests {
    /// A process of the quiet container that goes from its namespaces to others.
    static func change(
        to namespaces: [NamespaceKind: NamespaceID?], owner: CgroupPlacement.Owner = .unknown,
        from before: NamespaceSet = Node.quiet.tasks[3].namespaces, home: NamespaceID? = nil
    ) -> NamespaceChange {
        var after = before
        for (kind, id) in namespaces { after[kind] = id }
        let task = LineageTask(
            pid: 4711, tid: 4711, parent: 4100, startTime: 9000, name: TaskName("nsenter"), owner: owner,
            namespaces: after, home: home)
        return NamespaceChange(time: 1, task: task, before: before)
    }

    static let host = NamespaceSet.host
    static let pod = Node.quiet.tasks[3].namespaces
    static let container = CgroupPlacement.Owner.container(ContainerPlace(containerID: QuietIDs.container))
    static let strangers = NamespaceSet([.mount: 4_026_539_000, .network: 4_026_539_001, .pid: 4_026_539_002])

    static let changes: [(name: String, change: NamespaceChange, techniques: [String]?)] = [
        (
            "host mounts, by cgroup", change(to: [.mount: host[.mount]], owner: container),
            ["entered-host-mount-namespace"]
        ),
        (
            "host mounts, by the mounts it came from", change(to: [.mount: host[.mount]]),
            ["entered-host-mount-namespace"]
        ),
        (
            "everything",
            change(to: [.mount: host[.mount], .network: host[.network], .uts: host[.uts]], owner: container),
            ["entered-host-mount-namespace", "entered-host-network-namespace", "entered-host-uts-namespace"]
        ),
        ("a namespace of its own", change(to: [.mount: NamespaceID(rawValue: 4_026_539_000)], owner: container), []),
        ("no change", change(to: [:], owner: container), []),
        (
            "a container that no scan saw",
            change(to: [.mount: host[.mount]], owner: .container(ContainerPlace(containerID: "x"))), nil
        ),
        ("mounts that no scan saw", change(to: [.mount: host[.mount]], owner: .host, from: strangers), nil),
        // A network plugin that comes back, a runtime that goes in: the node's own, by the mounts that they are in.
        (
            "a process of the node",
            change(
                to: [.network: host[.network]], owner: .host,
                from: NamespaceSet([.mount: host[.mount]?.rawValue ?? 0, .network: 4_026_532_502])),
            []
        ),
        (
            "a runtime on its way into the container",
            change(to: [.mount: NamespaceID(rawValue: 4_026_532_600)], owner: .host, from: host), []
        ),
        ("a visitor that comes back", change(to: [.mount: host[.mount]], owner: .host, home: host[.mount]), []),
        (
            "a visitor of mounts that no scan saw",
            change(to: [.mount: host[.mount]], owner: .host, from: strangers, home: host[.mount]), []
        ),
        (
            "a program that began there", change(to: [.mount: host[.mount]], owner: .host, home: pod[.mount]),
            ["entered-host-mount-namespace"]
        ),
        (
            "a container's that had been elsewhere",
            change(to: [.mount: host[.mount]], owner: container, home: host[.mount]), ["entered-host-mount-namespace"]
        ),
        (
            "nobody known", change(to: [.mount: host[.mount]], home: host[.mount]), ["entered-host-mount-namespace"]
        ),
    ]

    @Test(arguments: changes)
    func judged(name: String, change: NamespaceChange, techniques: [String]?) {
        let judgement = EntryJudgement(of: change, in: NodeIndex(.quiet))
        switch judgement {
        case .nothing: #expect(techniques == [])
        case .unknownContainer: #expect(techniques == nil)
        case .findings(let findings):
            #expect(findings.map(\.technique.id) == techniques)
            #expect(findings.allSatisfy { $0.task?.pid == 4711 && $0.task?.comm == "nsenter" })
            #expect(findings.allSatisfy { $0.container?.id == QuietIDs.container && $0.pod == QuietIDs.pod })
            #expect(findings.allSatisfy { $0.severity == .critical && $0.declared == .undeclared })
        }
    }

    /// What an event shows and what a scan shows is one finding.
    @Test func sameFindingAsAScan() {
        let judgement = EntryJudgement(of: Self.change(to: [.mount: Self.host[.mount]]), in: NodeIndex(.quiet))
        let scan = Judgement(of: .quiet.changingTask { $0.namespaces[.mount] = Self.host[.mount] })
        let scanned = scan.findings.first { $0.technique.id == "entered-host-mount-namespace" }
        guard case .findings(let findings) = judgement else {
            Issue.record("no findings")
            return
        }
        #expect(findings.map(\.id) == [scanned?.id])
    }

    /// A runtime makes a container's mounts from the node's own, and the number may be another's by the next start.
    @Test(arguments: [(5100 + 5999, []), (5100 + 6000, ["entered-host-mount-namespace"])] as [(UInt64, [String])])
    func mountsOfAContainerThatStarts(now: UInt64, techniques: [String]) {
        let node = Node.quiet.withService().changing { node in
            node.tasks[5].container = 1
            node.tasks[5].startTime = 5100
            node.host.ticksSinceBoot = now
        }
        let change = Self.change(to: [.mount: Node.serviceMounts], owner: Self.container)
        switch EntryJudgement(of: change, in: NodeIndex(node)) {
        case .findings(let findings): #expect(findings.map(\.technique.id) == techniques)
        case let other: #expect(other == .nothing && techniques == [])
        }
    }

    /// A mount namespace of a service is the node's: to enter it is one finding with a scan's, and a service that leaves
    /// it is nobody's container.
    @Test func mountNamespaceOfAService() {
        let index = NodeIndex(Node.quiet.withService())
        let entry = EntryJudgement(of: Self.change(to: [.mount: Node.serviceMounts], owner: Self.container), in: index)
        let scan = Judgement(
            of: Node.quiet.withService().changingTask { $0.namespaces[.mount] = Node.serviceMounts })
        let scanned = scan.findings.first { $0.technique.id == "entered-host-mount-namespace" }
        guard case .findings(let findings) = entry else {
            Issue.record("no findings")
            return
        }
        #expect(findings.map(\.id) == [scanned?.id])
        #expect(findings.first?.detail.contains("that of pid 700 (systemd-logind)") == true)
        var service = NamespaceSet.host
        service[.mount] = Node.serviceMounts
        let leaving = Self.change(to: [.mount: Self.host[.mount]], owner: .host, from: service)
        #expect(EntryJudgement(of: leaving, in: index) == .nothing)
    }

    /// A pod that shares the node's network may go back to it.
    @Test func sharedByThePod() {
        let node = Node.quiet.changing { node in
            for index in 0...1 { node.containers[index].bundle?.namespaces.removeAll { $0.kind == .network } }
            for index in 2...4 { node.tasks[index].namespaces[.network] = Self.host[.network] }
        }
        var before = node.tasks[3].namespaces
        before[.network] = NamespaceID(rawValue: 4_026_539_000)
        let change = Self.change(to: [.network: Self.host[.network]], owner: Self.container, from: before)
        #expect(EntryJudgement(of: change, in: NodeIndex(node)) == .nothing)
    }

    /// A process of the quiet container, or of another owner, that acts.
    private static func act(
        _ deed: TaskAct.Deed, owner: CgroupPlacement.Owner = container,
        in namespaces: NamespaceSet = Node.quiet.tasks[3].namespaces, isStarting: Bool = false
    ) -> TaskAct {
        let task = LineageTask(
            pid: 4711, tid: 4711, parent: 4100, startTime: 9000, name: TaskName("sh"), owner: owner,
            isStarting: isStarting, namespaces: namespaces)
        return TaskAct(time: 1, task: task, deed: deed)
    }

    private static func move(_ path: String) -> TaskAct.Deed {
        .movedToCgroup(
            CgroupMembership(hierarchy: 0, controllers: [], path: path), by: LineageTask(pid: 4711, tid: 4711))
    }

    static let acts: [(name: String, act: TaskAct, techniques: [String]?)] = [
        ("out of the pod", act(move("/")), ["left-pod-cgroup"]),
        ("out of the pod, by its mounts", act(move("/"), owner: .host), ["left-pod-cgroup"]),
        ("within the pod", act(move(QuietIDs.path(QuietIDs.container) + "/x")), []),
        ("a process of the node", act(move("/"), owner: .host, in: host), []),
        ("a module", act(.loadedModule("overlay")), ["kernel-module-loaded"]),
        ("a module, from the host's mounts", act(.loadedModule("overlay"), in: host), ["kernel-module-loaded"]),
        ("a module by the node", act(.loadedModule("overlay"), owner: .host, in: host), []),
        ("a module by the runtime", act(.loadedModule("overlay"), isStarting: true), []),
        (
            "a container that no scan saw",
            act(.loadedModule("overlay"), owner: .container(ContainerPlace(containerID: "x"))), nil
        ),
    ]

    @Test(arguments: acts)
    func judgedAct(name: String, act: TaskAct, techniques: [String]?) {
        switch EntryJudgement(of: act, in: NodeIndex(.quiet)) {
        case .nothing: #expect(techniques == [])
        case .unknownContainer: #expect(techniques == nil)
        case .findings(let findings):
            #expect(findings.map(\.technique.id) == techniques)
            #expect(findings.allSatisfy { $0.task?.pid == 4711 && $0.container?.id == QuietIDs.container })
            #expect(findings.allSatisfy { $0.severity == .critical && $0.pod == QuietIDs.pod })
        }
    }

    /// A runtime that is in the container's cgroup already joins the namespaces of the pod.
    @Test func runtimeOnItsWay() {
        var change = Self.change(
            to: [.network: Node.quiet.tasks[3].namespaces[.network]],
            owner: .container(ContainerPlace(containerID: "x")), from: Self.host)
        #expect(EntryJudgement(of: change, in: NodeIndex(.quiet)) == .unknownContainer)
        change.task.isStarting = true
        #expect(EntryJudgement(of: change, in: NodeIndex(.quiet)) == .nothing)
    }

    @Test func sameFindingAsAScanOfAMove() {
        let scan = Judgement(
            of: .quiet.changing { node in
                let line = CgroupMembership(hierarchy: 0, controllers: [], path: "/")
                node.cgroups.append(CgroupPlacement(memberships: [line], owner: .host))
                node.tasks[3].cgroup = 3
                node.tasks[3].attribution = .mountNamespace
            })
        let scanned = scan.findings.first { $0.technique.id == "left-pod-cgroup" }
        guard case .findings(let findings) = EntryJudgement(of: Self.act(Self.move("/")), in: NodeIndex(.quiet)) else {
            Issue.record("no findings")
            return
        }
        #expect(findings.map(\.id) == [scanned?.id])
    }
}
