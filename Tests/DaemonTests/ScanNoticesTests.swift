import Checks
import Findings
import NodeModel
import TestSupport
import Testing

@testable import Daemon

@Suite struct ScanNoticesTests {
    /// Whether an entry covers anything is known when nothing waits for the API's word any more.
    @Test func entriesWithoutUse() throws {
        let pods = AllowList.PodPattern(namespace: NamePattern("shop"), serviceAccount: NamePattern("web"))
        let rule = try AllowList.Rule(techniques: [NamePattern("seccomp-unconfined")])
        let list = AllowList([try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [rule])])
        let node = Node.quiet.changingBundle { $0.hasSeccomp = false }.changingTask { $0.credentials?.seccomp = 0 }
        let log = CollectedLog()
        var notices = ScanNotices(logger: log.logger)
        func scan(_ node: Node) { notices.tell(of: Judgement(of: node).allowing(list, at: 0), list) }
        scan(node.withoutAnswer)
        #expect(log.messages == [])
        for _ in 0..<2 { scan(try node.declaring(spec: #""serviceAccountName": "other""#)) }
        #expect(log.messages == ["notice Allow-list entry e: covers nothing on this node"])
    }
}
