import Checks
import Testing

@Suite struct NamePatternTests {
    static let cases: [(pattern: String, name: String, matches: Bool)] = [
        ("web", "web", true), ("web", "web-0", false), ("web-*", "web-0", true), ("web-*", "web-", true),
        ("web-*", "web", false), ("*", "", true), ("*", "anything", true), ("**", "x", true), ("*-a", "b-a", true),
        ("*-a", "b-ab", false), ("a*a", "a", false), ("a*a", "aa", true), ("a*b*c", "a-b-c", true),
        ("a*b*c", "acbc", true), ("a*b*c", "ac", false), ("", "", true), ("", "a", false), ("a.c", "abc", false),
        ("*b*b*", "ab", false), ("é*", "é1", true),
    ]

    @Test(arguments: cases)
    func matches(pattern: String, name: String, matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }

    static let kinds: [(pattern: String, isAnything: Bool, isExact: Bool)] = [
        ("*", true, false), ("**", true, false), ("*-*", true, false), ("a*", true, false), ("*.a-*", true, false),
        ("ab*", false, false), ("a*1", false, false), ("a", false, true), ("", false, true), ("-", false, true),
    ]

    @Test(arguments: kinds)
    func kind(pattern: String, isAnything: Bool, isExact: Bool) {
        #expect(NamePattern(pattern).isAnything == isAnything && NamePattern(pattern).isExact == isExact)
    }
}
