import NodeModel
import Testing

@Suite struct WatchedPathTests {
    static let cases: [(watched: WatchedPath, path: String, isCovered: Bool)] = [
        (WatchedPath("/etc/cron.d"), "/etc/cron.d/x", true),
        (WatchedPath("/etc/cron.d"), "/etc/cron.d", true),
        (WatchedPath("/etc/cron.d"), "/etc/cron.d/x/y", false),
        (WatchedPath("/etc/cron.d"), "/etc/cron.daily", false),
        (WatchedPath("/etc/cron.d"), "/etc", false),
        (WatchedPath("/etc/cron.d"), "/", false),
        (WatchedPath("/etc/cron.d"), "", false),
        (WatchedPath("/etc", names: ["passwd"]), "/etc/passwd", true),
        (WatchedPath("/etc", names: ["passwd"]), "/etc/passwd-", false),
        (WatchedPath("/etc", names: ["passwd"]), "/etc", false),
        (WatchedPath("/home/*/.ssh"), "/home/user/.ssh/authorized_keys", true),
        (WatchedPath("/home/*/.ssh"), "/home/user/.ssh", true),
        (WatchedPath("/home/*/.ssh"), "/home/user/.config", false),
        (WatchedPath("/home/*", names: [".profile"]), "/home/user/.profile", true),
        (WatchedPath("/home/*", names: [".profile"]), "/home/user", false),
        (WatchedPath("/run/units", isDeep: true), "/run/units/a.d/x.conf", true),
        (WatchedPath("/run/units", isDeep: true), "/run/units/a.d/b/x.conf", false),
        // A separator before a combining mark is one all the same.
        (WatchedPath("/etc/cron.d"), "/etc/cron.d/\u{301}", true),
    ]

    @Test(arguments: cases)
    func covers(watched: WatchedPath, path: String, isCovered: Bool) { #expect(watched.covers(path) == isCovered) }

    @Test func words() {
        #expect(FileChange([.created, .closed]).words == ["created", "closed after writing"])
        #expect(FileChange([]).words == [])
        #expect(FileChange(rawValue: 127).words.count == 7 && FileChange(rawValue: 128).words == [])
    }
}
