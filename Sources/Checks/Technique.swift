package import NodeModel

/// One way of sharing or taking host state, as people and machines know it: the row of the technique table.
///
/// `breakoutd explain`, the journal's message ids and the list of ids in the JSON schema are made from these.
package struct Technique: Sendable, Equatable {
    /// Lower-case words and hyphens; never changes once released.
    package let id: String
    /// What it is in a few words, such as `Runs in the host PID namespace`.
    package let title: String
    package let findingClass: FindingClass
    /// How much it is worth to an attacker where the evidence does not say otherwise.
    package let weight: Weight
    /// MITRE ATT&CK technique ids.
    package let attack: [String]
    /// 32 lower-case hex digits, random, for the journal; never changes once released (sd-id128(3)).
    package let messageID: String
    /// One fixed sentence, fit for alarms and counting.
    package let reason: String
    /// What it means for the node, in a few sentences.
    package let meaning: String
    /// What to do about it.
    package let remedy: String

    package init(
        id: String, title: String, class findingClass: FindingClass, weight: Weight, attack: [String],
        messageID: String, reason: String, meaning: String, remedy: String
    ) {
        self.id = id
        self.title = title
        self.findingClass = findingClass
        self.weight = weight
        self.attack = attack
        self.messageID = messageID
        self.reason = reason
        self.meaning = meaning
        self.remedy = remedy
    }
}

/// What kind of thing a finding is.
package enum FindingClass: String, Sendable, Codable, CaseIterable {
    /// The pod may do it.
    case exposure
    /// A task does or did it.
    case action
    /// Something was left behind.
    case residue
}

/// What a finding is worth to an attacker, before it is known whether it was declared.
package enum Weight: String, Sendable, Codable, CaseIterable {
    /// A task is inside host state or another pod's.
    case action
    /// An exposure that is worth root on the node.
    case rootEquivalent = "root-equivalent"
    /// An exposure of a part of the node.
    case partial
    /// An exposure that helps others more than it does harm by itself.
    case minor
    /// A residue that a host program runs or follows.
    case runnableResidue = "runnable-residue"
    /// A residue that nothing runs by itself.
    case inertResidue = "inert-residue"
}

/// How urgent a finding is; the order is that of urgency.
package enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
    case info, low, medium, high, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    /// 0 for info to 4 for critical.
    package var rank: Int {
        switch self {
        case .info: 0
        case .low: 1
        case .medium: 2
        case .high: 3
        case .critical: 4
        }
    }

    /// One step less urgent; info stays.
    package var lowered: Severity { Severity.allCases[max(rank - 1, 0)] }

    /// One step more urgent; critical stays.
    package var raised: Severity { Severity.allCases[min(rank + 1, Severity.allCases.count - 1)] }

    /// The severity of a finding: undeclared is worse than declared, and a container in a user namespace of its own
    /// is one step lower because its root is nobody on the node (user_namespaces(7)).
    package init(_ weight: Weight, _ declaration: Declaration, inUserNamespace: Bool) {
        let declared = declaration == .declared || declaration == .declaredByRuntime
        let plain: Severity =
            switch weight {
            case .action, .rootEquivalent: declared ? .high : .critical
            case .partial: declared ? .medium : .high
            case .minor: declared ? .low : .medium
            case .runnableResidue: .high
            case .inertResidue: .medium
            }
        self = inUserNamespace ? plain.lowered : plain
    }
}
