import Checks
import Findings
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct HTMLReportTests {
    /// The page of a report without its style.
    private static func page(_ report: Report) throws -> String {
        try report.text(.html).replacing(HTMLReport.style.text, with: "STYLE")
    }

    @Test func aWholePage() throws {
        let finding = Finding.sample("host-path-etc", .high, "/etc at /host & <more>").changing {
            $0.podFacts = .sample("ReplicaSet", "web")
        }
        #expect(try Self.page(.sample([finding], gaps: [ReportTests.gap], judged: [])) == Self.wholePage)
    }

    static let verdicts: [(report: Report, headline: String)] = [
        (.sample([]), "clean\">\n<p><strong>Clean: no findings in 1 pod.</strong></p>\n</div>"),
        (.sample([.sample("t", .low)]), "info\">\n<p><strong>Nothing at or above medium</strong> 0 critical"),
        (.sample([.sample()], ReportOptions(failOn: nil)), "info\">\n<p><strong>No verdict asked for</strong> 1 crit"),
        (.sample([.sample()]), "findings\">\n<p><strong>Findings</strong> 1 critical, 0 high, 0 medium in 1 of 1 pod."),
        (
            .sample([], gaps: [ReportTests.gap]),
            "incomplete\">\n<p><strong>Not fully judged</strong> No findings in 1 pod"
        ),
    ]

    @Test(arguments: verdicts)
    func theVerdictComesFirst(report: Report, headline: String) throws {
        #expect(try Self.page(report).contains("<div class=\"verdict \(headline)"))
    }

    @Test func unknownIsNotClean() throws {
        let page = try Self.page(.sample([.sample()], gaps: [ReportTests.gap]))
        #expect(page.contains("<p><a href=\"#gaps\">1 gap</a>: unknown is not clean.</p>"))
        #expect(!(try Self.page(.sample([.sample()]))).contains("unknown is not clean"))
    }

    @Test func whatWasNotJudgedAtAllIsNamed() throws {
        let node = Node.quiet.changing { $0.gaps = [Gap(kind: .timeLimit, reason: "r")] }
        let page = try Self.page(Report(Judgement(of: node), ReportOptions()))
        #expect(
            page.contains("<p>No column was judged fully, and nothing found, in 1 pod: <bdi>shop/web-0</bdi></p>"))
    }

    /// A finding that is not shown is still in the matrix, and is no link.
    @Test func whatIsNotShownIsTold() throws {
        let page = try Self.page(.sample([.sample("privileged", .low)], ReportOptions(minSeverity: .high)))
        #expect(page.contains("<p>1 finding not shown (--min-severity high)</p>"))
        #expect(page.contains("<td class=\"low\"><b>low</b><br><small>declared-by-runtime</small></td>"))
        #expect(!page.contains("href=\"#f-"))
    }

    static let cells: [(change: @Sendable (inout Finding) -> Void, cell: String)] = [
        ({ $0.declared = .undeclared }, "<br><small><em>undeclared</em></small></td>"),
        ({ $0.declared = .unknown }, "<br><small>unknown</small></td>"),
        ({ ($0.declared, $0.allowedBy) = (.undeclared, "entry") }, "<br><small>allowed</small></td>"),
    ]

    @Test(arguments: cells)
    func aCellSaysWhetherItWasAskedFor(change: @Sendable (inout Finding) -> Void, cell: String) throws {
        let page = try Self.page(.sample([.sample().changing { change(&$0) }]))
        #expect(page.contains("<td class=\"critical\"><a href=\"#f-f-privileged\">critical</a>" + cell))
    }

    @Test func declaredAndActual() throws {
        let node = try Node.quiet.changing { node in
            node.containers[1].bundle?.namespaces.removeAll { $0.kind == .ipc }
            for task in 2...4 { node.tasks[task].namespaces[.ipc] = node.host.reference?.namespaces[.ipc] }
        }.declaring(metadata: #""ownerReferences": [{"kind": "StatefulSet", "name": "web"}]"#)
        let page = try Self.page(Report(Judgement(of: node), ReportOptions()))
        #expect(page.contains("Declared or not by the Kubernetes API: 1 pod of this node, 0 s old."))
        #expect(
            page.contains(
                """
                <tr><th scope="row"><bdi>shop/web-0</bdi></th><td>StatefulSet/web</td><td>baseline</td>\
                <td>privileged</td><td><ul><li>web: hostIPC unset → true (not declared)</li></ul></td></tr>
                """))
        let asDeclared = try Self.page(Report(Judgement(of: try Node.quiet.declaring()), ReportOptions()))
        #expect(asDeclared.contains("<p>Declared and actual agree in 1 pod: <bdi>shop/web-0</bdi></p>"))
        let unanswered = try Self.page(Report(Judgement(of: Node.quiet.withoutAnswer), ReportOptions()))
        #expect(unanswered.contains("<p>Not told: the Kubernetes API gave no answer: connection refused. What pods"))
        #expect(unanswered.contains("<tr><th scope=\"row\">baseline</th><td>1</td><td><bdi>shop/web-0</bdi></td></tr>"))
    }

    @Test func whatOptionsAskFor() throws {
        let list = AllowList.unused("old <entry>")
        let host = Node.quiet.changing { $0.tasks[1].namespaces[.mount] = NamespaceID(rawValue: 9) }
        let report = Report(
            Judgement(node: host, findings: [], gaps: []), ReportOptions(showHost: true), allowList: list)
        let page = try Self.page(report)
        #expect(page.contains("<ul><li>allow-list entry old &lt;entry&gt;: covers nothing on this node</li></ul>"))
        #expect(
            page.contains(
                """
                <tr><th scope="row">900</th><td class="values">/usr/bin/containerd-shim-runc-v2</td><td>mnt</td></tr>
                """))
        let plain = try Self.page(.sample([]))
        #expect(!plain.contains("Allow-list") && !plain.contains("own processes"))
    }
}

/// What any browser makes of it.
extension HTMLReportTests {
    static let reports: [(name: String, report: Report)] =
        SchemaTests.samples.filter { $0.name != "cut" } + Hostile.texts.map { ($0.testDescription, hostile($0.text)) }
        + HTMLTests.markup.map { ($0.escaped, hostile($0.text)) }
        + [("wide", hostile(Hostile.wide.text)), ("very long", hostile(Hostile.long.text))]
        + [("cut", .large(40, ReportOptions(maxOutput: 16_000)))]

    /// A report on a node where everything that has a name has this one.
    static func hostile(_ text: String) -> Report {
        let node = Node.quiet.changing { node in
            node.host.name = text
            node.host.kernel = text
            node.host.bootID = text
            node.containers[0].pod = PodIdentity(namespace: text, name: text, uid: QuietIDs.podUID)
            node.tasks[1].namespaces[.mount] = NamespaceID(rawValue: 9)
            node.tasks[1].executable = text
            node.apiPods = APIPods(failure: text)
        }
        let finding = Finding.sample("privileged", .high, text).changing {
            $0.pod = node.containers[0].pod
            $0.podFacts = .sample(text, text)
            $0.container = .init(id: text, name: text, image: text, runtime: .containerd, isSandbox: false)
            $0.task?.comm = text
            $0.task?.executable = text
            $0.task?.parents = [text, text]
            $0.evidence = ["text": .text(text), "list": .list([text, text])]
            $0.allowedBy = text
        }
        let gaps = [Gap(kind: .process, reason: text, count: 9, examples: [text, text])]
        let list = AllowList.unused(text)
        return Report(
            Judgement(node: node, findings: [finding], gaps: gaps), ReportOptions(showHost: true), allowList: list)
    }

    @Test(arguments: reports)
    func pagesAreWellFormed(name: String, report: Report) throws {
        #expect(try Python.validatePage(try report.text(.html)) == "")
    }

    /// Nothing of a name is markup, and nothing of it is invisible.
    @Test(arguments: HTMLTests.markup)
    func namesAreText(text: String, escaped: String) throws {
        let page = try Self.hostile(text).text(.html)
        #expect(page.contains(escaped))
        let own = try Self.hostile("plain").text(.html)
        let tags = [page, own].map { page in page.utf8.count { $0 == UInt8(ascii: "<") } }
        #expect(tags[0] == tags[1])
        #expect(!page.unicodeScalars.contains { $0 != "\n" && TerminalText.isUnsafe($0) })
    }

    @Test func aLongNameDoesNotFillThePage() throws {
        #expect(try Self.hostile(Hostile.long.text).text(.html).utf8.count < 200_000)
    }

    static let breaches: [(from: String, to: String, problem: String)] = [
        ("</article>", "", "end of"), ("<h3>", "<h5>", "level skipped"), ("scope=\"col\"", "", "without scope"),
        ("<main>", "<main onclick=\"x\">", "attribute main onclick"), ("#t-host", "//a.example/", "link //a.example/"),
        ("<main>", "<main><script>x</script>", "element script"), ("href=\"#gaps\"", "href=\"#gap\"", "has the id gap"),
        ("style-src", "img-src", "img-src"), ("color-scheme:", "background: url(x);", "style"),
    ]

    /// The validator sees what it is there for.
    @Test(arguments: breaches)
    func aBreachIsSeen(from: String, to: String, problem: String) throws {
        let page = try Report.sample([.sample("host-path-etc")]).text(.html)
        #expect(page.contains(from))
        #expect(try Python.validatePage(page.replacing(from, with: to)).contains(problem))
    }
}

extension Finding.PodFacts {
    fileprivate static func sample(_ owner: String, _ name: String) -> Finding.PodFacts {
        var pod = Pod()
        pod.metadata.ownerReferences = [OwnerReference(kind: owner, name: name, controller: true)]
        pod.spec.serviceAccountName = name
        return Finding.PodFacts(pod, container: nil)
    }
}

extension AllowList {
    /// A list of one entry, for a namespace that the node does not have.
    fileprivate static func unused(_ name: String) -> AllowList {
        let entry = try? Entry(
            name: name, reason: "r", pods: PodPattern(namespace: NamePattern("none")),
            rules: [Rule(techniques: [NamePattern("privileged")])])
        return AllowList([entry].compactMap { $0 })
    }
}
