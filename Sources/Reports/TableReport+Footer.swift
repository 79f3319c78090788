import Checks
import Findings
import NodeModel

extension TableReport {
    /// What is not shown of the findings.
    var noteLines: [String] {
        var notes: [String] = []
        if report.hidden > 0 {
            notes.append("\(NumberText.counted(report.hidden, "finding")) not shown (\(narrowing))")
        }
        let omitted = report.shown.count - findings.count
        if omitted > 0 { notes.append("… \(NumberText.counted(omitted, "more finding")) left out (--max-output)") }
        if report.shortened.contains("gaps") { notes.append("examples of what was not judged left out (--max-output)") }
        if report.shortened.contains("hostTasks") {
            notes.append("processes of the node's own left out (--max-output)")
        }
        return notes.flatMap { LineWrap.lines($0, width: width) }
    }

    /// The entries of the allow-list that did nothing, where asked for.
    var allowanceLines: [String] {
        guard report.options.showAllowed else { return [] }
        let expired = report.expiredAllowances.map { "allow-list entry \($0): expired, counts no more" }
        let unused = report.unusedAllowances.map { "allow-list entry \($0): covers nothing on this node" }
        return (expired + unused).flatMap { wrapped(TerminalText.escaped($0)) }
    }

    /// The node's own processes in other namespaces, where asked for.
    var hostLines: [String] {
        guard report.options.showHost else { return [] }
        guard let tasks = report.hostTasks else { return wrapped("The host's own namespaces are not known.") }
        if tasks.isEmpty { return wrapped("No process of the node's own is in other namespaces than the host's.") }
        let lines = tasks.flatMap { task in
            let kinds = task.namespaces.map(\.rawValue).joined(separator: " ")
            let program = TerminalText.escaped(task.executable ?? task.comm)
            return LineWrap.hanging("  \(task.pid)", indent: 12, "\(program)  (\(kinds))", width: width)
        }
        return wrapped("The node's own processes in other namespaces than the host's:") + lines
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
        let ended = report.counts.endedWhileRead
        if ended > 0 {
            let tasks = NumberText.counted(ended, "process or thread", "processes or threads")
            texts.append("\(tasks) ended while being read")
        }
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
        let counts = report.counts
        let pods = NumberText.counted(counts.pods, "pod")
        guard let worst = report.selected.first else {
            if !report.gaps.isEmpty { return wrapped("No findings in \(pods), but not everything could be judged.") }
            return wrapped("Clean: no findings in \(pods).")
        }
        let severities = Severity.allCases.reversed().compactMap { severity -> String? in
            let number = counts.findings[severity] ?? 0
            return number == 0 && severity < .medium ? nil : "\(NumberText.grouped(number)) \(severity.rawValue)"
        }
        var place = "\(NumberText.grouped(counts.podsWithFindings)) of \(pods)"
        if counts.outsidePods > 0 {
            place += "; \(NumberText.counted(counts.outsidePods, "belongs", "belong")) to no pod"
        }
        let total = "\(severities.joined(separator: ", ")) in \(place)."
        return join([total, "breakoutd explain \(worst.technique.id)"], separator: "   ")
    }

    /// The options that hide findings.
    private var narrowing: String {
        let options = report.options
        let severity = options.minSeverity > .info ? "--min-severity \(options.minSeverity.rawValue)" : nil
        let parts = [
            severity, options.pod.map { "--pod \(TerminalText.escaped($0))" },
            options.namespace.map { "--namespace \(TerminalText.escaped($0))" },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    private func wrapped(_ text: String) -> [String] { LineWrap.lines(text, width: width) }
}

extension Node {
    /// What the API has and how old that is; `nil` where it was not asked or gave no answer.
    var apiSentence: String? {
        guard let api = apiPods, api.failure == nil, let age = api.age(at: takenAt) else { return nil }
        let pods = NumberText.counted(api.pods.count, "pod")
        return "Declared or not by the Kubernetes API: \(pods) of this node, \(Int(min(age, 1e9))) s old."
    }
}
