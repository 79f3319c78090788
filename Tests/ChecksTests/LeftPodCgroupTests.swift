import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct LeftPodCgroupTests {
    /// The quiet node with the worker thread, or another task, at these lines.
    private static func moved(
        to lines: [CgroupMembership], _ attribution: NodeTask.Attribution = .cgroup, task: Int = 4
    ) -> Node {
        .quiet.changing { node in
            node.cgroups.append(CgroupPlacement(memberships: lines, owner: .host))
            node.tasks[task].cgroup = 3
            node.tasks[task].attribution = attribution
        }
    }

    private static func unified(_ path: String) -> [CgroupMembership] {
        [CgroupMembership(hierarchy: 0, controllers: [], path: path)]
    }

    private static let own = QuietIDs.path(QuietIDs.container)

    static let version2: [(name: String, node: Node, detail: String?)] = [
        ("quiet", .quiet, nil),
        ("its own", moved(to: unified(own)), nil),
        ("below its own", moved(to: unified(own + "/system.slice/x")), nil),
        (
            "a thread at the root", moved(to: unified("/"), .ancestry),
            "tid 4101 of pid 4100 (web-worker) is a thread of the container, but in cgroup / of unified"
        ),
        (
            "known by its mount namespace", moved(to: unified("/user.slice"), .mountNamespace, task: 3),
            "pid 4100 (web) is in the container's mount namespace, but in cgroup /user.slice of unified"
        ),
        (
            "a descendant", moved(to: unified("/user.slice"), .ancestry, task: 3),
            "pid 4100 (web) descends from the container, but in cgroup /user.slice of unified"
        ),
        // The id in the name of a group does not make it the container's.
        (
            "a group that is named alike elsewhere", moved(to: unified("/x/\(QuietIDs.container)")),
            "tid 4101 of pid 4100 (web-worker) is in the container's cgroup in other hierarchies, "
                + "but in cgroup /x/\(QuietIDs.container) of unified"
        ),
        (
            "a neighbour with a longer name", moved(to: unified(own + "x")),
            "tid 4101 of pid 4100 (web-worker) is in the container's cgroup in other hierarchies, "
                + "but in cgroup \(own)x of unified"
        ),
        ("starting", moved(to: unified("/"), .ancestry).changing { $0.tasks[4].isStarting = true }, nil),
        ("a zombie", moved(to: unified("/"), .ancestry).changing { $0.tasks[4].isExiting = true }, nil),
        ("a kernel thread", moved(to: unified("/"), .ancestry).changing { $0.tasks[4].isKernelThread = true }, nil),
        ("not read", moved(to: unified("/"), .ancestry).changing { $0.tasks[4].cgroup = nil }, nil),
        ("attributed to nothing", moved(to: unified("/")).changing { $0.tasks[4].attribution = nil }, nil),
        (
            "first process below its own",
            .quiet.changing { $0.cgroups[2].memberships = unified(own + "/init.scope") }
                .changing { node in
                    node.cgroups.append(CgroupPlacement(memberships: unified(own + "/system.slice"), owner: .host))
                    node.tasks[4].cgroup = 3
                }, nil
        ),
    ]

    @Test(arguments: version2)
    func unifiedHierarchy(name: String, node: Node, detail: String?) {
        #expect(Check.leftPodCgroup.told(node) == detail.map { [Told(.undeclared, nil, $0)] } ?? [])
    }

    private static func lines(memory: String = own, devices: String = own, cpuset: String = "/") -> [CgroupMembership] {
        [
            CgroupMembership(hierarchy: 9, controllers: ["memory"], path: memory),
            CgroupMembership(hierarchy: 5, controllers: ["devices"], path: devices),
            CgroupMembership(hierarchy: 2, controllers: ["cpuset"], path: cpuset),
        ]
    }

    private static func version1(
        _ lines: [CgroupMembership], _ attribution: NodeTask.Attribution = .cgroup
    ) -> Node {
        moved(to: lines, attribution).changing {
            $0.host.cgroupVersion = 1
            $0.cgroups[2].memberships = Self.lines()
        }
    }

    static let several: [(name: String, node: Node, hierarchies: [String]?)] = [
        ("all", version1(lines()), nil),
        ("below", version1(lines(memory: own + "/x")), nil),
        // Where the first process is at the root too, the runtime never put anybody.
        ("a hierarchy that the runtime does not use", version1(lines(cpuset: "/y")), nil),
        ("the devices alone", version1(lines(devices: "/")), ["devices"]),
        ("named alike", version1(lines(devices: "/x/\(QuietIDs.container)")), ["devices"]),
        ("most", version1(lines(memory: "/x", devices: "/x"), .cgroupMinority), ["memory", "devices"]),
        (
            "most, first process gone",
            version1(lines(memory: "/x", cpuset: "/x"), .cgroupMinority).changing { $0.containers[0].initPID = nil },
            ["memory", "cpuset"]
        ),
        (
            "one, first process gone",
            version1(lines(memory: "/x")).changing { $0.containers[0].initPID = nil }, nil
        ),
    ]

    /// The same with the first process moved, and a sandbox whose lines tell what the runtime uses.
    private static func firstMoved(_ lines: [CgroupMembership], sandbox: [CgroupMembership] = pause) -> Node {
        .quiet.changing { node in
            node.host.cgroupVersion = 1
            node.cgroups[1].memberships = sandbox
            node.cgroups[2].memberships = lines
        }
    }

    private static let pause = lines(
        memory: QuietIDs.path(QuietIDs.sandbox), devices: QuietIDs.path(QuietIDs.sandbox))

    private static func hybrid(_ path: String) -> [CgroupMembership] {
        lines() + [CgroupMembership(hierarchy: 0, controllers: [], path: path)]
    }

    static let byTheSandbox: [(name: String, node: Node, hierarchies: [String]?)] = [
        ("all", firstMoved(lines()), nil),
        ("all below", firstMoved(lines(memory: own + "/x")), nil),
        ("the first process and its children", firstMoved(lines(devices: "/")), ["devices"]),
        ("to a group of another", firstMoved(lines(devices: "/user.slice")), ["devices"]),
        ("a hierarchy that the runtime does not use", firstMoved(lines(cpuset: "/y")), nil),
        ("no sandbox", firstMoved(lines(devices: "/")).changingSandbox { $0.initPID = nil }, nil),
        (
            "first process gone",
            firstMoved(lines(devices: "/")).changingContainer { $0.initPID = nil }, ["devices"]
        ),
        (
            "starting",
            firstMoved(lines(devices: "/")).changing { for index in 3...4 { $0.tasks[index].isStarting = true } }, nil
        ),
    ]

    /// A first process that moved itself is no measure of where the container belongs.
    @Test(arguments: byTheSandbox)
    func firstProcessMoved(name: String, node: Node, hierarchies: [String]?) {
        let evidence = Check.leftPodCgroup.found(node)
        #expect(evidence.map { $0.values["hierarchies"] } == hierarchies.map { [.list($0)] } ?? [])
        #expect(evidence.allSatisfy { $0.task?.tid == 4100 })
    }

    /// A first process that made itself a copy of its own path: the sandbox's group and the records tell where it was.
    @Test func copyOfItsOwnPath() {
        let node = Node.quiet.changing { node in
            node.cgroups[2].memberships = Self.unified("/x" + Self.own)
            node.containers[1].bundle?.cgroupsPath =
                "kubepods-burstable-pod0d15f723.slice:cri-containerd:\(QuietIDs.sandbox)"
        }
        let evidence = Check.leftPodCgroup.found(node)
        #expect(evidence.map { $0.values["cgroup"] } == [.text("/x" + Self.own)])
        // The records name two parents, or do not tell.
        for path in ["/elsewhere/\(QuietIDs.sandbox)", nil] {
            #expect(
                Check.leftPodCgroup.found(node.changingSandbox { $0.bundle?.cgroupsPath = path }) == [])
        }
    }

    /// What runc starts by exec stays behind in the unified hierarchy of the hybrid layout.
    @Test func executedOnTheHybridLayout() {
        let node = Self.firstMoved(Self.hybrid(Self.own)).changing {
            $0.cgroups[1].memberships += Self.unified(QuietIDs.path(QuietIDs.sandbox))
            $0.cgroups.append(
                CgroupPlacement(memberships: Self.hybrid("/system.slice/containerd.service"), owner: .host))
            $0.tasks[4].cgroup = 3
        }
        #expect(Check.leftPodCgroup.found(node) == [])
        let unified = node.changing { $0.host.cgroupVersion = 2 }
        #expect(Check.leftPodCgroup.found(unified).map { $0.values["hierarchies"] } == [.list(["unified"])])
    }

    /// A pod of a node that is nested in this one, whose runtime uses the unified hierarchy alone.
    ///
    /// Its records are not here. All its tasks are at `elsewhere` but the worker thread.
    private static func nested(_ elsewhere: [String], worker: [String]? = nil) -> Node {
        func lines(_ paths: [String]) -> [CgroupMembership] {
            unified("/node" + own)
                + paths.enumerated().map { number, path in
                    CgroupMembership(hierarchy: UInt32(number + 1), controllers: ["c\(number)"], path: path)
                }
        }
        return moved(to: lines(worker ?? elsewhere), .cgroupMinority).changing { node in
            node.host.cgroupVersion = 1
            node.cgroups[2].memberships = lines(elsewhere)
            node.tasks[3].attribution = .cgroupMinority
            node.containers[0].bundle = nil
            node.containers[0].initPID = nil
        }
    }

    static let nestedNodes: [(name: String, node: Node, hierarchies: [String]?)] = [
        ("the node's group", nested(["/node", "/node", "/"]), nil),
        ("the node's group and a service", nested(["/node", "/session/x/node"]), nil),
        ("one task back in the node's group", nested(["/node/kubepods.slice", "/"], worker: ["/node", "/"]), nil),
        ("one task elsewhere", nested(["/node", "/node"], worker: ["/node", "/user.slice"]), ["c1"]),
        ("a name that only starts alike", nested(["/node", "/node"], worker: ["/nod", "/node"]), ["c0"]),
        (
            "with a record",
            nested(["/node", "/node"]).changing { $0.containers[0].bundle = .quietContainer }, ["c0", "c1"]
        ),
    ]

    @Test(arguments: nestedNodes)
    func nestedNode(name: String, node: Node, hierarchies: [String]?) {
        let evidence = Check.leftPodCgroup.found(node)
        #expect(evidence.map { $0.values["hierarchies"] } == hierarchies.map { [.list($0)] } ?? [])
    }

    @Test(arguments: several)
    func severalHierarchies(name: String, node: Node, hierarchies: [String]?) {
        let evidence = Check.leftPodCgroup.found(node)
        #expect(evidence.map { $0.values["hierarchies"] } == hierarchies.map { [.list($0)] } ?? [])
    }

    /// Hierarchies of v1 that nobody uses beside that of v2.
    @Test func theGroupThatSaysMost() {
        let lines = [CgroupMembership(hierarchy: 4, controllers: ["cpuset"], path: "/")] + Self.unified("/user.slice")
        let evidence = Check.leftPodCgroup.found(Self.moved(to: lines, .ancestry, task: 3))
        #expect(evidence.map(\.detail) == ["pid 4100 (web) descends from the container, but in cgroup /user.slice"])
        #expect(evidence.map { $0.values["cgroup"] } == [.text("/user.slice")])
    }

    @Test func values() {
        let evidence = Check.leftPodCgroup.found(Self.moved(to: Self.unified("/user.slice"), .ancestry, task: 3))
        #expect(
            evidence.first?.values == [
                "hierarchies": .list(["unified"]), "cgroup": .text("/user.slice"), "attribution": .text("ancestry"),
                "parents": .list(["900 containerd-shim", "1 systemd"]),
            ])
    }

    static let moves: [(name: String, node: Node, line: CgroupMembership, isFound: Bool)] = [
        ("to the root", .quiet, unified("/")[0], true),
        ("to its own", .quiet, unified(own)[0], false),
        ("below its own", .quiet, unified(own + "/x")[0], false),
        // The scan's paths begin at the root of its cgroup namespace, the event's at that of the hierarchy.
        ("to its own, seen from further up", .quiet, unified("/docker/x" + own)[0], false),
        ("below its own, seen from further up", .quiet, unified("/docker/x" + own + "/y")[0], false),
        ("to a neighbour with a longer name", .quiet, unified(own + "x")[0], true),
        ("to a group that is named alike elsewhere", .quiet, unified("/x/\(QuietIDs.container)")[0], true),
        ("to the sandbox's", .quiet, unified(QuietIDs.path(QuietIDs.sandbox))[0], true),
        ("out of the devices", version1(lines()), lines(devices: "/")[1], true),
        ("within the devices", version1(lines()), lines()[1], false),
        ("in a hierarchy that the runtime does not use", version1(lines()), lines(cpuset: "/y")[2], false),
        ("in the unified one of the hybrid layout", version1(lines()), unified("/x")[0], false),
        (
            "out, first process gone", version1(lines()).changing { $0.containers[0].initPID = nil },
            lines(devices: "/")[1], true
        ),
        (
            "by name, first process gone", version1(lines()).changing { $0.containers[0].initPID = nil },
            lines(devices: "/x/\(QuietIDs.container)")[1], false
        ),
        (
            "out, first process moved before", firstMoved(lines(devices: "/")), lines(devices: "/x")[1], true
        ),
    ]

    @Test(arguments: moves)
    func moveByItself(name: String, node: Node, line: CgroupMembership, isFound: Bool) throws {
        let mover = LineageTask(pid: 4100, tid: 4100, name: TaskName("web"))
        let index = NodeIndex(node)
        let act = try #require(Check.leftPodCgroup.act)
        let evidence = act(node.tasks[3], .movedToCgroup(line, by: mover), 0, index)
        #expect((evidence != nil) == isFound)
        #expect(evidence == nil || evidence?.values["cgroup"] == .text(line.path))
    }

    @Test func valuesOfAMove() throws {
        let act = try #require(Check.leftPodCgroup.act)
        let mover = LineageTask(pid: 4200, tid: 4200, name: TaskName("sh"))
        let line = CgroupMembership(hierarchy: 5, controllers: [], path: "/")
        let node = Self.version1(Self.lines())
        let evidence = act(node.tasks[3], .movedToCgroup(line, by: mover), 0, NodeIndex(node))
        #expect(evidence?.detail == "pid 4100 (web) was moved to cgroup / of devices by pid 4200 sh")
        #expect(
            evidence?.values == [
                "hierarchies": .list(["devices"]), "cgroup": .text("/"), "attribution": .text("move"),
                "mover": .text("4200 sh"), "parents": .list(["900 containerd-shim", "1 systemd"]),
            ])
        #expect(act(node.tasks[3], .movedToCgroup(line, by: mover), nil, NodeIndex(node)) == nil)
        #expect(act(node.tasks[3], .loadedModule("x"), 0, NodeIndex(node)) == nil)
    }
}
