import Checks
import NodeModel

/// What the operator of a node, or the profile of add-ons, has decided to put up with: findings that stay in every
/// report, as info, with the name of the entry that lowered them.
package struct AllowList: Sendable, Equatable {
    package var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// The names of entries that count no more, in their order.
    package func expired(at time: Int64) -> [String] {
        entries.filter { $0.isExpired(at: time) }.map(\.name)
    }

    /// The names of entries that count and lowered no finding, nor may when the API tells more, in their order.
    package func unused(by judgement: Judgement, at time: Int64) -> [String] {
        let used = Set(judgement.findings.compactMap(\.allowedBy)).union(undecided(by: judgement, at: time))
        return entries.filter { !$0.isExpired(at: time) && !used.contains($0.name) }.map(\.name)
    }

    /// The names of entries that may lower a finding by what the API has yet to say.
    package func undecided(by judgement: Judgement, at time: Int64) -> Set<String> {
        let awaited = judgement.awaited.values.map(\.finding)
        let entries = entries.filter { entry in
            awaited.contains { entry.coverage(of: $0, at: time) == .unconfirmed }
        }
        return Set(entries.map(\.name))
    }

    func coverage(of finding: Finding, at time: Int64) -> Coverage {
        entries.map { $0.coverage(of: finding, at: time) }.max() ?? .no
    }
}

extension Judgement {
    /// The judgement with the severity of allowed findings lowered to info; the first entry that covers one counts.
    ///
    /// What waits for the API is then what an entry may cover by the API's word.
    ///
    /// - Parameters:
    ///   - list: asked for only where there are findings; what breakoutd comes with is read for it.
    ///   - time: milliseconds since 1970-01-01 UTC.
    package func allowing(_ list: @autoclosure () -> AllowList, at time: Int64) -> Judgement {
        guard !findings.isEmpty else { return self }
        let list = list()
        var copy = self
        copy.awaited = awaited.filter { _, exposure in list.coverage(of: exposure.finding, at: time) == .unconfirmed }
        copy.findings = findings.map { $0.allowed(by: list, at: time) }.sorted(by: Self.order)
        return copy
    }
}

extension Finding {
    /// The finding as info where an entry covers it, such as one that an event shows.
    package func allowed(by list: AllowList, at time: Int64) -> Finding {
        guard let entry = list.entries.first(where: { $0.coverage(of: self, at: time) == .yes }) else { return self }
        var copy = self
        copy.severity = .info
        copy.allowedBy = entry.name
        return copy
    }
}
