/// Where an entry is in the journal: the parts of a cursor (sd_journal_get_cursor(3), and of that name in sd-journal.c).
struct JournalCursor: Sendable, Equatable {
    /// The sequence that `number` counts in: of one file, or of several that followed each other.
    let sequence: String
    let number: UInt64
    let boot: String
    /// Microseconds since that boot.
    let monotonic: UInt64
    /// Microseconds since 1970-01-01 UTC.
    let realtime: UInt64
    /// Of the entry's fields.
    let hash: UInt64

    /// `nil` for what is no cursor of a journal's entry.
    init?(_ text: String) {
        var parts: [Substring: Substring] = [:]
        for part in text.split(separator: ";") {
            let words = part.split(separator: "=", maxSplits: 1)
            guard words.count == 2 else { return nil }
            parts[words[0]] = words[1]
        }
        func value(_ name: Substring) -> UInt64? { parts[name].flatMap { UInt64($0, radix: 16) } }
        guard let sequence = parts["s"], let boot = parts["b"], let number = value("i"), let monotonic = value("m"),
            let realtime = value("t"), let hash = value("x")
        else { return nil }
        (self.sequence, self.number, self.boot) = (String(sequence), number, String(boot))
        (self.monotonic, self.realtime, self.hash) = (monotonic, realtime, hash)
    }

    /// Whether this is the entry of another cursor or one that was written before it; not where that cannot be told.
    ///
    /// - Parameter present: the id of the boot that the machine is in, which no other follows.
    func isUpTo(_ other: JournalCursor, in present: String) -> Bool {
        if boot == other.boot {
            return monotonic < other.monotonic || monotonic == other.monotonic && hash == other.hash
        }
        if boot == present || other.boot == present { return other.boot == present }
        // Of two boots that are over neither says it alone: numbers that a crash took are given again, the clock is set.
        return realtime <= other.realtime && (sequence != other.sequence || number <= other.number)
    }
}
