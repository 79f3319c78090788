import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

@Suite struct AllowListTests {
    private static func entry(
        _ techniques: String..., namespace: String = "shop", pod: String = "web-*",
        evidence: [String: EvidenceValue] = [:], expires: Int64? = nil
    ) throws(AllowListError) -> AllowList.Entry {
        try AllowList.Entry(
            name: "e", reason: "r", namespace: NamePattern(namespace), pod: NamePattern(pod),
            techniques: techniques.map(NamePattern.init), evidence: evidence, expires: expires)
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
        ("evidence", try? entry("privileged", evidence: ["path": .text("/var/log")]), "privileged", true),
        (
            "all evidence",
            try? entry("privileged", evidence: ["path": .text("/var/log"), "readOnly": .flag(false)]), "privileged",
            false
        ),
        (
            "evidence of another kind", try? entry("privileged", evidence: ["readOnly": .text("true")]), "privileged",
            false
        ),
        ("evidence that is not there", try? entry("privileged", evidence: ["size": .number(1)]), "privileged", false),
        ("not expired", try? entry("privileged", expires: 1001), "privileged", true),
        ("expired", try? entry("privileged", expires: 1000), "privileged", false),
        (
            "an action", try? entry("left-pod-cgroup", evidence: ["path": .text("/var/log")]), "left-pod-cgroup", true
        ),
        (
            "an action done otherwise", try? entry("left-pod-cgroup", evidence: ["path": .text("/")]),
            "left-pod-cgroup", false
        ),
        ("a residue", try? entry("log-hard-link", evidence: ["readOnly": .flag(true)]), "log-hard-link", true),
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
        let ids = try Self.entry("*namespace", evidence: ["a": .flag(true)]).techniques
        #expect(ids.contains("host-pid-namespace") && !ids.contains { $0.hasPrefix("entered") })
        for id in ids { #expect(Check.named(id)?.technique.findingClass == .exposure) }
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

    @Test(arguments: refused)
    func refusedEntries(techniques: [String], namespace: String, pod: String, error: AllowListError) {
        #expect(throws: error) {
            _ = try AllowList.Entry(
                name: "e", reason: "r", namespace: NamePattern(namespace), pod: NamePattern(pod),
                techniques: techniques.map(NamePattern.init))
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
