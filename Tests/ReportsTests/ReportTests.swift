import Checks
import Findings
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct ReportTests {
    static let gap = Gap(kind: .process, reason: "permission denied", count: 2, examples: ["4711"])

    static let verdicts: [(findings: [Finding], gaps: [Gap], failOn: Severity?, verdict: Verdict, exit: Int32)] = [
        ([], [], .medium, .clean, 0),
        ([], [gap], .medium, .incomplete, 3),
        ([.sample("a", .critical)], [], .medium, .findings, 1),
        ([.sample("a", .critical)], [gap], .medium, .findings, 1),
        ([.sample("a", .medium)], [], .medium, .findings, 1),
        ([.sample("a", .low)], [], .medium, .clean, 0),
        ([.sample("a", .low)], [gap], .medium, .incomplete, 3),
        ([.sample("a", .info)], [], .info, .findings, 1),
        ([.sample("a", .critical)], [], nil, .clean, 0),
        ([.sample("a", .critical)], [gap], nil, .incomplete, 3),
    ]

    @Test(arguments: verdicts)
    func verdict(findings: [Finding], gaps: [Gap], failOn: Severity?, verdict: Verdict, exit: Int32) {
        let report = Report.sample(findings, gaps: gaps, ReportOptions(failOn: failOn))
        #expect(report.verdict == verdict)
        #expect(report.exitCode == exit)
    }

    @Test func hiddenFindingsStillJudge() {
        let findings = [Finding.sample("a", .high), .sample("b", .medium), .sample("c", .info)]
        let report = Report.sample(findings, ReportOptions(minSeverity: .critical))
        #expect(report.shown.isEmpty)
        #expect(report.hidden == 3)
        #expect(report.verdict == .findings)
        #expect(report.counts.findings == [.high: 1, .medium: 1, .info: 1])
    }

    static let selections: [(pod: String?, namespace: String?, ids: [String], verdict: Verdict)] = [
        (nil, nil, ["a", "b", "c"], .findings),
        ("web-0", nil, ["a"], .findings),
        ("shop/web-0", nil, ["a"], .findings),
        ("other/web-0", nil, [], .incomplete),
        (nil, "shop", ["a"], .findings),
        (nil, "kube-system", ["b"], .clean),
        ("web-0", "kube-system", [], .incomplete),
        ("web", nil, [], .incomplete),
        (nil, "", [], .incomplete),
    ]

    @Test(arguments: selections)
    func narrows(pod: String?, namespace: String?, ids: [String], verdict: Verdict) {
        let findings = [
            Finding.sample("a", .high), .sample("b", .low).moved(to: "proxy", namespace: "kube-system"),
            .sample("c", .low).changing { ($0.pod, $0.container) = (nil, nil) },
        ]
        let report = Report.sample(findings, ReportOptions(pod: pod, namespace: namespace))
        #expect(report.selected.map(\.technique.id) == ids)
        #expect(report.hidden == 3 - ids.count)
        #expect(report.verdict == verdict)
    }

    @Test func aPodThatIsNotThereIsNotClean() {
        let report = Report.sample([], ReportOptions(pod: "web-9", namespace: "shop"))
        #expect(
            report.gaps == [
                Gap(kind: .container, reason: "no such pod on this node", examples: ["namespace shop, pod web-9"])
            ])
        #expect(report.exitCode == 3)
    }

    @Test func aFindingOfAPodWithoutNameIsNotClean() {
        let unnamed = Finding.sample().changing { $0.pod = PodIdentity(uid: "1234") }
        let report = Report.sample([unnamed], ReportOptions(pod: "web-0"))
        #expect(report.selected.isEmpty)
        #expect(report.gaps.map(\.examples) == [["pod 1234"]])
        #expect(report.verdict == .incomplete)
    }

    @Test func countsTheNode() {
        let outside = Finding.sample("a").changing { ($0.pod, $0.container) = (nil, nil) }
        let counts = Report.sample([outside, .sample("b", .low)], node: .quiet.changing { $0.endedWhileRead = 7 })
            .counts
        #expect(
            counts
                == Report.Counts(
                    pods: 1, containers: 2, processes: 4, threads: 5, endedWhileRead: 7,
                    findings: [.critical: 1, .low: 1], podsWithFindings: 1, outsidePods: 1))
    }

    @Test func countsWhatIsSelected() {
        let counts = Report.sample([], ReportOptions(pod: "web-0")).counts
        #expect(counts == Report.Counts(pods: 1, containers: 2, processes: 2, threads: 3))
    }

    @Test func hostTasksOnlyWhenAskedAndKnown() {
        let node = Node.quiet.changing {
            $0.tasks[1].namespaces[.mount] = NamespaceID(rawValue: 9)
            $0.tasks[1].namespaces[.network] = nil
            $0.tasks[0].isKernelThread = true
            $0.tasks[0].namespaces[.uts] = NamespaceID(rawValue: 9)
        }
        let shim = Report.HostTask(
            pid: 900, comm: "containerd-shim", executable: "/usr/bin/containerd-shim-runc-v2", namespaces: [.mount])
        #expect(Report.sample([], node: node).hostTasks == nil)
        #expect(Report.sample([], node: node, ReportOptions(showHost: true)).hostTasks == [shim])
        #expect(Report.sample([], ReportOptions(showHost: true)).hostTasks == [])
        let unknown = node.changing { $0.host.reference = nil }
        #expect(Report.sample([], node: unknown, ReportOptions(showHost: true)).hostTasks == nil)
    }
}
