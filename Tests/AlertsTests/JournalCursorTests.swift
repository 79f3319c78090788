import Testing

@testable import Alerts

@Suite struct JournalCursorTests {
    /// A cursor as systemd 252 makes it, after changes.
    private static func cursor(
        s: String = "5e", i: String = "64", b: String = "b2", m: String = "3e8", t: String = "5f5e100", x: String = "7"
    ) -> String {
        "s=\(s);i=\(i);b=\(b);m=\(m);t=\(t);x=\(x)"
    }

    @Test func parts() throws {
        let cursor = try #require(
            JournalCursor(
                "s=b2a81fd5b2fe4f4eb2bd79cb1c3d8d4a;i=1a9f;b=0123456789abcdef0123456789abcdef;m=ffffffffffffffff;"
                    + "t=5d2e0a7b3c1f0;x=9c5b1d2e3f4a5b6c"))
        #expect(cursor.sequence == "b2a81fd5b2fe4f4eb2bd79cb1c3d8d4a" && cursor.number == 0x1a9f)
        #expect(cursor.boot == "0123456789abcdef0123456789abcdef" && cursor.monotonic == .max)
        #expect(cursor.realtime == 0x5_d2e0_a7b3_c1f0 && cursor.hash == 0x9c5b_1d2e_3f4a_5b6c)
    }

    static let wrong = [
        "", ";", "c1", "s=5e;i=64;b=b2;m=3e8;t=5f5e100", cursor(i: "g"), cursor(m: ""), cursor(t: "-1"),
        cursor(x: "10000000000000000"), cursor() + ";y", "i=64;b=b2;m=3e8;t=5f5e100;x=7",
    ]

    @Test(arguments: wrong) func noCursor(text: String) { #expect(JournalCursor(text) == nil) }

    /// What another entry is to the one that was read last, of boot `b2`, while the machine is in a certain boot.
    static let others: [(name: String, cursor: String, present: String, isUpTo: Bool)] = [
        ("itself", cursor(), "b2", true),
        ("itself, copied to another file", cursor(s: "6f", i: "2"), "b2", true),
        ("another of the same moment", cursor(x: "8"), "b2", false),
        ("a moment before, with the clock set back since", cursor(m: "3e7", t: "6000000"), "b2", true),
        ("a moment later, with a lost number and the clock set back", cursor(i: "63", m: "3e9", t: "1"), "b2", false),
        ("before, of a boot that is over", cursor(m: "3e7"), "b3", true),
        ("of a boot before the present one", cursor(s: "6f", i: "ff", b: "b1", t: "6000000"), "b2", true),
        ("of the present boot, with a lost number and a wrong clock", cursor(i: "63", b: "b3", t: "1"), "b3", false),
        ("of an earlier boot", cursor(i: "63", b: "b1", t: "5f5e0ff"), "b3", true),
        ("of an earlier boot, in a journal of its own", cursor(s: "6f", i: "ff", b: "b1", t: "5f5e0ff"), "b3", true),
        ("of a boot between, with a lost number", cursor(i: "63", b: "b1", t: "5f5e101"), "b3", false),
        ("of a boot between, with a wrong clock", cursor(i: "65", b: "b1", t: "1"), "b3", false),
    ]

    @Test(arguments: others)
    func order(name: String, cursor: String, present: String, isUpTo: Bool) throws {
        let last = try #require(JournalCursor(Self.cursor()))
        #expect(try #require(JournalCursor(cursor)).isUpTo(last, in: present) == isUpTo)
    }
}
