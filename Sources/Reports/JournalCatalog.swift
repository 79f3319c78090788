package import Checks

/// The text that `journalctl -x` shows beside an entry, as a catalog file of journald (systemd's CATALOG.md).
package enum JournalCatalog {
    /// Lines are wrapped as the format asks for; none may reach 2048 bytes, where systemd 219 stops (catalog.c).
    private static let width = 76

    /// The file for these techniques and for the records that are of none.
    package static func text(_ techniques: [Technique]) -> String {
        let header = "# Made from the table of techniques; JournalCatalogTests tells how to make it anew.\n"
        return header + (techniques.map(entry) + others).joined()
    }

    private static func entry(_ technique: Technique) -> String {
        entry(
            technique.messageID, "@BREAKOUTD_SEVERITY@: \(technique.title)",
            [
                technique.meaning,
                // Only fields that every finding has: journalctl shows the name of one that is missing.
                "Declared: @BREAKOUTD_DECLARED@.",
                "What to do: \(technique.remedy)",
                more(technique.id),
            ])
    }

    /// The blank line in front is what systemd 219 knows an entry by.
    private static func entry(_ messageID: String, _ subject: String, _ paragraphs: [String]) -> String {
        let text = paragraphs.map { LineWrap.lines($0, width: width).map { "\($0)\n" }.joined() }
        return "\n-- \(messageID)\nSubject: \(subject)\nDefined-By: breakoutd\n\n" + text.joined(separator: "\n")
    }

    private static func more(_ technique: String) -> String { "More: breakoutd explain \(technique)" }

    /// The records that tell of no technique, or of more than that.
    private static let others = [
        entry(
            JournalReport.gapMessageID, "Something on this node could not be judged: @BREAKOUTD_GAP@",
            [
                """
                breakoutd could not read a part of what it judges by: @BREAKOUTD_REASON@, @BREAKOUTD_COUNT@ times. \
                What is there was neither found good nor bad.
                """,
                """
                What to do: see to it that breakoutd runs as root with the capabilities of its unit and sees the \
                node's own /proc. A process that ends while it is read is no reason to act.
                """,
            ]),
        entry(
            RecordReport.clearedMessageID, "Over: @BREAKOUTD_TECHNIQUE@",
            [
                """
                A finding that was raised before is not there any more: its process ended, its pod was removed or \
                changed, or the node was started anew. What it did while it was there is not undone by that.
                """,
                more("@BREAKOUTD_TECHNIQUE@"),
            ]),
        entry(
            RecordReport.heartbeatMessageID, "breakoutd watches this node",
            [
                """
                It says so once in a while, so that its silence can be told from a quiet node. Where this entry stays \
                away, nothing is watched.
                """
            ]),
        entry(
            RecordReport.lossMessageID, "Entries were lost: @BREAKOUTD_ENTRIES_LOST@",
            [
                """
                breakoutd had more to tell than the journal took, or the journal was away for longer than the queue \
                holds. What the entries said is gone from here; other sinks may have it.
                """,
                "What to do: ask `breakoutd status` what is open, and look why the journal did not take it.",
            ]),
        entry(
            RecordReport.heldBackMessageID, "Held back: @BREAKOUTD_HELD_BACK@ times @BREAKOUTD_TECHNIQUE@",
            [
                """
                One pod gave more findings of one technique than the rate limit lets through. The entry shows the last \
                of them and counts those that have no entry of their own.
                """,
                "What to do: take it for as many findings as it counts; something tries again and again.",
                more("@BREAKOUTD_TECHNIQUE@"),
            ]),
    ]
}
