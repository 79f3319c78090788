import Checks
import Foundation
import Testing

@testable import Reports

@Suite struct JournalCatalogTests {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("systemd/breakoutd.catalog")

    /// With BREAKOUTD_WRITE_CATALOG=1 the file is written.
    @Test func theFileIsMadeFromTheTable() throws {
        let expected = JournalCatalog.text(Check.all.map(\.technique))
        if ProcessInfo.processInfo.environment["BREAKOUTD_WRITE_CATALOG"] == "1" {
            try expected.write(to: Self.path, atomically: true, encoding: .utf8)
        } else {
            let text = try String(contentsOf: Self.path, encoding: .utf8)
            #expect(text == expected, "run the tests once with BREAKOUTD_WRITE_CATALOG=1")
        }
    }

    /// What systemd 219 asks of a file (catalog.c): a blank line before each entry, a header, a blank line, a text.
    @Test func theFormat() throws {
        let lines = JournalCatalog.text(Check.all.map(\.technique)).split(
            separator: "\n", omittingEmptySubsequences: false)
        let starts = lines.indices.filter { lines[$0].hasPrefix("-- ") }
        #expect(starts.count == Check.all.count + 5)
        #expect(Set(starts.map { lines[$0] }).count == starts.count)
        for start in starts {
            let id = lines[start].dropFirst(3)
            #expect(id.count == 32 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            #expect(lines[start - 1] == "" && lines[start + 1].hasPrefix("Subject: "))
            #expect(lines[start + 2] == "Defined-By: breakoutd" && lines[start + 3] == "" && lines[start + 4] != "")
        }
        #expect(lines.allSatisfy { $0.utf8.count < 200 })
        #expect(lines.filter { $0.hasPrefix("#") }.count == 1)
    }

    @Test func anEntry() throws {
        let technique = try #require(Check.named("privileged")?.technique)
        let text = JournalCatalog.text([technique])
        #expect(text.contains("\n-- \(technique.messageID)\nSubject: @BREAKOUTD_SEVERITY@: \(technique.title)\n"))
        #expect(text.contains("\n\nMore: breakoutd explain privileged\n"))
        for id in [
            JournalReport.gapMessageID, RecordReport.clearedMessageID, RecordReport.heldBackMessageID,
            RecordReport.heartbeatMessageID, RecordReport.lossMessageID,
        ] {
            #expect(text.contains("\n-- \(id)\n"))
        }
    }

    /// Every field that a text shows is one that entries have.
    @Test func fields() throws {
        let text = JournalCatalog.text(Check.all.map(\.technique))
        let shown = Set(text.matches(of: /@([A-Z_]+)@/).map { String($0.1) })
        #expect(
            shown == [
                "BREAKOUTD_SEVERITY", "BREAKOUTD_DECLARED", "BREAKOUTD_GAP", "BREAKOUTD_REASON", "BREAKOUTD_COUNT",
                "BREAKOUTD_TECHNIQUE", "BREAKOUTD_HELD_BACK", "BREAKOUTD_ENTRIES_LOST",
            ])
    }
}
