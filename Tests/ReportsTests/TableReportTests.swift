import Checks
import Findings
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct TableReportTests {
    static let entered = Finding.sample(
        "entered-host-mount-namespace", .critical, "pid 4711 sh, child of nsenter; ns/mnt 4026531841 = host"
    ).changing { $0.declared = .undeclared }

    @Test func wholeReport() throws {
        let findings = [
            Self.entered, .sample("host-network", .high, "ns/net = host").moved(to: "dns", namespace: "kube-system"),
            .sample("privileged", .high),
            .sample("log-link", .medium, "").changing { ($0.pod, $0.container) = (nil, nil) },
            .sample("t", .info).moved(to: "proxy"), .sample("u", .info).moved(to: "proxy"),
        ]
        let node = Node.quiet.changing { $0.endedWhileRead = 2 }
        let report = Report.sample(findings, gaps: [ReportTests.gap], node: node, ReportOptions(minSeverity: .info))
        #expect(
            try report.text(.table) == """
                node ip-10-10-1-67  kernel 6.1.0  cgroup v2  3 pods  4 processes  5 threads  in 0.09 s

                CRITICAL  shop/web-0  container web (registry.example/web:1)
                  ● entered-host-mount-namespace  pid 4711 sh, child of nsenter; ns/mnt          undeclared
                                                  4026531841 = host
                  ● privileged                    41 capabilities                                declared-by-runtime
                HIGH      kube-system/dns  container web
                  ● host-network                  ns/net = host                                  declared-by-runtime
                MEDIUM    node
                  ● log-link                                                                     declared-by-runtime
                INFO      shop/proxy (--show-allowed)

                Not judged: process: permission denied (2: 4711, …)
                            2 processes or threads ended while being read
                1 critical, 2 high, 1 medium, 2 info in 3 of 3 pods; 1 belongs to no pod.
                breakoutd explain entered-host-mount-namespace

                """)
    }

    static let plainLines: [(findings: [Finding], gaps: [Gap], options: ReportOptions, line: String)] = [
        ([], [], ReportOptions(), "Clean: no findings in 1 pod."),
        ([], [ReportTests.gap], ReportOptions(), "No findings in 1 pod, but not everything could be judged."),
        (
            [.sample("a", .low)], [], ReportOptions(minSeverity: .high),
            "1 finding not shown (--min-severity high)"
        ),
        (
            [.sample("a", .low)], [], ReportOptions(),
            "0 critical, 0 high, 0 medium, 1 low in 1 of 1 pod.   breakoutd explain a"
        ),
        (
            [.sample("a", .low), .sample("b", .low).moved(to: "x")], [],
            ReportOptions(minSeverity: .medium, pod: "web-0", namespace: "shop"),
            "2 findings not shown (--min-severity medium, --pod web-0, --namespace shop)"
        ),
        ([], [], ReportOptions(showHost: true), "No process of the node's own is in other namespaces than the host's."),
        (
            [.sample("a").changing { $0.pod = nil }], [], ReportOptions(),
            "CRITICAL  container a1a1a1a1a1a1 (no pod)"
        ),
        ([.sample("a").changing { $0.container = nil }], [], ReportOptions(), "CRITICAL  shop/web-0"),
        (
            [.sample("a").changing { $0.container = .sandbox }], [],
            ReportOptions(),
            "CRITICAL  shop/web-0  sandbox (pause:3)"
        ),
    ]

    @Test(arguments: plainLines)
    func saysPlainly(findings: [Finding], gaps: [Gap], options: ReportOptions, line: String) throws {
        let text = try Report.sample(findings, gaps: gaps, options).text(.table)
        #expect(text.split(separator: "\n").contains { $0 == line }, "\(text)")
    }

    /// Of a few checks nothing is told that could be taken for all of them.
    @Test(arguments: [
        ([], [], "Clean: no findings in 1 pod by 2 of 116 checks."),
        ([], [ReportTests.gap], "No findings in 1 pod by 2 of 116 checks, but not everything could be judged."),
        (
            [Finding.sample("a", .low)], [],
            "0 critical, 0 high, 0 medium, 1 low in 1 of 1 pod by 2 of 116 checks.   breakoutd explain a"
        ),
    ])
    func someChecks(findings: [Finding], gaps: [Gap], line: String) throws {
        let text = try Report.sample(findings, gaps: gaps, judged: Array(Check.all.prefix(2))).text(.table)
        #expect(text.split(separator: "\n").contains { $0 == line }, "\(text)")
    }

    /// What was lowered, by which entry, and the entries that did nothing.
    @Test func showAllowed() throws {
        let pods = AllowList.PodPattern(namespace: NamePattern("shop"))
        let rule = try AllowList.Rule(techniques: [NamePattern("privileged")])
        let list = AllowList([
            try .init(name: "old", reason: "r", pods: pods, rules: [rule], expires: 1),
            try .init(name: "idle\u{1b}", reason: "r", pods: pods, rules: [rule]),
        ])
        let finding = Finding.sample("privileged", .info).changing { $0.allowedBy = "web" }
        let judgement = Judgement(node: .quiet, findings: [finding], gaps: [])
        let text = try Report(judgement, ReportOptions(showAllowed: true), allowList: list).text(.table)
        #expect(text.contains("\nINFO      shop/web-0  container web"))
        #expect(text.contains("declared-by-runtime, allowed: web\n"))
        #expect(text.contains("\nallow-list entry old: expired, counts no more\n"))
        #expect(text.contains("\nallow-list entry idle\\x1b: covers nothing on this node\n"))
        #expect(!(try Report(judgement, ReportOptions(), allowList: list).text(.table)).contains("allow-list"))
    }

    @Test(arguments: [(8, nil), (9, "  … and 1 more (--format json)"), (13, "  … and 5 more (--format json)")])
    func folds(count: Int, line: String?) throws {
        let findings = (0..<count).map { Finding.sample("t\($0)", .high) }
        let lines = try Report.sample(findings).text(.table).split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("  ●") }.count == 8)
        #expect(lines.first { $0.contains("more (--format") } == line)
    }

    @Test func collapsesInfo() throws {
        let findings = (0..<7).map { Finding.sample("t", .info).moved(to: "p\($0)", namespace: "a") }
        let text = try Report.sample(findings).text(.table)
        #expect(text.contains("\nINFO      a/p0, a/p1, a/p2, a/p3, a/p4 and 2 more (--show-allowed)\n"))
        #expect(!text.contains("●"))
    }

    @Test func keepsThePodsContainersTogether() throws {
        let findings = [
            Finding.sample("a", .critical), .sample("b", .high).moved(to: "other"),
            .sample("c", .medium).changing {
                $0.container?.id = "ff"; $0.container?.name = "side"
            },
        ]
        let lines = try Report.sample(findings).text(.table).split(separator: "\n")
        let titles = lines.filter { line in Severity.allCases.contains { line.hasPrefix($0.rawValue.uppercased()) } }
        #expect(
            titles == [
                "CRITICAL  shop/web-0  container web (registry.example/web:1)",
                "MEDIUM    shop/web-0  container side (registry.example/web:1)", "HIGH      shop/other  container web",
            ])
    }

    @Test(
        arguments: [0, 40, 57, 60, 80, 100, 200], Hostile.texts + [Hostile.wide])
    func noLineIsWiderThanTheTerminal(width: Int, hostile: Hostile) throws {
        let (text, long) = (hostile.text, String(repeating: "x", count: 3_000))
        let findings = [
            Self.entered.changing { $0.detail = text + long },
            .sample("a-technique-with-a-name-that-is-longer-than-any-terminal-is-wide", .high, text).changing {
                $0.pod = PodIdentity(namespace: text, name: text + long, uid: "1")
                $0.container?.name = text
                $0.container?.image = long + text
            },
            .sample("t", .info).changing { $0.pod = PodIdentity(namespace: text, name: long, uid: "2") },
        ]
        let node = Node.quiet.changing {
            $0.host.name = text + long
            $0.tasks[1].executable = text + long
            $0.tasks[1].namespaces[.mount] = NamespaceID(rawValue: 9)
        }
        let gap = Gap(kind: .mounts, reason: text + long, count: 9, examples: [text, long])
        for colour in [false, true] {
            let options = ReportOptions(showHost: true, colour: colour, width: width)
            let output = try Report.sample(findings, gaps: [gap], node: node, options).text(.table)
            for line in output.split(separator: "\n") {
                let plain = Self.withoutColour(String(line))
                #expect(DisplayWidth.of(plain) <= max(width, 40))
                #expect(!plain.unicodeScalars.contains(where: TerminalText.isUnsafe))
            }
        }
    }

    @Test func colourChangesNothingElse() throws {
        let coloured = try Report.large(20, ReportOptions(colour: true)).text(.table)
        #expect(coloured.contains("\u{1b}[1;31mCRITICAL\u{1b}[0m  shop/web-0"))
        #expect(coloured.contains("\u{1b}[1;31m  ●\u{1b}[0m technique-0"))
        #expect(Self.withoutColour(coloured) == (try Report.large(20).text(.table)))
    }

    /// The text without the sequences that a table writes itself.
    static func withoutColour(_ text: String) -> String {
        ["1;31", "31", "33", "36", "2", "0"].reduce(text) { rest, code in
            rest.split(separator: "\u{1b}[\(code)m", omittingEmptySubsequences: false).joined()
        }
    }
}

extension Finding.ContainerSummary {
    /// The quiet pod's sandbox.
    fileprivate static let sandbox = Finding.ContainerSummary(
        id: QuietIDs.sandbox, name: nil, image: "pause:3", runtime: .containerd, isSandbox: true)
}
