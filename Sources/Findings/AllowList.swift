package import Checks
import NodeModel

/// What the operator of a node has decided to put up with: findings that stay in every report, as info, with the name of
/// the entry that lowered them.
package struct AllowList: Sendable, Equatable {
    package var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// One decision: these techniques, in these pods.
    package struct Entry: Sendable, Equatable {
        package let name: String
        /// Why, in the operator's words.
        package let reason: String
        package let namespace: NamePattern
        package let pod: NamePattern
        /// The ids that the patterns stand for.
        package let techniques: Set<String>
        /// Values that a finding's evidence must have, all of them.
        package let evidence: [String: EvidenceValue]
        /// Milliseconds since 1970-01-01 UTC from when on it counts no more.
        package let expires: Int64?

        /// - Parameter techniques: ids, or patterns of ids; a pattern stands for exposures alone. Actions and residues
        ///   have to be named, and their evidence too: whoever does the same in another way is not meant.
        package init(
            name: String, reason: String, namespace: NamePattern, pod: NamePattern, techniques: [NamePattern],
            evidence: [String: EvidenceValue] = [:], expires: Int64? = nil
        ) throws(AllowListError) {
            guard !namespace.isAnything || !pod.isAnything else { throw .everyPod }
            guard !techniques.isEmpty else { throw .noTechnique }
            var ids: Set<String> = []
            for pattern in techniques { ids.formUnion(try Self.ids(pattern, hasEvidence: !evidence.isEmpty)) }
            self.name = name
            self.reason = reason
            self.namespace = namespace
            self.pod = pod
            self.techniques = ids
            self.evidence = evidence
            self.expires = expires
        }

        private static func ids(_ pattern: NamePattern, hasEvidence: Bool) throws(AllowListError) -> [String] {
            if pattern.isAnything { throw .everyTechnique }
            let matching = Check.all.map(\.technique).filter { pattern.matches($0.id) }
            guard let first = matching.first else { throw .unknownTechnique(pattern.text) }
            if pattern.isExact {
                guard first.findingClass == .exposure || hasEvidence else { throw .noEvidence(first.id) }
                return [first.id]
            }
            let exposures = matching.filter { $0.findingClass == .exposure }
            guard !exposures.isEmpty else { throw .patternOfActions(pattern.text) }
            return exposures.map(\.id)
        }

        /// Whether the entry means this finding; one whose pod has no known name is never meant.
        func covers(_ finding: Finding, at time: Int64) -> Bool {
            if let expires, expires <= time { return false }
            guard let podNamespace = finding.pod?.namespace, let podName = finding.pod?.name else { return false }
            return techniques.contains(finding.technique.id) && namespace.matches(podNamespace) && pod.matches(podName)
                && evidence.allSatisfy { finding.evidence[$0.key] == $0.value }
        }
    }

    /// The names of entries that count no more, in their order.
    package func expired(at time: Int64) -> [String] {
        entries.filter { $0.expires.map { $0 <= time } ?? false }.map(\.name)
    }
}

/// Why an entry of an allow-list is none.
package enum AllowListError: Error, Sendable, Equatable, CustomStringConvertible {
    case everyPod
    case everyTechnique
    case noTechnique
    case unknownTechnique(String)
    case patternOfActions(String)
    case noEvidence(String)

    package var description: String {
        switch self {
        case .everyPod: "namespace and pod together cover every pod"
        case .everyTechnique: "it would cover every technique"
        case .noTechnique: "it names no technique"
        case .unknownTechnique(let text): "there is no technique \"\(text)\" ('breakoutd explain' lists all of them)"
        case .patternOfActions(let text): "\"\(text)\" stands for no exposure; an action is allowed by its whole name"
        case .noEvidence(let id): "\(id) is no exposure: it is allowed only together with values of its evidence"
        }
    }
}

extension Judgement {
    /// The judgement with the severity of allowed findings lowered to info; the first entry that covers one counts.
    ///
    /// - Parameter time: milliseconds since 1970-01-01 UTC.
    package func allowing(_ list: AllowList, at time: Int64) -> Judgement {
        guard !list.entries.isEmpty else { return self }
        var copy = self
        copy.findings = findings.map { $0.allowed(by: list, at: time) }.sorted(by: Self.order)
        return copy
    }
}

extension Finding {
    /// The finding as info where an entry covers it, such as one that an event shows.
    package func allowed(by list: AllowList, at time: Int64) -> Finding {
        guard let entry = list.entries.first(where: { $0.covers(self, at: time) }) else { return self }
        var copy = self
        copy.severity = .info
        copy.allowedBy = entry.name
        return copy
    }
}
