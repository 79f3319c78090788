import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct EventsSilencedTests {
    @Test(arguments: [(nil, 0), (true, 0), (false, 1)] as [(Bool?, Int)])
    func judged(isOwnActSeen: Bool?, count: Int) {
        let found = Check.eventsSilenced.found(Node.quiet.changing { $0.host.isOwnActSeen = isOwnActSeen })
        #expect(found.count == count)
        #expect(found.allSatisfy { $0.container == nil && $0.task == nil && $0.declaration == .undeclared })
        #expect(found.allSatisfy { $0.detail == "the kernel did not tell all of an act of breakoutd's own" })
    }

    @Test func severity() {
        #expect(Severity(Check.eventsSilenced.technique.weight, .undeclared, inUserNamespace: false) == .high)
    }
}
