import Checks
import Findings
import NodeModel
import TestSupport
import Testing

@testable import Daemon

@Suite struct ScanNoticesTests {
    private static func entry(
        _ name: String, namespace: String = "shop", account: String? = "web", expires: Int64? = nil
    ) throws -> AllowList.Entry {
        let pods = AllowList.PodPattern(
            namespace: NamePattern(namespace), serviceAccount: account.map { NamePattern($0) })
        let rule = try AllowList.Rule(techniques: [NamePattern("seccomp-unconfined")])
        return try AllowList.Entry(name: name, reason: "r", pods: pods, rules: [rule], expires: expires)
    }

    private static let node = Node.quiet.changingBundle { $0.hasSeccomp = false }.changingTask {
        $0.credentials?.seccomp = 0
    }

    /// What needs no word of the API's is said with the first scan, the rest when the API has told: all of it once.
    @Test func entriesWithoutUse() throws {
        let list = AllowList([
            try Self.entry("waits"), try Self.entry("old", expires: 5), try Self.entry("none", namespace: "bank"),
        ])
        let log = CollectedLog()
        var notices = ScanNotices(logger: log.logger)
        func scan(_ node: Node) { notices.tell(of: Judgement(of: node).allowing(list, at: 10), list) }
        let first = [
            "warning Allow-list entry old: expired, counts no more",
            "notice Allow-list entry none: covers nothing on this node",
        ]
        for _ in 0..<2 { scan(Self.node.withoutAnswer) }
        #expect(log.messages == first)
        for _ in 0..<2 { scan(try Self.node.declaring(spec: #""serviceAccountName": "other""#)) }
        #expect(log.messages == first + ["notice Allow-list entry waits: covers nothing on this node"])
    }

    /// Nothing is said of an entry that covers something, at once or by the API's word, nor later when that is over.
    @Test(arguments: ["web", nil])
    func entriesOfUse(account: String?) throws {
        let list = AllowList([try Self.entry("e", account: account)])
        let log = CollectedLog()
        var notices = ScanNotices(logger: log.logger)
        for node in [
            Self.node.withoutAnswer, try Self.node.declaring(spec: #""serviceAccountName": "web""#), .quiet,
        ] {
            notices.tell(of: Judgement(of: node).allowing(list, at: 10), list)
        }
        #expect(log.messages == [])
    }
}
