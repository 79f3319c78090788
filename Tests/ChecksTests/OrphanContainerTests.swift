import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct OrphanContainerTests {
    private static func why(_ text: String) -> [Told] { [Told(.undeclared, nil, "\(QuietIDs.container): \(text)")] }
    private static let noSandbox = why("its sandbox b2b2b2b2b2b2b is not on this node")

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("quiet", .quiet, []),
        ("plain", .quiet.changingContainer { $0.kind = .plain }, why("its record has no pod annotations")),
        ("names no sandbox", .quiet.changingContainer { $0.sandboxID = nil }, why("its record names no sandbox")),
        (
            "sandbox gone",
            .quiet.changing {
                $0.containers.remove(at: 1); $0.tasks = []
            }, noSandbox
        ),
        (
            "known by its cgroup alone",
            .quiet.changingContainer {
                $0.kind = .unknown; $0.sandboxID = nil
            }, []
        ),
        (
            "sandbox without a readable record",
            .quiet.changingSandbox {
                $0.kind = .unknown; $0.bundle = nil
            }, []
        ),
        (
            "sandbox known by its cgroup alone",
            .quiet.changingSandbox {
                $0.kind = .unknown; $0.bundle = nil; $0.runtimeNamespace = nil
            }, noSandbox
        ),
        (
            "names itself", .quiet.changingContainer { $0.sandboxID = QuietIDs.container },
            why("its sandbox a1a1a1a1a1a1a is not on this node")
        ),
        (
            "names another container",
            Node.twoPods.changingContainer { $0.sandboxID = String(repeating: "c3", count: 32) },
            why("its sandbox c3c3c3c3c3c3c is not on this node")
        ),
        (
            "in another namespace of the runtime", .quiet.changingContainer { $0.runtimeNamespace = "default" },
            noSandbox
        ),
    ]

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) { #expect(Check.orphanContainer.told(node) == told) }

    @Test func values() {
        let evidence = Check.orphanContainer.found(
            .quiet.changing {
                $0.containers.remove(at: 1); $0.tasks = []
            })
        #expect(
            evidence.first?.values == [
                "runtimeNamespace": .text("k8s.io"), "sandboxID": .text(QuietIDs.sandbox),
                "cgroupsPath": .text("kubepods-burstable-pod0d15f723.slice:cri-containerd:\(QuietIDs.container)"),
            ])
    }
}
