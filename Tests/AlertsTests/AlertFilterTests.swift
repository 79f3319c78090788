import Checks
import Testing

@testable import Alerts

@Suite struct AlertFilterTests {
    static let cases: [(name: String, filter: AlertFilter, change: [String: String?], passes: Bool)] = [
        ("anything", AlertFilter(), ["BREAKOUTD_SEVERITY": "info", "BREAKOUTD_NAMESPACE": nil], true),
        ("just severe enough", AlertFilter(minSeverity: .high), ["BREAKOUTD_SEVERITY": "high"], true),
        ("not severe enough", AlertFilter(minSeverity: .high), ["BREAKOUTD_SEVERITY": "medium"], false),
        ("severity unknown", AlertFilter(minSeverity: .critical), ["BREAKOUTD_SEVERITY": "dreadful"], true),
        ("technique", AlertFilter(techniques: [NamePattern("privileged")]), [:], true),
        ("one of the techniques", AlertFilter(techniques: [NamePattern("x"), NamePattern("priv*")]), [:], true),
        ("another technique", AlertFilter(techniques: [NamePattern("host-*")]), [:], false),
        ("namespace", AlertFilter(namespaces: [NamePattern("sh*")]), [:], true),
        ("another namespace", AlertFilter(namespaces: [NamePattern("shop-2")]), [:], false),
        ("no namespace", AlertFilter(namespaces: [NamePattern("*")]), ["BREAKOUTD_NAMESPACE": nil], false),
        (
            "all but one",
            AlertFilter(minSeverity: .low, techniques: [NamePattern("*")], namespaces: [NamePattern("x")]),
            [:], false
        ),
    ]

    @Test(arguments: cases)
    func filtering(name: String, filter: AlertFilter, change: [String: String?], passes: Bool) throws {
        #expect(filter.passes(try #require(Alert(.sample(1, change)))) == passes)
    }
}
