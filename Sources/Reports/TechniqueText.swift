package import Checks
import NodeModel

/// Techniques explained to people, for `breakoutd explain`.
package enum TechniqueText {
    /// Everything about the technique of a check, in lines of at most `width` columns.
    package static func page(_ check: Check, width: Int) -> String {
        let technique = check.technique
        let width = max(width, ReportOptions.minimumWidth)
        var lines = [technique.id] + LineWrap.lines(technique.title, width: width) + [""]
        let facts: [(String, String)] = [
            ("Class", technique.findingClass.rawValue),
            ("Weight", technique.weight.rawValue),
            ("Severity", severities(check)),
            ("ATT&CK", technique.attack.isEmpty ? "none" : technique.attack.joined(separator: ", ")),
            ("Reason", technique.reason),
        ]
        for (name, text) in facts { lines += LineWrap.hanging(name, indent: 10, text, width: width) }
        for (title, text) in [("What it means", technique.meaning), ("What to do", technique.remedy)] {
            lines += ["", title]
            lines += LineWrap.hanging("", indent: 2, text, width: width)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// One line a technique: id, class, severity when undeclared, title; cut at `width` columns, where there is one.
    package static func list(_ techniques: [Technique], width: Int?) -> String {
        let width = width.map { max($0, ReportOptions.minimumWidth) }
        let idWidth = techniques.map { DisplayWidth.of($0.id) }.max() ?? 0
        return techniques.map { technique in
            let severity = Severity(technique.weight, .undeclared, inUserNamespace: false)
            let line = [
                DisplayWidth.padded(technique.id, to: idWidth),
                DisplayWidth.padded(technique.findingClass.rawValue, to: 8),
                DisplayWidth.padded(severity.rawValue, to: 8), technique.title,
            ].joined(separator: "  ")
            return (width.map { DisplayWidth.cut(line, to: $0) } ?? line) + "\n"
        }.joined()
    }

    private static func severities(_ check: Check) -> String {
        let undeclared = Severity(check.technique.weight, .undeclared, inUserNamespace: false)
        let declared = Severity(check.technique.weight, .declared, inUserNamespace: false)
        var plain = undeclared == declared ? undeclared.rawValue : "\(declared) declared, \(undeclared) undeclared"
        // Where the API can be asked, a pod that does not ask for it is worse than one of which nobody knows.
        if check.declares != nil, undeclared != undeclared.raised { plain += ", \(undeclared.raised) against the API" }
        return plain + "; one step lower where the container has a user namespace of its own"
    }
}
