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
            "a filter that refuses what it names", unfiltered.changingBundle { $0.openSeccomp = .denyList },
            [Told(.declaredByRuntime, nil, "its seccomp filter allows what it does not name")]
        ),
        (
            "a filter that refuses nothing", unfiltered.changingBundle { $0.openSeccomp = .allowsAll },
            [Told(.declaredByRuntime, nil, "its seccomp filter allows every system call")]
        ),
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

    /// A profile of the node's own may allow by default, the runtime's does not.
    @Test(
        arguments: [
            ("Localhost", .denyList, .declared), ("Localhost", nil, .undeclared),
            ("RuntimeDefault", .denyList, .undeclared), ("Unconfined", .allowsAll, .declared),
        ] as [(String, OpenSeccomp?, Declaration)])
    func asked(type: String, filter: OpenSeccomp?, declaration: Declaration) throws {
        let node = try Self.unfiltered.changingBundle { $0.openSeccomp = filter }
            .declaring(container: #""securityContext": {"seccompProfile": {"type": "\#(type)"}}"#)
        let index = NodeIndex(node)
        let check = Check.seccompUnconfined
        #expect(check.evidence(index).map { check.declaration(of: $0, in: index) } == [declaration])
        let items = try #require(index.comparison(of: 0)).filter { $0.field == .seccompProfile }
        #expect(items.isEmpty == (declaration == .declared))
    }

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) { #expect(Check.seccompUnconfined.told(node) == told) }
}
