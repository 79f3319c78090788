import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct SharedProcessNamespaceTests {
    static let shared = Node.quiet.changingTask { $0.namespaces[.pid] = NamespaceID(rawValue: 4_026_532_501) }
        .changingEntry(.pid, "/proc/4000/ns/pid")

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("quiet", .quiet, []),
        ("shared", shared, [Told(.declaredByRuntime, nil, "ns/pid 4026532501 is the pod's")]),
        ("the host's", Node.quiet.sharingWithPod(.pid), []),
        ("starting", shared.changingTask { $0.isStarting = true }, []),
        ("not read", shared.changingTask { $0.namespaces[.pid] = nil }, []),
        ("no record", shared.changingContainer { $0.bundle = nil }, []),
        ("no reference", shared.changing { $0.host.reference = nil }, []),
        ("a sandbox", shared.changing { $0.containers[0].kind = .sandbox }, []),
    ]

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) { #expect(Check.sharedProcessNamespace.told(node) == told) }
}
