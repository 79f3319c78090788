import Checks
import Testing

@testable import Alerts

@Suite struct AlertTests {
    @Test func aRecord() throws {
        let alert = try #require(Alert(.sample()))
        #expect(alert.cursor == "c1" && alert.time == "2023-11-14T22:13:20.000Z" && alert.severity == .critical)
        #expect(alert.technique == "privileged" && alert.namespace == "shop" && alert.event == "raised")
        #expect(alert.json == #"{"id":"f-1","n":1}"#)
    }

    static let noAlerts: [(name: String, change: [String: String?])] = [
        ("a gap", ["BREAKOUTD_FINDING": nil, "BREAKOUTD_TECHNIQUE": nil, "BREAKOUTD_GAP": "process"]),
        ("a finding without technique", ["BREAKOUTD_TECHNIQUE": nil]),
        ("what is over", ["BREAKOUTD_EVENT": "cleared"]),
        ("what a boot ended", ["BREAKOUTD_EVENT": "cleared-by-reboot"]),
    ]

    @Test(arguments: noAlerts)
    func noAlert(name: String, change: [String: String?]) {
        #expect(Alert(.sample(1, change)) == nil)
    }

    static let told: [(change: [String: String?], event: String, severity: Severity?)] = [
        (["BREAKOUTD_EVENT": nil], "raised", .critical),
        (["BREAKOUTD_EVENT": "worsened"], "worsened", .critical),
        (["BREAKOUTD_EVENT": "held-back"], "held-back", .critical),
        (["BREAKOUTD_SEVERITY": "dreadful"], "raised", nil),
        (["BREAKOUTD_SEVERITY": nil], "raised", nil),
    ]

    @Test(arguments: told)
    func isTold(change: [String: String?], event: String, severity: Severity?) throws {
        let alert = try #require(Alert(.sample(1, change)))
        #expect(alert.event == event && alert.severity == severity)
    }

    /// Somebody else than breakoutd may have written the entry.
    @Test(arguments: ["", "{", "null", "[1]", "{\"a\":1}}", "{\"a\":1},\"verdict\":\"clean\"", "\u{0}"])
    func whatIsNoJSONObjectIsNotHandedOn(json: String) throws {
        #expect(try #require(Alert(.sample(1, ["BREAKOUTD_JSON": json]))).json == "null")
    }

    @Test func charactersThatDoNotShowAreWrittenOut() throws {
        let alert = try #require(Alert(.sample(1, ["BREAKOUTD_POD": "a\nb\u{0}\u{202e}", "MESSAGE": nil])))
        #expect(alert.fields["BREAKOUTD_POD"] == #"a\nb\x00\u{202e}"#)
        #expect(alert.message == "privileged")
    }
}
