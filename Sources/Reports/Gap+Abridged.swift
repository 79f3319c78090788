import NodeModel

extension Sequence where Element == Gap {
    /// How many subjects could not be judged; a node file may hold any numbers.
    var total: Int {
        reduce(0) { sum, gap in
            let (next, overflow) = sum.addingReportingOverflow(gap.count)
            return overflow ? .max : next
        }
    }

    /// The gaps without examples and with short reasons; where there are many, one a kind.
    var abridged: [Gap] {
        let short = map { Gap(kind: $0.kind, reason: TerminalText.cut($0.reason, bytes: 120), count: $0.count) }
        guard short.count > 20 else { return short }
        return Gap.Kind.allCases.compactMap { kind in
            let gaps = short.filter { $0.kind == kind }
            guard let first = gaps.first, gaps.count > 1 else { return gaps.first }
            return Gap(kind: kind, reason: first.reason + ", and other reasons", count: gaps.total)
        }
    }
}
