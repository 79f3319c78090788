import Checks
import Findings
import NodeModel
import PodSecurity

extension HTMLReport {
    /// Pods against the areas of the node's state.
    var matrix: HTML {
        let matrix = PodMatrix(report)
        let shown = Set(findings.map(\.id))
        let rows = matrix.rows.map { row -> HTML in
            "<tr><th scope=\"row\">\(name: row.name)</th>\(row.cells.map { cell($0, shown) })</tr>"
        }
        let table: HTML = """
            <p>The worst finding of each kind, whether it was asked for, and how many there are. – nothing found, ? not
            judged: there may be something.</p>
            \(HTML.table(labelledBy: "matrix", ["Pod"] + matrix.areas.map(\.rawValue), rows))
            """
        let others = [
            sentence("Nothing was found", of: matrix.quietPods),
            sentence("No column was judged fully, and nothing found,", of: matrix.unjudgedPods),
        ].filter { $0 != "" }
        if rows.isEmpty, others.isEmpty { return "<p>No pod of this node is known.</p>" }
        return "\(lines: (rows.isEmpty ? [] : [table]) + others)"
    }

    private func cell(_ cell: PodMatrix.Cell, _ shown: Set<String>) -> HTML {
        switch cell {
        case .nothing: return "<td>–</td>"
        case .notJudged: return "<td class=\"unknown\">?</td>"
        case .found(let finding, let count):
            let severity = finding.severity.rawValue
            let word: HTML =
                shown.contains(finding.id) ? "<a href=\"#f-\(finding.id)\">\(severity)</a>" : "<b>\(severity)</b>"
            let times: HTML = count > 1 ? " <small>×\(count)</small>" : ""
            return "<td class=\"\(severity)\">\(word)\(times)<br><small>\(asked(finding))</small></td>"
        }
    }

    /// Whether somebody wanted it so.
    private func asked(_ finding: Finding) -> HTML {
        if finding.allowedBy != nil { return "allowed" }
        let word = finding.declared.rawValue
        return finding.declared == .undeclared ? "<em>\(word)</em>" : "\(word)"
    }

    /// A sentence with the names of pods, if there are any.
    private func sentence(_ what: String, of names: [String]) -> HTML {
        names.isEmpty ? "" : "<p>\(what) in \(NumberText.counted(names.count, "pod")): \(HTML.names(names))</p>"
    }
}

extension HTMLReport {
    /// What the API admitted pods with beside what they have.
    var declared: HTML {
        let selection = Selection(report.options)
        let reviews = PodReview.all(of: report.node).filter { selection.includes($0.identity) }
        guard let api = report.node.apiPods, api.failure == nil else { return levels(reviews) }
        let rows = reviews.filter { !$0.isAsDeclared }.map(row)
        let columns = ["Pod", "Owner", "Declared", "Actual", "What is different"]
        let table = rows.isEmpty ? "" : HTML.table(labelledBy: "declared", columns, rows)
        let others = reviews.filter(\.isAsDeclared).map(\.identity.displayName)
        return """
            <p>\(report.node.apiSentence ?? "How old the word of the Kubernetes API is, is not known.")
            Declared and actual are the strictest Pod Security level that the specification, and that which the pod really
            has, would meet.</p>
            \(lines: [table, sentence("Declared and actual agree", of: others)])
            """
    }

    /// Without the API's word: the level of what each pod has.
    private func levels(_ reviews: [PodReview]) -> HTML {
        let byLevel = Dictionary(grouping: reviews) { $0.actualLevel?.rawValue ?? "unknown" }
        let rows = byLevel.sorted { $0.key < $1.key }.map { level, pods -> HTML in
            """
            <tr><th scope="row">\(level)</th><td>\(pods.count)</td>\
            <td>\(HTML.names(pods.map(\.identity.displayName)))</td></tr>
            """
        }
        let table: HTML =
            rows.isEmpty ? "" : HTML.table(labelledBy: "declared", ["Actual level", "Pods", "Which"], rows)
        return """
            <p>\(report.node.apiFailure ?? "The Kubernetes API was not asked (--api)"). What pods were admitted with is not
            known; “declared-by-runtime” is the word of the runtime's record. The actual level is the strictest Pod Security
            level that a pod would meet with what it has.</p>
            \(table)
            """
    }

    private func row(_ review: PodReview) -> HTML {
        let items = review.sentences.map { "<li>\($0)</li>" as HTML }
        let differences: HTML = items.isEmpty ? "" : "<ul>\(items)</ul>"
        return """
            <tr><th scope="row">\(name: review.identity.displayName)</th>\
            <td>\(review.owner.map { "\($0.kind)/\($0.name)" } ?? "none known")</td>\
            <td>\(review.declaredLevel?.rawValue ?? "unknown")</td><td>\(review.actualLevel?.rawValue ?? "unknown")</td>\
            <td>\(differences)</td></tr>
            """
    }
}

extension PodReview {
    /// Everything is known, and nothing different.
    var isAsDeclared: Bool { state == .known && differences.isEmpty && actualLevel != nil }
}
