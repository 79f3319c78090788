import Checks
import NodeModel

/// What the forms for people say in the same words, unescaped.
extension Report {
    /// How many findings there are and where, or plainly that there is nothing.
    var summary: String {
        let pods = NumberText.counted(counts.pods, "pod")
        if selected.isEmpty {
            if !gaps.isEmpty { return "No findings in \(pods)\(byChecks), but not everything could be judged." }
            return "Clean: no findings in \(pods)\(byChecks)."
        }
        let severities = Severity.allCases.reversed().compactMap { severity -> String? in
            let number = counts.findings[severity] ?? 0
            return number == 0 && severity < .medium ? nil : "\(NumberText.grouped(number)) \(severity.rawValue)"
        }
        var place = "\(NumberText.grouped(counts.podsWithFindings)) of \(pods)"
        if counts.outsidePods > 0 {
            place += "; \(NumberText.counted(counts.outsidePods, "belongs", "belong")) to no pod"
        }
        return "\(severities.joined(separator: ", ")) in \(place)\(byChecks)."
    }

    /// That not all checks were run.
    private var byChecks: String {
        judged.count < Check.all.count ? " by \(judged.count) of \(Check.all.count) checks" : ""
    }

    /// What is not told although it is known.
    ///
    /// - Parameter omitted: how many findings an output limit leaves out.
    func notes(omitted: Int) -> [String] {
        var notes: [String] = []
        if hidden > 0 { notes.append("\(NumberText.counted(hidden, "finding")) not shown (\(narrowing))") }
        if omitted > 0 { notes.append("… \(NumberText.counted(omitted, "more finding")) left out (--max-output)") }
        if shortened.contains("gaps") { notes.append("examples of what was not judged left out (--max-output)") }
        if shortened.contains("hostTasks") { notes.append("processes of the node's own left out (--max-output)") }
        return notes
    }

    /// The options that hide findings.
    private var narrowing: String {
        let severity = options.minSeverity > .info ? "--min-severity \(options.minSeverity.rawValue)" : nil
        let parts = [severity, options.pod.map { "--pod \($0)" }, options.namespace.map { "--namespace \($0)" }]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// The entries of the allow-list that did nothing.
    var allowanceSentences: [String] {
        expiredAllowances.map { "allow-list entry \($0): expired, counts no more" }
            + unusedAllowances.map { "allow-list entry \($0): covers nothing on this node" }
    }

    /// What the list of the node's own processes is of, or why there is none.
    var hostSentence: String {
        guard let tasks = hostTasks else { return "The host's own namespaces are not known." }
        if tasks.isEmpty { return "No process of the node's own is in other namespaces than the host's." }
        return "The node's own processes in other namespaces than the host's:"
    }

    /// What ended while it was read, which is no gap; `nil` for nothing.
    var endedSentence: String? {
        guard counts.endedWhileRead > 0 else { return nil }
        let tasks = NumberText.counted(counts.endedWhileRead, "process or thread", "processes or threads")
        return "\(tasks) ended while being read"
    }
}

extension Node {
    /// What the API has and how old that is; `nil` where it was not asked or gave no answer.
    var apiSentence: String? {
        guard let api = apiPods, api.failure == nil, let age = api.age(at: takenAt) else { return nil }
        let pods = NumberText.counted(api.pods.count, "pod")
        return "Declared or not by the Kubernetes API: \(pods) of this node, \(Int(min(age, 1e9))) s old."
    }

    /// That the API was asked and gave no answer; `nil` where it gave one, or was not asked.
    var apiFailure: String? {
        apiPods?.failure.map { "Not told: the Kubernetes API gave no answer: \($0)" }
    }
}
