import Checks
import Foundation
import NodeModel
import Reports
import TestSupport
import Testing

@testable import Daemon
@testable import Findings

/// The saved queries of `packaging/cloudformation/queries.yaml`, asked of what daemons of three nodes would have sent.
@Suite(.enabled(if: BenchPython.hasBotocore, "needs packaging/bench/setup, for PyYAML"))
struct FleetQueryTests {
    /// Seconds since 1970.
    private static let now: Int64 = 1_800_000_000

    private static func minutesAgo(_ minutes: Double) -> Int64 { now * 1000 - Int64(minutes * 60_000) }

    private static func format(_ node: String) -> OutletFormat {
        .line(.emf, RecordOrigin(cluster: "demo", node: node))
    }

    // MARK: what was sent

    /// A finding's record: node, minutes ago, technique, severity, declaration, pod, its uid and owner.
    private static func record(
        _ node: String, _ minutes: Double, _ technique: String, _ severity: Severity, _ declared: Declaration,
        _ pod: (namespace: String, name: String, uid: String), owner: (kind: String, name: String)? = nil,
        _ change: FindingRecord.Change = .raised, seen: ClosedRange<Double> = 0...0
    ) throws -> String {
        let known = try #require(Check.all.first { $0.technique.id == technique }).technique
        var finding = Finding(
            id: "\(technique)-\(pod.uid)", technique: known, severity: severity, declared: declared,
            pod: PodIdentity(namespace: pod.namespace, name: pod.name, uid: pod.uid),
            container: .init(id: "c-\(pod.uid)", name: "main", image: nil, runtime: .containerd, isSandbox: false),
            detail: "seen")
        if let owner {
            var specification = Pod()
            specification.metadata.ownerReferences = [.init(kind: owner.kind, name: owner.name, controller: true)]
            finding.podFacts = .init(specification, container: nil)
        }
        let record = FindingRecord(
            change: change, finding: finding, firstSeen: minutesAgo(seen.upperBound),
            lastSeen: minutesAgo(seen.lowerBound), sightings: 1)
        return try #require(try format(node).text(record, at: minutesAgo(minutes)))
    }

    private static func minute(
        _ node: String, _ minutes: Double, _ raised: [Severity] = [], _ change: (inout MinuteMetrics) -> Void = { _ in }
    ) throws -> String {
        var metrics = MinuteMetrics()
        for severity in raised { metrics.findings.add(Check.all[0].technique, severity) }
        change(&metrics)
        return try #require(try format(node).text(metrics, at: minutesAgo(minutes)))
    }

    private static func lines() throws -> [String] {
        let (web, job) = (("shop", "web", "u1"), ("shop", "job", "u4"))
        let (first, second) = (("infra", "agent-b", "u2"), ("infra", "agent-c", "u3"))
        let agent = ("DaemonSet", "agent")
        let day = 1440.0
        return [
            try record("b", 20 * day, "seccomp-unconfined", .low, .declaredByRuntime, first),
            try record(
                "c", 40, "host-pid-namespace", .medium, .declared, second, .cleared, seen: 41...(2 * day)),
            try minute("c", 31, [.high]),
            try record("c", 31, "host-path-root", .high, .declaredByRuntime, second, owner: agent),
            try record("a", 4, "entered-host-mount-namespace", .critical, .undeclared, job),
            try minute("a", 3, [.critical, .high]) { $0.gaps = 2 },
            try record("a", 3, "privileged", .critical, .undeclared, web),
            try record("a", 3, "host-path-root", .high, .declared, web, owner: ("ReplicaSet", "web")),
            try record("a", 3, "seccomp-unconfined", .low, .declaredByRuntime, web),
            try record("a", 2, "entered-host-mount-namespace", .critical, .undeclared, job, .cleared, seen: 2.5...4),
            try minute("b", 2, [.high, .high]) { ($0.eventsLost, $0.recordsLost, $0.notJudged) = (5, 2, 1) },
            try record("b", 2, "host-path-root", .high, .declaredByRuntime, first, owner: agent),
            try minute("a", 1) { $0.gaps = 1 },
            try record("b", 1, "privileged", .critical, .undeclared, first, .worsened),
        ]
    }

    // MARK: what the queries say of that

    /// The rows of each query in the order of its columns, what is not there as `-`, a time as the minutes since then.
    static let answers: [String: [String]] = [
        "undeclared-pods": [
            "infra|agent-b|privileged|1|1m", "shop|web|privileged|1|3m",
            "shop|job|entered-host-mount-namespace|1|4m",
        ],
        "silent-nodes": ["c|31m"],
        "new-techniques": [
            "privileged|3m|1|1", "entered-host-mount-namespace|4m|1|1", "host-path-root|31m|3|3",
        ],
        "top-pods": ["shop|web|a|3", "infra|agent-b|b|2", "infra|agent-c|c|1", "shop|job|a|1"],
        "host-root-mounts": ["infra|DaemonSet|agent|2|2", "shop|ReplicaSet|web|1|1"],
        "pod-security-drift": ["infra|declared-by-runtime|2", "shop|undeclared|1", "shop|declared|1"],
        "worst-nodes": ["a|1|1|0", "b|0|2|0", "c|0|1|0"],
        "losses": ["b|5|2|1"],
        "gaps": ["a|2|2|1"],
        "short-lived": ["shop|job|entered-host-mount-namespace|1|90"],
        "critical-findings": [
            "1m|b|infra|agent-b|main|privileged|seen", "3m|a|shop|web|main|privileged|seen",
            "4m|a|shop|job|main|entered-host-mount-namespace|seen",
        ],
    ]

    private static let script = #"""
        import sys, yaml
        packaging, log, now = sys.argv[1], sys.argv[2], int(sys.argv[3])
        sys.path.insert(0, packaging + "/bench")
        import log_insights
        from moto.cloudformation.utils import yaml_tag_constructor
        yaml.SafeLoader.add_multi_constructor("", yaml_tag_constructor)
        resources = yaml.safe_load(open(packaging + "/cloudformation/queries.yaml"))["Resources"].values()
        events = [log_insights.event(line) for line in open(log)]
        def text(value):
            if value is None:
                return "-"
            if isinstance(value, int) and value > 10 ** 12:
                return f"{(now * 1000 - value) // 60000}m"
            return str(value)
        words = []
        for resource in resources:
            name = resource["Properties"]["Name"]["Fn::Sub"].rsplit("/")[-1]
            columns, rows = log_insights.run(resource["Properties"]["QueryString"], events, now)
            words += [name + ":" + "|".join(text(row.get(column)) for column in columns) for row in rows]
        print("ready", *words)
        """#

    @Test func everyQuery() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("log", try Self.lines().joined(separator: "\n"))
            let packaging = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("packaging").path
            let words = try StandIn(
                Self.script, arguments: [packaging, "\(directory.path)/log", String(Self.now)],
                interpreter: BenchPython.interpreter
            ).words
            let found = Dictionary(grouping: words) { String($0.prefix { $0 != ":" }) }
                .mapValues { rows in rows.map { String($0.drop { $0 != ":" }.dropFirst()) } }
            #expect(found.keys.sorted() == Self.answers.keys.sorted())
            for (name, rows) in Self.answers { #expect(found[name] == rows, "\(name)") }
        }
    }
}
