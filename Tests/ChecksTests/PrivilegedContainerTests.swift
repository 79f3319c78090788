import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct PrivilegedContainerTests {
    static let node = Node.quiet.privileged()

    @Test func fires() {
        let evidence = Check.privileged.found(Self.node)
        #expect(evidence.map(\.detail) == ["41 capabilities, no seccomp, no masked paths"])
        #expect(evidence.map(\.declaration) == [.declaredByRuntime])
        #expect(evidence.map(\.container) == [0])
        #expect(evidence.first?.task?.pid == 4100)
        #expect(
            evidence.first?.values == [
                "capabilities": .number(41), "seccomp": .flag(false), "maskedPaths": .number(0),
                "allDevices": .flag(true),
            ])
    }

    /// One finding says it all.
    @Test func subsumesTheOthers() {
        let ids = Check.all.filter { !$0.found(Self.node).isEmpty }.map(\.technique.id)
        #expect(ids == ["privileged"])
    }

    /// Privileged without a process yet, or without the right to look: the record tells.
    @Test func recordAlone() {
        #expect(
            Check.privileged.found(
                Self.node.changing {
                    $0.tasks = []; $0.host.reference = nil
                }
            ).count == 1)
        #expect(Check.privileged.found(Self.node.changingContainer { $0.bundle = nil }) == [])
    }

    static let notQuite: [(name: String, node: Node, ids: [String])] = [
        (
            "a filter", node.changingBundle { $0.hasSeccomp = true },
            ["added-capability", "host-device", "seccomp-unconfined", "unmasked-proc"]
        ),
        (
            "a mask", node.changingBundle { $0.maskedPaths = ["/proc/kcore"] },
            ["added-capability", "host-device", "seccomp-unconfined", "unmasked-proc"]
        ),
        (
            "single devices", node.changingBundle { $0.allowsAllDevices = false },
            ["added-capability", "host-device", "seccomp-unconfined", "unmasked-proc"]
        ),
        (
            "a capability less",
            node.changing { node in
                node.containers[0].bundle?.capabilities.subtract(CapabilitySet.named(["SYS_MODULE"]).set)
                for index in 3...4 {
                    node.tasks[index].credentials?.permitted = .runtimeDefault
                    node.tasks[index].credentials?.effective = .runtimeDefault
                }
            }, ["added-capability", "host-device", "seccomp-unconfined", "unmasked-proc"]
        ),
    ]

    /// What is not wholly privileged is told part by part, never less.
    @Test(arguments: notQuite)
    func parts(name: String, node: Node, ids: [String]) {
        #expect(Check.all.filter { !$0.found(node).isEmpty }.map(\.technique.id) == ids)
    }

    /// A sandbox with a record like that is no kubelet's, whatever pod it names.
    @Test func sandbox() {
        let node = Node.quiet.changing { $0.containers[1].bundle = Self.node.containers[0].bundle }
        #expect(Check.privileged.found(node).map(\.container) == [1])
    }
}
