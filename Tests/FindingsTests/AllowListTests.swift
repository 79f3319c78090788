import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

@Suite struct AllowListTests {
    private static func entry(
        _ techniques: String..., namespace: String = "shop", pod: String = "web-*", owner: String? = nil,
        account: String? = nil, images: [String] = [], evidence: [String: [EvidenceValue]] = [:],
        expires: Int64? = nil
    ) throws(AllowListError) -> AllowList.Entry {
        let pods = AllowList.PodPattern(
            namespace: NamePattern(namespace), pod: NamePattern(pod), owner: owner.map(NamePattern.init),
            serviceAccount: account.map(NamePattern.init))
        let rule = try AllowList.Rule(
            techniques: techniques.map(NamePattern.init), images: images.compactMap { ImageRepository($0) },
            evidence: evidence)
        return try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [rule], expires: expires)
    }

    static let covered: [(name: String, entry: AllowList.Entry?, technique: String, isCovered: Bool)] = [
        ("by name", try? entry("privileged"), "privileged", true),
        ("another technique", try? entry("host-device"), "privileged", false),
        ("by pattern", try? entry("host-path-*"), "host-path-root", true),
        ("several", try? entry("host-device", "privileged"), "privileged", true),
        ("another namespace", try? entry("privileged", namespace: "kube-system"), "privileged", false),
        ("every namespace", try? entry("privileged", namespace: "*", pod: "web-0"), "privileged", true),
        ("every pod", try? entry("privileged", pod: "*"), "privileged", true),
        ("another pod", try? entry("privileged", pod: "web"), "privileged", false),
        ("evidence", try? entry("privileged", evidence: ["path": [.text("/var/log")]]), "privileged", true),
        (
            "all evidence",
            try? entry("privileged", evidence: ["path": [.text("/var/log")], "readOnly": [.flag(false)]]), "privileged",
            false
        ),
        (
            "evidence of another kind", try? entry("privileged", evidence: ["readOnly": [.text("true")]]), "privileged",
            false
        ),
        (
            "one of several values", try? entry("privileged", evidence: ["path": [.text("/var"), .text("/var/log")]]),
            "privileged", true
        ),
        ("evidence that is not there", try? entry("privileged", evidence: ["size": [.number(1)]]), "privileged", false),
        ("not expired", try? entry("privileged", expires: 1001), "privileged", true),
        ("expired", try? entry("privileged", expires: 1000), "privileged", false),
        (
            "an action", try? entry("left-pod-cgroup", evidence: ["path": [.text("/var/log")]]), "left-pod-cgroup", true
        ),
        (
            "an action done otherwise", try? entry("left-pod-cgroup", evidence: ["path": [.text("/")]]),
            "left-pod-cgroup", false
        ),
        (
            "a residue",
            try? entry("log-hard-link", evidence: ["path": [.text("/var/log")], "readOnly": [.flag(true)]]),
            "log-hard-link", true
        ),
    ]

    @Test(arguments: covered)
    func covers(name: String, entry: AllowList.Entry?, technique: String, isCovered: Bool) throws {
        let finding = try Finding.sample(technique, .critical)
        let allowed = finding.allowed(by: AllowList([try #require(entry)]), at: 1000)
        #expect(allowed.allowedBy == (isCovered ? "e" : nil) && allowed.severity == (isCovered ? .info : .critical))
        #expect(
            allowed.changing {
                $0.allowedBy = nil
                $0.severity = .critical
            } == finding)
    }

    /// A pattern never stands for an action or a residue, whatever else it stands for.
    @Test func patternsAreForExposures() throws {
        let ids = try Self.entry("*namespace", evidence: ["a": [.flag(true)]]).rules[0].techniques
        #expect(ids.contains("host-pid-namespace") && !ids.contains { $0.hasPrefix("entered") })
        for id in ids { #expect(Check.named(id)?.technique.findingClass == .exposure) }
    }

    /// A finding of a pod that the API declares, managed by a DaemonSet, or a Deployment's ReplicaSet.
    private static func declared(
        _ owner: (kind: String, name: String) = ("DaemonSet", "web"), isController: Bool? = true,
        account: String? = "web-account", images: [String] = ["registry.example/shop/web:1"], user: Int64? = nil
    ) throws -> Finding {
        var pod = Pod()
        pod.metadata.ownerReferences = [OwnerReference(kind: owner.kind, name: owner.name, controller: isController)]
        pod.spec.serviceAccountName = account
        return try Finding.sample("privileged", .high).changing {
            $0.declared = .declared
            $0.podFacts = Finding.PodFacts(pod, container: nil)
            $0.podFacts?.containers = images.map { .init(name: "web", image: $0, user: user) }
        }
    }

    static let bound: [(name: String, finding: Finding?, isCovered: Bool)] = [
        ("as bound", try? declared(), true),
        ("another owner", try? declared(("DaemonSet", "web-2")), false),
        ("another kind of owner", try? declared(("StatefulSet", "web")), false),
        ("an owner that does not manage it", try? declared(isController: false), false),
        ("an owner that does not say so", try? declared(isController: nil), false),
        ("another account", try? declared(account: "default"), false),
        ("no account", try? declared(account: nil), false),
        ("another repository", try? declared(images: ["registry.example/shop/other:1"]), false),
        ("another registry", try? declared(images: ["registry.example.net/shop/web:1"]), false),
        ("one image of several", try? declared(images: ["registry.example/shop/web:1", "other"]), false),
        ("no image", try? declared(images: []), false),
        ("an image without a name", try? declared(images: [""]), false),
        ("not declared", try? declared().changing { $0.declared = .undeclared }, false),
        ("nobody knows whether it is declared", try? declared().changing { $0.declared = .unknown }, false),
        ("the API does not have the pod", try? declared().changing { $0.podFacts = nil }, false),
    ]

    @Test(arguments: bound)
    func boundByTheAPI(name: String, finding: Finding?, isCovered: Bool) throws {
        let entry = try Self.entry(
            "privileged", owner: "DaemonSet/web", account: "web-account", images: ["registry.example/shop/web"])
        #expect(try #require(finding).allowed(by: AllowList([entry]), at: 0).allowedBy == (isCovered ? "e" : nil))
    }

    static let containers: [(containers: [String], users: [Int64], user: Int64?, isCovered: Bool)] = [
        (["web"], [], nil, true), (["init", "web"], [], 0, true), (["web-init"], [], nil, false),
        ([], [65534], 65534, true), ([], [65532, 65534], 65534, true), ([], [65534], 0, false),
        ([], [65534], nil, false), (["web"], [65534], 0, false),
    ]

    @Test(arguments: containers)
    func boundToAContainer(containers: [String], users: [Int64], user: Int64?, isCovered: Bool) throws {
        let rule = try AllowList.Rule(
            techniques: [NamePattern("privileged")], containers: containers, users: users)
        #expect(try rule.coverage(of: Self.declared(user: user)) == (isCovered ? .yes : .no))
        #expect(try rule.coverage(of: Self.declared(images: [], user: user)) < .yes)
        #expect(try rule.coverage(of: Self.declared().changing { $0.podFacts = nil }) < .yes)
    }

    /// A finding of a container that the API does not know, and does or does not have the pod of.
    private static func unlisted(
        account: String? = nil, _ change: (inout Finding) -> Void = { _ in }
    ) throws -> Finding {
        try declared(account: account, images: []).changing {
            if account == nil { $0.podFacts = nil }
            $0.declared = .unknown
            $0.container?.image = "registry.example/shop/web:1"
            change(&$0)
        }
    }

    static let unconfirmed: [(name: String, finding: Finding?, coverage: AllowList.Coverage)] = [
        ("nothing but the node's word", try? unlisted(), .unconfirmed),
        ("the pod is there", try? unlisted(account: "web-account"), .unconfirmed),
        ("the pod is another's", try? unlisted(account: "default"), .no),
        ("the record does not ask for it", try? unlisted { $0.declared = .undeclared }, .no),
        ("the API is not asked", try? unlisted { $0.declared = .declaredByRuntime }, .no),
        ("another image", try? unlisted { $0.container?.image = "registry.example/shop/other:1" }, .no),
        ("an image without a name", try? unlisted { $0.container?.image = nil }, .unconfirmed),
        ("another container", try? unlisted { $0.container?.name = "other" }, .no),
        ("a container without a name", try? unlisted { $0.container?.name = nil }, .unconfirmed),
        ("no container", try? unlisted { $0.container = nil }, .no),
        (
            "a sandbox",
            try? unlisted {
                $0.container?.isSandbox = true
                $0.container?.image = "registry.example/pause:3"
            }, .unconfirmed
        ),
        ("another pod", try? unlisted { $0.pod?.name = "other" }, .no),
        ("other evidence", try? unlisted { $0.evidence["path"] = .text("/") }, .no),
    ]

    /// What the node tells has to be meant all the same.
    @Test(arguments: unconfirmed)
    func beforeTheAPITells(name: String, finding: Finding?, coverage: AllowList.Coverage) throws {
        let pods = AllowList.PodPattern(
            namespace: NamePattern("shop"), pod: NamePattern("web-*"), owner: NamePattern("DaemonSet/web"),
            serviceAccount: NamePattern("web-account"))
        let rule = try AllowList.Rule(
            techniques: [NamePattern("privileged")],
            images: ["registry.example/shop/web"].compactMap { ImageRepository($0) }, containers: ["web"],
            users: [0], evidence: ["path": [.text("/var/log")]])
        let entry = try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [rule], expires: 5)
        let finding = try #require(finding)
        #expect(entry.coverage(of: finding, at: 0) == coverage && entry.coverage(of: finding, at: 5) == .no)
        #expect(finding.allowed(by: AllowList([entry]), at: 0) == finding)
    }

    /// What stands for practically everything is refused as `*` is.
    @Test(arguments: ["*", "*-*", "*e*", "*-*-*"])
    func patternsOfEverything(pattern: String) {
        #expect(throws: AllowListError.everyTechnique) { try AllowList.Rule(techniques: [NamePattern(pattern)]) }
        for pods in [
            AllowList.PodPattern(namespace: NamePattern(pattern)),
            AllowList.PodPattern(namespace: NamePattern("*"), pod: NamePattern(pattern)),
            AllowList.PodPattern(namespace: NamePattern("*"), owner: NamePattern("DaemonSet/\(pattern)")),
            AllowList.PodPattern(namespace: NamePattern("*"), owner: NamePattern("DaemonSet\(pattern)")),
            AllowList.PodPattern(namespace: NamePattern("*"), owner: NamePattern("\(pattern)DaemonSet")),
        ] {
            #expect(throws: AllowListError.everyPod) {
                let rule = try AllowList.Rule(techniques: [NamePattern("privileged")])
                _ = try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [rule])
            }
        }
    }

    @Test func everyExposureByMorePatterns() {
        let ids = Check.all.map(\.technique).filter { $0.findingClass == .exposure }.map(\.id)
        let patterns = Set(ids.map { $0.prefix(3) + "*" }).sorted().map { NamePattern($0) }
        #expect(throws: AllowListError.everyTechnique) { try AllowList.Rule(techniques: patterns) }
    }

    /// What no rule covers alone several can cover together.
    @Test func everyExposureByMoreRules() throws {
        let ids = Check.all.map(\.technique).filter { $0.findingClass == .exposure }.map(\.id)
        let hostPaths = try AllowList.Rule(techniques: [NamePattern("host-path-*")])
        let others = ids.filter { !hostPaths.techniques.contains($0) }
        let pods = AllowList.PodPattern(namespace: NamePattern("shop"))
        func entry(_ techniques: some Sequence<String>) throws -> AllowList.Entry {
            let rule = try AllowList.Rule(techniques: techniques.map { NamePattern($0) })
            return try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [hostPaths, rule])
        }
        #expect(throws: AllowListError.everyTechnique) { try entry(others) }
        #expect(try entry(others.dropFirst()).rules.count == 2)
    }

    /// A sidecar of the name of an init container keeps running.
    @Test func initContainers() throws {
        let rule = try AllowList.Rule(techniques: [NamePattern("privileged")], initContainers: ["web"])
        func isCovered(_ make: (inout Pod, ContainerSpec) -> Void) throws -> Bool {
            var (pod, container) = (Pod(), ContainerSpec())
            container.name = "web"
            make(&pod, container)
            return try rule.coverage(
                of: Self.declared().changing { $0.podFacts = Finding.PodFacts(pod, container: nil) }) == .yes
        }
        #expect(try isCovered { pod, container in pod.spec.initContainers = [container] })
        #expect(
            try !isCovered { pod, container in
                pod.spec.initContainers = [container]
                pod.spec.initContainers?[0].restartPolicy = "Always"
            })
        #expect(
            try !isCovered { pod, container in
                pod.spec.initContainers = [container]
                pod.spec.initContainers?[0].name = "other"
            })
        #expect(try !isCovered { pod, container in pod.spec.containers = [container] })
        #expect(try !isCovered { pod, container in pod.spec.ephemeralContainers = [container] })
    }

    static let managers: [(owner: (kind: String, name: String), isCovered: Bool)] = [
        (("ReplicaSet", "web-6f7c9d8b54"), true), (("ReplicaSet", "web-evil"), false), (("ReplicaSet", "web"), false),
        (("ReplicaSet", "web-"), false), (("ReplicaSet", "web-66666666666"), false),
        (("ReplicaSet", "web-2-6f7c9d8b54"), false), (("Deployment", "web"), true),
    ]

    @Test(arguments: managers)
    func deployment(owner: (kind: String, name: String), isCovered: Bool) throws {
        let list = AllowList([try Self.entry("privileged", owner: "Deployment/web")])
        #expect(try Self.declared(owner).allowed(by: list, at: 0).allowedBy == (isCovered ? "e" : nil))
    }

    /// Evidence that is a list is meant where nothing else is in it.
    @Test func listsOfEvidence() throws {
        let entry = try Self.entry("privileged", evidence: ["reaches": [.text("a"), .text("b")]])
        for (texts, isCovered) in [(["a"], true), (["b", "a"], true), (["a", "c"], false), ([], true)] {
            let finding = try Finding.sample().changing { $0.evidence["reaches"] = .list(texts) }
            #expect((finding.allowed(by: AllowList([entry]), at: 0).allowedBy != nil) == isCovered)
        }
    }

    @Test func unused() throws {
        let list = AllowList([
            try Self.entry("privileged").renamed("used", .init(namespace: NamePattern("shop"))),
            try Self.entry("host-device").renamed("unused", .init(namespace: NamePattern("shop"))),
            try Self.entry("host-device", expires: 5).renamed("expired", .init(namespace: NamePattern("shop"))),
        ])
        let findings = [try Finding.sample("privileged").allowed(by: list, at: 5)]
        let judgement = Judgement(node: .quiet, findings: findings, gaps: [])
        #expect(list.unused(by: judgement, at: 5) == ["unused"] && list.expired(at: 5) == ["expired"])
    }

    /// A pod whose name nobody knows may be any pod.
    @Test func unknownPod() throws {
        let list = AllowList([try Self.entry("privileged", pod: "*"), try Self.entry("privileged", namespace: "*")])
        for pod in [
            PodIdentity?.none, PodIdentity(uid: "u"), PodIdentity(namespace: "shop"), PodIdentity(name: "web-0"),
        ] {
            let finding = try Finding.sample().changing { $0.pod = pod }
            #expect(finding.allowed(by: list, at: 0) == finding)
        }
    }

    static let refused: [(techniques: [String], namespace: String, pod: String, error: AllowListError)] = [
        (["privileged"], "*", "*", .everyPod), (["privileged"], "**", "*", .everyPod),
        (["*"], "shop", "web", .everyTechnique), ([], "shop", "web", .noTechnique),
        (["privileged", "privilegd"], "shop", "web", .unknownTechnique("privilegd")),
        (["xyz-*"], "shop", "web", .unknownTechnique("xyz-*")),
        (["left-pod-cgroup"], "shop", "web", .noEvidence("left-pod-cgroup")),
        (["log-hard-link"], "shop", "web", .noEvidence("log-hard-link")),
        (["entered-*"], "shop", "web", .patternOfActions("entered-*")),
    ]

    /// A changed file, and one that is written, is allowed by what it holds, or where it leads.
    @Test(
        arguments: [
            (["path": [.text("/etc/cron.d/x")]], false), (["sha256": [.text("ab12")]], true),
            (["target": [.text("../x")]], true),
        ] as [([String: [EvidenceValue]], Bool)], ["node-file-changed-cron", "node-file-written-cron"])
    func file(_ entry: (evidence: [String: [EvidenceValue]], isRule: Bool), id: String) throws {
        if entry.isRule {
            #expect(try AllowList.Rule(techniques: [NamePattern(id)], evidence: entry.evidence).techniques == [id])
        } else {
            #expect(throws: AllowListError.noContent(id)) {
                try AllowList.Rule(techniques: [NamePattern(id)], evidence: entry.evidence)
            }
        }
    }

    /// That a thread of many did not do it says nothing of who did.
    @Test(
        arguments: [[.flag(false)], [.flag(true), .flag(false)], [.text("false"), .flag(false)]] as [[EvidenceValue]])
    func evidenceThatSaysNothing(values: [EvidenceValue]) {
        let id = "entered-host-mount-namespace"
        #expect(throws: AllowListError.noEvidence(id)) {
            try AllowList.Rule(techniques: [NamePattern(id)], evidence: ["thread": values])
        }
    }

    @Test(arguments: ["", " ", "\t\n"]) func noReason(reason: String) throws {
        let rule = try AllowList.Rule(techniques: [NamePattern("privileged")])
        let pods = AllowList.PodPattern(namespace: NamePattern("shop"))
        #expect(throws: AllowListError.noReason) {
            try AllowList.Entry(name: "e", reason: reason, pods: pods, rules: [rule])
        }
    }

    @Test(arguments: refused)
    func refusedEntries(techniques: [String], namespace: String, pod: String, error: AllowListError) {
        #expect(throws: error) {
            let rule = try AllowList.Rule(techniques: techniques.map(NamePattern.init))
            let pods = AllowList.PodPattern(namespace: NamePattern(namespace), pod: NamePattern(pod))
            _ = try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [rule])
        }
        #expect(!error.description.isEmpty)
    }

    /// What is allowed comes last and stays in the report.
    @Test func judgement() throws {
        let findings = [
            try Finding.sample("privileged", .critical), try Finding.sample("host-device", .high),
            try Finding.sample("seccomp-unconfined", .low),
        ]
        let list = AllowList([try Self.entry("privileged"), try Self.entry("privileged", pod: "web-0")])
        let allowed = Judgement.sample(findings).allowing(list, at: 0)
        #expect(allowed.findings.map(\.technique.id) == ["host-device", "seccomp-unconfined", "privileged"])
        #expect(allowed.findings.map(\.severity) == [.high, .low, .info])
        #expect(Judgement.sample(findings).allowing(AllowList(), at: 0) == Judgement.sample(findings))
        #expect(list.expired(at: .max) == [])
        #expect(AllowList([try Self.entry("privileged", expires: 5)]).expired(at: 5) == ["e"])
    }
}
