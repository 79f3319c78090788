import NodeModel
import Testing

@Suite struct RecentEntriesTests {
    @Test func whatIsUsedStays() {
        var entries = RecentEntries<String, Int>()
        (entries["put"], entries["asked for"], entries["left"]) = (1, 2, 3)
        entries.forgetUnused()
        #expect(entries.count == 3)
        entries["put"] = 4
        #expect(entries["asked for"] == 2)
        #expect(entries.count == 3)
        entries.forgetUnused()
        #expect(entries.count == 2)
        #expect(entries["put"] == 4)
        #expect(entries["left"] == nil)
        entries.forgetUnused()
        #expect(entries["asked for"] == nil)
        #expect(entries["put"] == 4)
    }

    @Test func whatIsTakenOutIsGone() {
        var entries = RecentEntries<String, Int>()
        entries["a"] = 1
        entries.forgetUnused()
        entries["a"] = nil
        #expect(entries["a"] == nil)
        #expect(entries.count == 0)
    }
}
