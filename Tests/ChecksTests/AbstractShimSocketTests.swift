import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct AbstractShimSocketTests {
    private static func shims(_ names: [String]?, _ node: Node = Node.quiet.sharingWithPod(.network)) -> Node {
        node.changing { $0.host.abstractShims = names }
    }

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("not read", shims(nil), []),
        ("none", shims([]), []),
        ("one", shims(["/containerd-shim/a"]), [Told(.declaredByRuntime, nil, "@/containerd-shim/a")]),
        ("two", shims(["/a", "/b"]), [Told(.declaredByRuntime, nil, "@/a and 1 more")]),
        ("a network of its own", shims(["/a"], .quiet), []),
        (
            "not root",
            shims(["/a"]).changing { for task in 2...4 { $0.tasks[task].credentials?.effectiveUID = 1000 } }, []
        ),
        (
            "root of its own",
            shims(["/a"], Node.quiet.sharingWithPod(.network).withUserNamespace()), []
        ),
        (
            "against the record",
            shims(["/a"], .quiet.changingTask { $0.namespaces[.network] = NamespaceSet.host[.network] }),
            [Told(.undeclared, nil, "@/a")]
        ),
    ]

    @Test(arguments: cases)
    func told(name: String, node: Node, told: [Told]) { #expect(Check.abstractShimSocket.told(node) == told) }
}
