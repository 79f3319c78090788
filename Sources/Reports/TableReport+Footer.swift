import Checks
import Findings
import NodeModel

extension TableReport {
    /// What is not shown of the findings.
    var noteLines: [String] {
        report.notes(omitted: report.shown.count - findings.count).flatMap { wrapped(TerminalText.escaped($0)) }
    }

    /// The entries of the allow-list that did nothing, where asked for.
    var allowanceLines: [String] {
        guard report.options.showAllowed else { return [] }
        return report.allowanceSentences.flatMap { wrapped(TerminalText.escaped($0)) }
    }

    /// The node's own processes in other namespaces, where asked for.
    var hostLines: [String] {
        guard report.options.showHost else { return [] }
        guard let tasks = report.hostTasks, !tasks.isEmpty else { return wrapped(report.hostSentence) }
        let lines = tasks.flatMap { task in
            let kinds = task.namespaces.map(\.rawValue).joined(separator: " ")
            let program = TerminalText.escaped(task.executable ?? task.comm)
            return LineWrap.hanging("  \(task.pid)", indent: 12, "\(program)  (\(kinds))", width: width)
        }
        return wrapped(report.hostSentence) + lines
    }

    /// `Not judged:` and what, a line each.
    var gapLines: [String] {
        var texts = report.gaps.map { gap in
            let examples = gap.examples.joined(separator: ", ")
            let more = gap.count > gap.examples.count && !gap.examples.isEmpty ? ", …" : ""
            let count = gap.count == 1 && gap.examples.count == 1 ? "" : "\(NumberText.grouped(gap.count))"
            let what = [count, examples.isEmpty ? "" : examples + more].filter { !$0.isEmpty }.joined(separator: ": ")
            return "\(gap.kind.rawValue): \(gap.reason)" + (what.isEmpty ? "" : " (\(what))")
        }
        if let ended = report.endedSentence { texts.append(ended) }
        return texts.enumerated().flatMap { index, text in
            let first = index == 0 ? "Not judged:" : ""
            return LineWrap.hanging(
                first, indent: 12, TerminalText.escaped(text), width: width, limit: Self.detailLines)
        }
    }

    /// How old the API's word is, where it was asked.
    var apiLines: [String] {
        report.node.apiSentence.map(wrapped) ?? []
    }

    /// The count and where to read more, or plainly that there is nothing.
    var summaryLines: [String] {
        guard let worst = report.selected.first else { return wrapped(report.summary) }
        return join([report.summary, "breakoutd explain \(worst.technique.id)"], separator: "   ")
    }

    private func wrapped(_ text: String) -> [String] { LineWrap.lines(text, width: width) }
}
