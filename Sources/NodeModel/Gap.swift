/// Something of the node that could not be judged; never the same as "nothing found".
///
/// Gaps of one kind and reason are one value with a count, so that a hostile node cannot fill a report with them.
package struct Gap: Sendable, Equatable, Codable {
    package var kind: Kind
    /// One sentence for people, such as `permission denied`.
    package var reason: String
    package var count: Int
    /// The first few subjects (paths, process ids), for people.
    package var examples: [String]

    /// How many subjects a gap names; the rest is in its count.
    package static let exampleLimit = 5

    /// What could not be judged.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Neither PID 1 nor kthreadd could be read: nothing can be compared.
        case reference
        /// PID 1 and kthreadd are in different namespaces.
        case referenceDisagreement = "reference-disagreement"
        /// A process or thread of which something could not be read.
        case process
        /// Files that a task of a container holds and that could not be looked at.
        case files
        /// A cgroup path that does not say whose it is.
        case cgroup
        /// A mount table that could not be read or was too long.
        case mounts
        /// A container runtime's record that is missing, unreadable, oversized or malformed.
        case bundle
        /// A running container of which the runtime has no record.
        case container
        /// What the Kubernetes API did not tell, or told otherwise than the node shows.
        case api
        /// A part of the log tree that could not be listed.
        case podLogs = "pod-logs"
        /// A setting or a table of the kernel that could not be read.
        case kernel
        /// Files of the node that could not be looked at, or not be compared with what they were.
        case nodeFiles = "node-files"
        /// A container that was still being started at the end of the scan.
        case starting
        /// The time limit of the scan ended first.
        case timeLimit = "time-limit"
        /// A check whose input this node file does not hold.
        case check
    }

    package init(kind: Kind, reason: String, count: Int = 1, examples: [String] = []) {
        self.kind = kind
        self.reason = reason
        self.count = count
        self.examples = examples
    }
}

extension Array where Element == Gap {
    /// Adds one subject, joined with the gap of the same kind and reason if there is one.
    package mutating func add(_ kind: Gap.Kind, _ reason: String, _ subject: String? = nil) {
        let index = firstIndex { $0.kind == kind && $0.reason == reason }
        guard let index else {
            append(Gap(kind: kind, reason: reason, examples: subject.map { [$0] } ?? []))
            return
        }
        self[index].count += 1
        if let subject, self[index].examples.count < Gap.exampleLimit { self[index].examples.append(subject) }
    }

    /// Adds a whole gap, joined with that of the same kind and reason if there is one.
    package mutating func add(_ gap: Gap) {
        guard let index = firstIndex(where: { $0.kind == gap.kind && $0.reason == gap.reason }) else {
            append(gap)
            return
        }
        self[index].count += gap.count
        self[index].examples = Array<String>((self[index].examples + gap.examples).prefix(Gap.exampleLimit))
    }
}
