import Manifests
import PodSecurity

/// How an audit leaves the program.
package enum AuditFormat: String, Sendable, CaseIterable {
    /// For people: a line for each pod, and then what else there is to say.
    case table
    /// One document, schema `packaging/schema/breakoutd-audit-1.schema.json`.
    case json
}

extension AuditReport {
    /// The report with a line break at its end.
    package func text(_ format: AuditFormat) throws(ReportError) -> String {
        switch format {
        case .table: table
        case .json: try JSONText.encode(json) + "\n"
        }
    }

    private var table: String {
        var lines = policies.flatMap(Self.replacementLines)
        lines += entries.map { entry in
            let place = "\(entry.file): document \(entry.document): \(entry.kind) \(entry.displayName)"
            if let refusal = entry.refusal { return "refused  \(place): \(refusal)" }
            return "allowed  \(place)" + (entry.policy.map { ": by policy \($0)" } ?? "")
        }
        lines += warnings.map { "warning  \($0)" }
        lines += errors.map { "error    \($0)" }
        lines.append(summary)
        return lines.map { TerminalText.escaped($0) + "\n" }.joined()
    }

    private var policies: [PodSecurityPolicy] {
        if case .policies(let policies) = rules { policies } else { [] }
    }

    /// What takes a policy's place: the level, and each field that has none.
    private static func replacementLines(_ policy: PodSecurityPolicy) -> [String] {
        let replacement = PolicyReplacement(of: policy)
        let first = "policy   \(policy.name): level \(replacement.level.rawValue) takes its place"
        if replacement.lost.isEmpty { return [first] }
        return [first + "; nothing takes that of"]
            + replacement.lost.map { "         \($0.name): \($0.value) (\($0.effect.words))" }
    }

    private var summary: String {
        let refused = entries.count { $0.refusal != nil }
        var text = "\(Self.count(entries.count, "pod")): \(entries.count - refused) allowed, \(refused) refused"
        if !warnings.isEmpty { text += ", \(Self.count(warnings.count, "warning"))" }
        if !errors.isEmpty { text += ", \(Self.count(errors.count, "error"))" }
        guard !passedOver.isEmpty else { return text }
        let kinds = Dictionary(grouping: passedOver, by: \.object.kind).sorted { $0.key < $1.key }
        return text + "; without pods: " + kinds.map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension AuditReport {
    private var json: JSONValue {
        var members: [String: JSONValue] = [
            "pods": .array(entries.map(pod)), "warnings": .array(warnings.map(\.json)),
            "errors": .array(errors.map(\.json)),
            "passedOver": .array(
                passedOver.map {
                    .object([
                        "file": .text($0.file), "document": JSONValue($0.object.document),
                        "apiVersion": .text($0.object.apiVersion), "kind": .text($0.object.kind),
                        "name": JSONValue($0.object.name),
                    ])
                }),
        ]
        if case .policies(let policies) = rules { members["policies"] = .array(policies.map(Self.policy)) }
        return .object(members)
    }

    private func pod(_ entry: Entry) -> JSONValue {
        var members: [String: JSONValue] = [
            "file": .text(entry.file), "document": JSONValue(entry.document), "kind": .text(entry.kind),
            "namespace": JSONValue(entry.namespace), "name": JSONValue(entry.name),
            "level": .null, "version": .null, "allowed": .flag(entry.refusal == nil),
            "violations": .array(
                entry.violations.map {
                    .object(["check": .text($0.check), "reason": .text($0.reason), "detail": .text($0.detail)])
                }),
        ]
        switch rules {
        case .standards(let level, let version):
            members["level"] = .text(level.rawValue)
            members["version"] = .text("\(version)")
        case .policies:
            members["policy"] = JSONValue(entry.policy)
            members["refusal"] = JSONValue(entry.refusal)
        }
        return .object(members)
    }

    private static func policy(_ policy: PodSecurityPolicy) -> JSONValue {
        let replacement = PolicyReplacement(of: policy)
        return .object([
            "name": .text(policy.name), "level": .text(replacement.level.rawValue),
            "lost": .array(
                replacement.lost.map {
                    .object(["field": .text($0.name), "value": .text($0.value), "effect": .text($0.effect.rawValue)])
                }),
        ])
    }
}

extension AuditReport.Entry {
    /// Namespace and name as far as the manifest says them.
    fileprivate var displayName: String {
        [namespace, name ?? "(no name)"].compactMap { $0 }.joined(separator: "/")
    }
}

extension PolicyReplacement.Effect {
    fileprivate var words: String {
        switch self {
        case .restricts: "it restricts pods"
        case .sets: "it sets fields of pods"
        case .restrictsAndSets: "it restricts pods and sets their fields"
        }
    }
}

extension ManifestError {
    fileprivate var json: JSONValue {
        .object([
            "file": .text(name), "document": JSONValue(document), "line": JSONValue(line), "path": .text(path),
            "reason": .text(reason),
        ])
    }
}
