import Checks
package import Findings
package import NodeModel

extension JournalReport {
    /// The fields of a finding's entry; what is unknown is left out, and no value holds a control character.
    package static func fields(_ finding: Finding) throws(ReportError) -> [(String, String)] {
        let technique = finding.technique
        let optional: [(String, String?)] = [
            ("MESSAGE", TerminalText.cut(message(finding), bytes: messageLimit)),
            ("MESSAGE_ID", technique.messageID),
            ("PRIORITY", priority(finding.severity)),
            ("SYSLOG_IDENTIFIER", "breakoutd"),
            ("BREAKOUTD_FINDING", finding.id),
            ("BREAKOUTD_TECHNIQUE", technique.id),
            ("BREAKOUTD_CLASS", technique.findingClass.rawValue),
            ("BREAKOUTD_SEVERITY", finding.severity.rawValue),
            ("BREAKOUTD_NAMESPACE", finding.pod?.namespace),
            ("BREAKOUTD_POD", finding.pod?.name),
            ("BREAKOUTD_POD_UID", finding.pod?.uid),
            ("BREAKOUTD_CONTAINER", finding.container?.name),
            ("BREAKOUTD_CONTAINER_ID", finding.container?.id),
            ("BREAKOUTD_PID", finding.task.map { String($0.pid) }),
            ("BREAKOUTD_TID", finding.task.map { String($0.tid) }),
            ("BREAKOUTD_DECLARED", finding.declared.rawValue),
            ("BREAKOUTD_JSON", try FindingDocument.text(finding, within: valueLimit)),
            // journald adds what it knows of this process (systemd.journal-fields(7)).
            ("OBJECT_PID", finding.task.map { String($0.pid) }),
        ]
        return known(optional)
    }

    /// The fields of a gap's entry.
    package static func fields(_ gap: Gap) -> [(String, String)] {
        let examples = gap.examples.isEmpty ? "" : ": " + gap.examples.joined(separator: ", ")
        let message = TerminalText.escaped("NOT JUDGED \(gap.kind.rawValue): \(gap.reason) (\(gap.count))\(examples)")
        return known([
            ("MESSAGE", TerminalText.cut(message, bytes: messageLimit)),
            ("MESSAGE_ID", gapMessageID),
            // Warning: it is nothing bad, and not nothing.
            ("PRIORITY", "4"),
            ("SYSLOG_IDENTIFIER", "breakoutd"),
            ("BREAKOUTD_GAP", gap.kind.rawValue),
            ("BREAKOUTD_REASON", gap.reason),
            ("BREAKOUTD_COUNT", String(gap.count)),
        ])
    }

    /// `SEVERITY technique namespace/pod container: detail`, escaped.
    static func message(_ finding: Finding) -> String {
        var words = [finding.severity.rawValue.uppercased(), finding.technique.id]
        if let pod = finding.pod { words.append(pod.displayName) }
        if let container = finding.container { words.append(container.label) }
        if words.count == 2 { words.append("node") }
        return TerminalText.escaped("\(words.joined(separator: " ")): \(finding.detail)")
    }

    private static func known(_ fields: [(String, String?)]) -> [(String, String)] {
        fields.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return (name, TerminalText.cut(TerminalText.escaped(value), bytes: valueLimit))
        }
    }

    /// Syslog priorities (syslog(3)).
    private static func priority(_ severity: Severity) -> String {
        switch severity {
        case .critical: "2"
        case .high: "3"
        case .medium: "4"
        case .low: "5"
        case .info: "6"
        }
    }
}

extension Finding.ContainerSummary {
    /// What people call it: its name, that it is the sandbox, or the first digits of its id.
    var label: String { name ?? (isSandbox ? "sandbox" : String(id.prefix(12))) }
}
