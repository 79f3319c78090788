import Checks
import Findings
import NodeModel

/// The report as a page for a ticket or an auditor: one file without scripts that loads nothing from elsewhere.
///
/// The verdict and what could not be judged come first.
struct HTMLReport {
    let report: Report
    /// The findings that are shown, without those that an output limit leaves out.
    let findings: ArraySlice<Finding>

    static func text(_ report: Report) throws(ReportError) -> String {
        let kept = try OutputLimit.largest(of: report.shown.count, within: report.options.maxOutput) { count in
            HTMLReport(report, keeping: count).page.text.utf8.count
        }
        return HTMLReport(report, keeping: kept).page.text
    }

    init(_ report: Report, keeping count: Int) {
        self.report = report
        findings = report.shown.prefix(count)
    }

    var page: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>breakoutd: \(nodeName), \(time)</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        \(header)
        \(navigation)
        <main>
        \(lines: sections)
        </main>
        \(Self.footer)
        </body>
        </html>

        """
    }

    var nodeName: String { report.node.host.name ?? "unnamed node" }

    /// When the scan began, to the second, such as `2023-11-14 22:13:20 UTC`.
    var time: String {
        let text = Timestamp.rfc3339(milliseconds: report.node.takenAt).prefix(19)
        return text.replacing("T", with: " ") + " UTC"
    }

    /// The last ones only where options or settings ask for them.
    private var sections: [HTML] {
        var sections = [
            section("gaps", "Not judged", gaps),
            section("matrix", "Pods and what they share with the node", matrix),
            section("declared", "Declared and actual", declared),
            section("findings", "Findings", findingGroups),
            section("techniques", "Techniques", techniques),
        ]
        if !report.allowanceSentences.isEmpty {
            let items = report.allowanceSentences.map { "<li>\($0)</li>" as HTML }
            sections.append(section("allowances", "Allow-list", "<ul>\(items)</ul>"))
        }
        if report.options.showHost {
            sections.append(section("processes", "The node's own processes", hostProcesses))
        }
        return sections
    }

    private func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
        """
        <section aria-labelledby="\(id)">
        <h2 id="\(id)">\(title)</h2>
        \(content)
        </section>
        """
    }

    private var navigation: HTML {
        let gaps = NumberText.counted(report.gaps.count, "gap")
        return """
            <nav aria-label="Sections">
            <a href="#gaps">Not judged (\(gaps))</a>
            <a href="#matrix">Pods</a>
            <a href="#declared">Declared and actual</a>
            <a href="#findings">Findings (\(findings.count))</a>
            <a href="#techniques">Techniques</a>
            </nav>
            """
    }

    private static let footer: HTML = """
        <footer>
        <p>Made by <code>breakoutd scan --format html</code>. Characters that cannot be seen, or that change how others
        read, are written out, such as <code>\\u{202e}</code>; long texts are cut. <code>--format json</code> has
        everything whole, under the same ids.</p>
        </footer>
        """
}

extension HTML {
    /// Names with commas between them.
    static func names(_ names: [String]) -> HTML {
        let items = names.enumerated().map { index, name in
            index == 0 ? "\(name: name)" : ", \(name: name)" as HTML
        }
        return "\(items)"
    }

    /// Rows of cells below their headings; the first cell of a row is its heading.
    static func table(labelledBy id: String, _ columns: [String], _ rows: [HTML]) -> HTML {
        let heads = columns.map { "<th scope=\"col\">\($0)</th>" as HTML }
        return """
            <div class="wide" role="group" aria-labelledby="\(id)" tabindex="0">
            <table class="\(id)" aria-labelledby="\(id)">
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(lines: rows)
            </tbody>
            </table>
            </div>
            """
    }
}
