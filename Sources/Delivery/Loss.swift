/// Records that did not get out, counted by what became of them; stated in the next record that does.
package struct Loss: Sendable, Equatable, Codable {
    package enum Reason: String, Sendable, CaseIterable {
        /// They came while the queue, and the spool behind it if there is one, had reached its bound.
        case queueFull = "queue-full"
        /// The last line of a segment of the spool was not written whole when the program or the node died.
        case torn
        /// A line of the spool that is none of its own any more, or the rest of a segment that somebody cut or removed.
        case damaged
        /// Longer than the destination takes, or without a character.
        case unfit
        /// The destination refused them for good.
        case refused
        /// The destination threw them away because they were too old or of the future.
        case outOfTime = "out-of-time"
    }

    /// By `Reason`; more than 0 each.
    package private(set) var counts: [String: Int] = [:]

    package init() {}

    package var isEmpty: Bool { counts.isEmpty }
    package var total: Int { counts.values.reduce(0, +) }

    /// Whether the counts, which may come from a file, are ones that can be counted on.
    var isUsable: Bool {
        counts.allSatisfy { (1...1_000_000_000_000).contains($0.value) && Reason(rawValue: $0.key) != nil }
    }

    package mutating func add(_ reason: Reason, _ count: Int) {
        if count > 0 { counts[reason.rawValue, default: 0] += count }
    }

    package mutating func add(_ other: Loss) { counts.merge(other.counts, uniquingKeysWith: +) }
}
