import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

@Suite struct SeverityTests {
    /// The severity table: weight, then undeclared and declared.
    static let table: [(weight: Weight, undeclared: Severity, declared: Severity)] = [
        (.action, .critical, .high), (.rootEquivalent, .critical, .high), (.partial, .high, .medium),
        (.minor, .medium, .low), (.runnableResidue, .high, .high), (.inertResidue, .medium, .medium),
    ]

    @Test(arguments: table)
    func severity(weight: Weight, undeclared: Severity, declared: Severity) {
        for declaration in [Declaration.undeclared, .unknown] {
            #expect(Severity(weight, declaration, inUserNamespace: false) == undeclared)
            #expect(Severity(weight, declaration, inUserNamespace: true) == undeclared.lowered)
        }
        for declaration in [Declaration.declared, .declaredByRuntime] {
            #expect(Severity(weight, declaration, inUserNamespace: false) == declared)
            #expect(Severity(weight, declaration, inUserNamespace: true) == declared.lowered)
        }
    }

    @Test func everyWeightIsInTheTable() { #expect(Set(Self.table.map(\.weight)) == Set(Weight.allCases)) }

    @Test func order() {
        #expect(Severity.allCases.sorted() == [.info, .low, .medium, .high, .critical])
        #expect(Severity.allCases.map(\.lowered) == [.info, .info, .low, .medium, .high])
        #expect(Severity.allCases.map(\.rank) == [0, 1, 2, 3, 4])
    }
}

@Suite struct JudgementTests {
    /// Those of an act on a file of the node, and of what it left, name the file.
    @Test func nodeFiles() {
        let evidence = Evidence(declaration: .undeclared, key: "/etc/crontab", detail: "")
        let named = Check.all.filter { Finding($0, evidence, in: NodeIndex(.quiet)).nodeFile == "/etc/crontab" }
        let ids = Set(named.map(\.technique.id))
        #expect(ids.isSuperset(of: ["node-file-written-cron", "node-file-changed-cron"]))
        #expect(ids.allSatisfy { $0.hasPrefix("node-file-") } && ids.count == 2 * Check.all.count { $0.write != nil })
    }

    /// A check that finds what it is told.
    private static func check(
        _ id: String, class findingClass: FindingClass = .exposure, weight: Weight = .partial,
        reads: NodeParts = [], _ evidence: Evidence...
    ) -> Check {
        Check(
            Technique(
                id: id, title: "", class: findingClass, weight: weight, attack: [], messageID: "", reason: "",
                meaning: "", remedy: ""), reads: reads
        ) { _ in evidence }
    }

    private static func evidence(
        _ container: Int? = 0, weight: Weight? = nil, key: String = "", detail: String = "", task: NodeTask? = nil,
        declaration: Declaration = .undeclared
    ) -> Evidence {
        Evidence(
            container: container, task: task, declaration: declaration, weight: weight, key: key, detail: detail)
    }

    @Test func pausesBeforeEachCheck() {
        var events: [String] = []
        let checks = ["a", "b"].map { id in Self.check(id, Self.evidence(key: id)) }
        let judgement = Judgement(of: NodeIndex(.quiet), by: checks) { events.append("pause") }
        #expect(judgement.findings.map(\.technique.id) == ["a", "b"] && events == ["pause", "pause"])
    }

    @Test func quiet() {
        let all = Set(Check.all.map(\.technique.id))
        #expect(Judgement(of: .quiet) == Judgement(node: .quiet, findings: [], gaps: [], judged: all))
    }

    @Test func worstFirst() {
        let judgement = Judgement(
            of: .quiet,
            by: [
                Self.check("b", Self.evidence(weight: .minor), Self.evidence(weight: .action)),
                Self.check(
                    "a", Self.evidence(1), Self.evidence(detail: "2", task: nil), Self.evidence(detail: "1"),
                    Self.evidence(nil)),
                Self.check("c", weight: .action, Self.evidence(nil)),
            ])
        #expect(
            judgement.findings.map {
                "\($0.severity) \($0.container?.id.prefix(2) ?? "-") \($0.technique.id)\($0.detail)"
            }
                == [
                    "critical - c", "critical a1 b", "high - a", "high a1 a1", "high a1 a2", "high b2 a", "medium a1 b",
                ])
    }

    @Test func orderDoesNotDependOnTheChecks() {
        let node = Node.quiet.changingTask { $0.namespaces = .host }
        let findings = Judgement(of: node).findings
        #expect(findings.count > 4)
        #expect(Judgement(of: node, by: Check.all.reversed()).findings == findings)
    }

    @Test func wholeFinding() throws {
        let node = Node.quiet.changingTask { $0.namespaces[.mount] = NamespaceSet.host[.mount] }
        let finding = try #require(
            Judgement(of: node).findings.first { $0.technique.id == "entered-host-mount-namespace" })
        #expect(finding.severity == .critical && finding.declared == .undeclared && finding.allowedBy == nil)
        #expect(finding.pod == QuietIDs.pod)
        #expect(
            finding.container
                == Finding.ContainerSummary(
                    id: QuietIDs.container, name: "web", image: "registry.example/web:1", runtime: .containerd,
                    isSandbox: false))
        #expect(
            finding.task
                == Finding.TaskSummary(
                    pid: 4100, tid: 4100, startTime: 5100, comm: "web", executable: "/bin/web", uid: 0,
                    parents: ["900 containerd-shim", "1 systemd"]))
    }

    /// What the log tree says belongs to the pod whose directory it is.
    @Test func podWithoutAContainer() throws {
        let pod = PodIdentity(uid: "another")
        let finding = try #require(
            Judgement(
                of: .quiet, by: [Self.check("x", Evidence(pod: pod, declaration: .undeclared, detail: ""))]
            ).findings.first)
        #expect(finding.pod == pod && finding.container == nil && finding.task == nil)
    }

    private static func id(_ evidence: Evidence, technique: String = "x", of node: Node = .quiet) -> String {
        Judgement(of: node, by: [check(technique, evidence)]).findings.first?.id ?? ""
    }

    @Test func stableIDs() {
        let first = Self.id(Self.evidence(key: "/host", detail: "pid 1", task: Node.quiet.tasks[3]))
        #expect(first.utf8.count == 32 && first.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(Self.id(Self.evidence(key: "/host", detail: "pid 2", task: Node.quiet.tasks[4])) == first)
        #expect(Self.id(Self.evidence(weight: .minor, key: "/host")) == first)
        let others = [
            Self.id(Self.evidence(key: "/host2")), Self.id(Self.evidence(key: "/host"), technique: "y"),
            Self.id(Self.evidence(1, key: "/host")), Self.id(Self.evidence(nil, key: "/host")),
            Self.id(Self.evidence(key: "/host"), of: .quiet.changingContainer { $0.id = "other" }),
            Self.id(Self.evidence(key: "/host"), of: .quiet.changingContainer { $0.name = "other" }),
        ]
        #expect(Set(others + [first]).count == 7)
    }

    /// The parts of an id stay apart: no name and key of one finding read as those of another.
    @Test func partsOfAnIDAreApart() {
        let one = Self.id(Self.evidence(key: "b"), of: .quiet.changingContainer { $0.id = "a" })
        #expect(one != Self.id(Self.evidence(key: ""), of: .quiet.changingContainer { $0.id = "ab" }))
    }

    static let parts: [(name: String, held: NodeParts, reads: NodeParts, isJudged: Bool)] = [
        ("nothing needed", [], [], true), ("all held", .all, [.bundles, .mounts], true),
        ("one of two", [.bundles], [.bundles, .mounts], false), ("none", [], .podLogs, false),
    ]

    @Test(arguments: parts)
    func missingParts(name: String, held: NodeParts, reads: NodeParts, isJudged: Bool) {
        let node = Node.quiet.changing { $0.parts = held }
        let judgement = Judgement(of: node, by: [Self.check("x", reads: reads, Self.evidence())])
        #expect(judgement.findings.count == (isJudged ? 1 : 0) && judgement.judged == (isJudged ? ["x"] : []))
        let gap = Gap(kind: .check, reason: "the node file does not hold what the check reads", examples: ["x"])
        #expect(judgement.gaps == (isJudged ? [] : [gap]))
    }

    @Test func gapsOfTheNodeStay() {
        let node = Node.quiet.changing {
            $0.gaps.add(.process, "Permission denied", "pid 7")
            $0.parts = []
        }
        let judgement = Judgement(of: node)
        #expect(judgement.gaps.map(\.kind) == [.process, .check])
        #expect(judgement.gaps.map(\.count) == [1, Check.all.count { !$0.reads.isEmpty }])
    }

    @Test func tasksInDoubt() {
        let tasks = Node.quiet.tasks
        let judgement = Judgement(
            of: .quiet,
            by: [
                Self.check("a", class: .action, Self.evidence(task: tasks[4]), Self.evidence(nil)),
                Self.check("b", class: .action, Self.evidence(task: tasks[4])),
                Self.check("c", class: .exposure, Self.evidence(task: tasks[3])),
                Self.check("d", class: .residue, Self.evidence(task: tasks[2])),
                Self.check("e", class: .exposure, Self.evidence(task: tasks[2], declaration: .declaredByRuntime)),
                Self.check("f", class: .exposure, Self.evidence(task: tasks[1], declaration: .unknown)),
            ])
        #expect(Set(judgement.tasksInDoubt.keys) == [tasks[1].key, tasks[3].key, tasks[4].key])
        let shown = judgement.findings.filter { $0.task?.tid == tasks[4].tid }
        #expect(shown.count == 2 && judgement.tasksInDoubt[tasks[4].key] == Set(shown.map(\.id)))
    }

    @Test func containersInDoubt() {
        // More than a gap has examples.
        let ids = (1...9).map { "e\($0)" }
        let node = Node.quiet.changing { node in
            for id in ids {
                node.containers.append(Container(id: id))
                node.tasks.append(NodeTask(pid: 5000, tid: 5000, container: node.containers.count - 1))
            }
            node.containers.append(Container(id: "f6"))
        }
        let judgement = Judgement(
            of: node,
            by: [
                Self.check("a", class: .residue, Self.evidence(1), Self.evidence(nil)),
                Self.check("b", class: .action, Self.evidence(0)),
            ])
        #expect(judgement.containersInDoubt == Set([QuietIDs.sandbox] + ids))
        let without = Judgement(of: node.changing { $0.parts.remove(.bundles) }, by: [])
        #expect(without.containersInDoubt == [])
    }
}

@Suite struct UserNamespaceSeverityTests {
    private static let check = Check(
        Technique(
            id: "x", title: "", class: .exposure, weight: .rootEquivalent, attack: [], messageID: "", reason: "",
            meaning: "", remedy: ""), reads: []
    ) { _ in [Evidence(container: 0, declaration: .declaredByRuntime, detail: "")] }

    private static let own = NamespaceID(rawValue: 4_026_533_106)

    /// The quiet pod in a user namespace, as its record says and its processes are.
    private static let confined = Node.quiet.changing { node in
        for index in 2...4 { node.tasks[index].namespaces[.user] = own }
        node.userNamespaces.append(
            UserNamespace(id: own, uidMap: [IDMapping(inside: 0, outside: 838_860_800, count: 65_536)]))
        node.containers[1].bundle?.namespaces.append(BundleNamespace(kind: .user))
        node.containers[0].bundle?.namespaces.append(BundleNamespace(kind: .user, path: "/proc/4000/ns/user"))
    }

    static let cases: [(name: String, node: Node, severity: Severity)] = [
        ("none", .quiet, .high),
        ("own", confined, .medium),
        ("own by the record, no process yet", confined.changing { $0.tasks.removeLast(2) }, .medium),
        (
            "one thread outside",
            confined.changing { $0.tasks[4].namespaces[.user] = NamespaceSet.host[.user] }, .high
        ),
        ("one not read", confined.changing { $0.tasks[4].namespaces[.user] = nil }, .high),
        ("no reference", confined.changing { $0.host.reference = nil }, .high),
    ]

    @Test(arguments: cases)
    func severity(name: String, node: Node, severity: Severity) {
        #expect(Judgement(of: node, by: [Self.check]).findings.map(\.severity) == [severity])
    }

    /// What the pod did itself proves nothing: whoever starts outside may make a namespace and keep a way back.
    static let unearned: [(name: String, node: Node)] = [
        (
            "made by the container itself",
            .quiet.changing { node in for index in 3...4 { node.tasks[index].namespaces[.user] = own } }
        ),
        (
            "the record names the host's",
            confined.changing { $0.tasks.removeLast(2) }.changingBundle { bundle in
                bundle.namespaces.removeAll { $0.kind == .user }
                bundle.namespaces.append(BundleNamespace(kind: .user, path: "/proc/1/ns/user"))
            }
        ),
        (
            "its ids are the node's",
            confined.changing {
                $0.userNamespaces[1].uidMap = [IDMapping(inside: 0, outside: 0, count: 4_294_967_295)]
            }
        ),
        ("no record", confined.changingContainer { $0.bundle = nil }),
    ]

    @Test(arguments: unearned)
    func notLowered(name: String, node: Node) {
        #expect(Judgement(of: node, by: [Self.check]).findings.map(\.severity) == [.high])
    }

    /// A privileged pod with `hostUsers: false` is told of one step lower than the same without.
    @Test func privileged() {
        let change = { (node: Node) in
            node.changingBundle {
                $0.capabilities = TaskCredentials.root.permitted
                ($0.hasSeccomp, $0.maskedPaths, $0.allowsAllDevices) = (false, [], true)
            }
        }
        let told = { (node: Node) in
            Judgement(of: node).findings.map { "\($0.severity) \($0.technique.id)" }
        }
        #expect(told(change(.quiet)) == ["high privileged"])
        #expect(told(change(Self.confined)) == ["medium privileged"])
    }
}
