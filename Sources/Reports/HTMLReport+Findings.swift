import Checks
import Findings
import NodeModel

extension HTMLReport {
    /// The findings by pod and container, the worst first.
    var findingGroups: HTML {
        guard !findings.isEmpty else { return "<p>\(report.summary)</p>" }
        return "\(lines: FindingGroup.groups(of: findings).map(group))"
    }

    private func group(_ group: FindingGroup) -> HTML {
        let facts = group.findings.first?.podFacts
        let parts: [HTML?] = [
            group.pod == nil ? nil : group.part.map { "\(name: $0)" },
            group.container.map { "id <code>\(String($0.id.prefix(13)))</code>" },
            group.container?.image.map { "image \(name: $0)" },
            facts?.owner.map { "of \($0.kind) \(name: $0.name)" },
            facts?.serviceAccount.map { "service account \(name: $0)" },
        ]
        let known = parts.compactMap { $0 }.enumerated().map { index, part in index == 0 ? part : ", \(part)" as HTML }
        let subtitle: HTML = known.isEmpty ? "" : " <small>\(known)</small>"
        return """
            <section class="group">
            <h3>\(name: group.place)\(subtitle)</h3>
            \(lines: group.findings.map(article))
            </section>
            """
    }

    private func article(_ finding: Finding) -> HTML {
        let technique = finding.technique
        let severity = finding.severity.rawValue
        let facts =
            [finding.declared.rawValue, technique.findingClass.rawValue]
            + (technique.attack.isEmpty ? [] : ["ATT&CK " + technique.attack.joined(separator: ", ")])
            + (finding.allowedBy.map { ["allowed by “\($0)”"] } ?? [])
        let detail: HTML = finding.detail.isEmpty ? "" : "<p class=\"detail\">\(finding.detail)</p>"
        let evidence = finding.evidenceTexts.map { name, value in
            "<div><dt>\(name)</dt><dd>\(value)</dd></div>" as HTML
        }
        return """
            <article id="f-\(finding.id)" class="\(severity)">
            <h4><span class="tag">\(severity)</span> \(technique.title)</h4>
            <p class="kind"><a href="#t-\(technique.id)"><code>\(technique.id)</code></a>
            \(facts.joined(separator: " · "))</p>
            \(lines: [detail, "<dl class=\"evidence\">"] + evidence)
            </dl>
            <p class="remedy"><b>What to do</b> \(technique.remedy)</p>
            </article>
            """
    }

    /// What the techniques of the findings mean.
    var techniques: HTML {
        let byID = Dictionary(findings.map { ($0.technique.id, $0.technique) }, uniquingKeysWith: { first, _ in first })
        let entries = byID.sorted { $0.key < $1.key }.map { id, technique -> HTML in
            """
            <dt id="t-\(id)">\(technique.title) <code>\(id)</code></dt>
            <dd>\(technique.meaning)</dd>
            """
        }
        return entries.isEmpty ? "<p>None was found.</p>" : "<dl class=\"techniques\">\n\(lines: entries)\n</dl>"
    }
}

extension Finding {
    /// The values that show it, unescaped, in the order of their names, and before them the process and the id.
    fileprivate var evidenceTexts: [(name: String, value: String)] {
        var texts: [(name: String, value: String)] = []
        if let task {
            let thread = task.tid == task.pid ? "" : ", thread \(task.tid)"
            texts.append(("process", "\(task.pid)\(thread) (\(task.comm))"))
            if let executable = task.executable { texts.append(("program", executable)) }
            if let uid = task.uid { texts.append(("user", "\(uid)")) }
            if !task.parents.isEmpty { texts.append(("parents", task.parents.joined(separator: " ← "))) }
        }
        texts += evidence.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sentence) }
        return texts + [("id", id)]
    }
}

extension EvidenceValue {
    fileprivate var sentence: String {
        switch self {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let list): list.joined(separator: ", ")
        }
    }
}
