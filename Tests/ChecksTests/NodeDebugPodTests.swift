import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct NodeDebugPodTests {
    private static func pod(_ name: String, _ node: Node = Node.quiet.sharingWithPod(.pid)) -> Node {
        node.changing { for container in 0...1 { $0.containers[container].pod?.name = name } }
    }

    private static let debugger = "node-debugger-ip-10-10-1-67-x7k2p"
    private static let told = [Told(.declaredByRuntime, nil, "in the node's pid namespaces")]

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("another pod", Node.quiet.sharingWithPod(.pid), []),
        ("by kubectl debug", pod(debugger), told),
        (
            "with all of its namespaces",
            pod(debugger, Node.quiet.sharingWithPod(.pid).sharingWithPod(.network).sharingWithPod(.ipc)),
            [Told(.declaredByRuntime, nil, "in the node's pid, net, ipc namespaces")]
        ),
        ("none of the node's namespaces", pod(debugger, .quiet), []),
        ("a name like it", pod("my-node-debugger-x"), []),
    ]

    @Test(arguments: cases)
    func told(name: String, node: Node, told: [Told]) { #expect(Check.nodeDebugPod.told(node) == told) }

    /// Nothing owns a pod of kubectl debug.
    @Test func owner() throws {
        let owner = #""ownerReferences": [{"kind": "DaemonSet", "name": "x", "controller": true}]"#
        for (metadata, isTold) in [("", true), (owner, false)] {
            let index = NodeIndex(
                Self.pod(
                    Self.debugger,
                    try Node.quiet.sharingWithPod(.pid)
                        .declaring(spec: #""hostPID": true"#, metadata: metadata)))
            let evidence = Check.nodeDebugPod.evidence(index)
            #expect(evidence.isEmpty != isTold)
            #expect(evidence.allSatisfy { Check.nodeDebugPod.declaration(of: $0, in: index) == .declared })
        }
    }
}
