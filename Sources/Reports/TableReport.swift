import Checks
import Findings
import NodeModel

/// The report for people: worst pod first, what and why, no line wider than the terminal.
///
/// Everything that a container can choose is escaped before it is measured and laid out.
struct TableReport {
    /// Findings of one container beyond these are a count.
    static let findingsPerContainer = 8
    /// Lines that the values of one finding may take; the JSON formats have them whole.
    static let detailLines = 6
    /// Pods with nothing but info that are named; the others are a count.
    static let namedPods = 5

    let report: Report
    /// The findings that are shown, without those that an output limit leaves out.
    let findings: ArraySlice<Finding>
    let width: Int
    /// Where the values begin: after the longest technique shown.
    let techniqueColumn: Int
    /// How wide the last column is.
    let declaredColumn: Int

    static func text(_ report: Report) throws(ReportError) -> String {
        let count = report.shown.count
        let kept = try OutputLimit.largest(of: count, within: report.options.maxOutput) { kept in
            TableReport(report, keeping: kept).text.utf8.count
        }
        return TableReport(report, keeping: kept).text
    }

    init(_ report: Report, keeping count: Int) {
        self.report = report
        findings = report.shown.prefix(count)
        width = max(report.options.width, ReportOptions.minimumWidth)
        techniqueColumn = (findings.map { DisplayWidth.of($0.technique.id) }.max() ?? 0) + 6
        let showAllowed = report.options.showAllowed
        declaredColumn = findings.map { DisplayWidth.of(Self.lastColumn($0, showAllowed)) }.max() ?? 0
    }

    /// Whether a finding was declared, and by which entry it is allowed where that is asked for.
    func lastColumn(_ finding: Finding) -> String { Self.lastColumn(finding, report.options.showAllowed) }

    private static func lastColumn(_ finding: Finding, _ showAllowed: Bool) -> String {
        guard showAllowed, let entry = finding.allowedBy else { return finding.declared.rawValue }
        return "\(finding.declared.rawValue), allowed: \(TerminalText.escaped(entry))"
    }

    var text: String {
        let sections = [header, groupLines, noteLines, allowanceLines, hostLines, gapLines + apiLines + summaryLines]
        return sections.filter { !$0.isEmpty }.map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
    }

    private var header: [String] {
        let host = report.node.host
        let parts: [String?] = [
            "node \(TerminalText.escaped(host.name ?? "?"))",
            host.kernel.map { "kernel \(TerminalText.escaped($0))" },
            host.cgroupVersion.map { "cgroup v\($0)" },
            NumberText.counted(report.counts.pods, "pod"),
            NumberText.counted(report.counts.processes, "process", "processes"),
            NumberText.counted(report.counts.threads, "thread"),
            "in \(NumberText.seconds(microseconds: report.node.duration)) s",
        ]
        return join(parts.compactMap { $0 }, separator: "  ")
    }

    /// Parts side by side, in a new line where the next one does not fit.
    func join(_ parts: [String], separator: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for part in parts {
            if !line.isEmpty, DisplayWidth.of(line + separator + part) > width {
                lines += LineWrap.lines(line, width: width, keepingSpaces: true)
                line = ""
            }
            line += (line.isEmpty ? "" : separator) + part
        }
        return line.isEmpty ? lines : lines + LineWrap.lines(line, width: width, keepingSpaces: true)
    }
}
