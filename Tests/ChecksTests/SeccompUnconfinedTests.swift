import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct SeccompUnconfinedTests {
    static let bare = Node.quiet.changingTask { $0.credentials?.seccomp = 0 }
    static let unfiltered = Node.quiet.changingBundle { $0.hasSeccomp = false }

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("quiet", .quiet, []),
        ("no filter asked for", unfiltered, [Told(.declaredByRuntime, nil, "no seccomp filter")]),
        (
            "filter missing", bare,
            [Told(.undeclared, .partial, "pid 4100 (web) has no filter although the record has one")]
        ),
        ("strict mode", .quiet.changingTask { $0.credentials?.seccomp = 1 }, []),
        ("created", bare.changingContainer { $0.isCreated = true }, []),
        ("starting", bare.changingTask { $0.isStarting = true }, []),
        ("not read", .quiet.changingTask { $0.credentials = nil }, []),
        ("no kernel support", .quiet.changingTask { $0.credentials?.seccomp = nil }, []),
        ("no record", bare.changingContainer { $0.bundle = nil }, []),
        ("privileged", Node.quiet.privileged(), []),
    ]

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) { #expect(Check.seccompUnconfined.told(node) == told) }
}
