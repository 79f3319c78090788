import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct OrphanContainerTests {
    private static func why(_ text: String) -> [Told] { [Told(.undeclared, nil, "\(QuietIDs.container): \(text)")] }
    private static let noSandbox = why("its sandbox b2b2b2b2b2b2b is not on this node")

    /// The records' cgroups of the quiet container, and of its sandbox in a pod's.
    private static func cgroups(_ path: String) -> Node {
        .quiet.changing { node in
            node.containers[0].bundle?.cgroupsPath = path
            node.containers[1].bundle?.cgroupsPath = "/kubepods/podx/\(QuietIDs.sandbox)"
        }
    }

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
            "namespaces of its own",
            .quiet.changing { node in
                for kind in [NamespaceKind.network, .uts] {
                    node.containers[0].bundle?.namespaces.removeAll { $0.kind == kind }
                    node.containers[0].bundle?.namespaces.append(BundleNamespace(kind: kind))
                }
            }, why("its net, uts namespaces are not those of its sandbox b2b2b2b2b2b2b")
        ),
        (
            "namespaces of its own, as docker gives them",
            .quiet.changingEntry(.uts, nil).changingContainer { $0.runtime = .docker }, []
        ),
        ("no namespace at all", .quiet.changingEntry(.network, nil, remove: true), []),
        ("cgroup beside its sandbox's", cgroups("/kubepods/podx/\(QuietIDs.container)"), []),
        (
            "cgroup elsewhere", cgroups("/k8s.io/\(QuietIDs.container)"), why("its cgroup is not that of its pod")
        ),
        (
            "sandbox gone, records not all read",
            .quiet.changing {
                $0.containers.remove(at: 1); $0.tasks = []; $0.lacksRecords = true
            }, []
        ),
        (
            "in another namespace of the runtime", .quiet.changingContainer { $0.runtimeNamespace = "default" },
            noSandbox
        ),
    ]

    static let sandboxes: [(name: String, node: Node, own: String?)] = [
        ("beside the pod's own", Node.quiet.addingSandbox(), QuietIDs.sandbox),
        ("young", Node.quiet.addingSandbox { $0.host.ticksSinceBoot = 6000 + 5999 }, nil),
        ("a minute old", Node.quiet.addingSandbox { $0.host.ticksSinceBoot = 6000 + 6000 }, QuietIDs.sandbox),
        ("the other has ended", Node.quiet.addingSandbox { $0.tasks.remove(at: 2) }, nil),
        ("it has ended", Node.quiet.addingSandbox { $0.tasks.removeLast() }, nil),
        // Between two runs of its container a pod has nothing that names its sandbox.
        (
            "the container has ended",
            Node.quiet.addingSandbox { node in
                node.tasks.removeAll { $0.container == 0 }
                node.containers[0].kind = .plain
                node.containers[0].pod = nil
            }, QuietIDs.sandbox
        ),
        ("of another pod", Node.quiet.addingSandbox { $0.containers[2].pod?.uid = "7c1e2c0a" }, nil),
    ]

    @Test(arguments: sandboxes)
    func secondSandbox(name: String, node: Node, own: String?) {
        let told = Check.orphanContainer.found(node).filter { $0.container == 2 }
        #expect(
            told.map(\.detail)
                == (own.map { ["\(QuietIDs.secondSandbox): its pod runs in another sandbox, \($0.prefix(13))"] } ?? []))
        #expect(told.allSatisfy { $0.declaration == .undeclared && $0.task?.pid == 6000 })
        #expect(Check.orphanContainer.found(node).allSatisfy { $0.container != 1 })
    }

    /// The quiet container and one more of its name and sandbox, an hour old.
    private static func double(_ change: (inout Node) -> Void = { _ in }) -> Node {
        .quiet.changing { node in
            var task = node.tasks[3]
            (task.pid, task.tid, task.startTime, task.container) = (6100, 6100, 6100, 2)
            var container = node.containers[0]
            (container.id, container.initPID) = (String(repeating: "f6", count: 32), 6100)
            let path = container.bundle?.cgroupsPath?.replacing(QuietIDs.container, with: container.id)
            container.bundle?.cgroupsPath = path
            node.tasks.append(task)
            node.containers.append(container)
            node.host.ticksSinceBoot = 6100 + 3600 * 100
            change(&node)
        }
    }

    static let doubles: [(name: String, node: Node, isTold: Bool)] = [
        ("beside the pod's own", double(), true),
        ("young", double { $0.host.ticksSinceBoot = 6100 + 5999 }, false),
        ("age unknown", double { $0.host.ticksSinceBoot = nil }, false),
        ("another name", double { $0.containers[2].name = "debugger" }, false),
        ("of the sandbox before", double { $0.containers[2].sandboxID = nil }, true),
        ("the other has ended", double { node in node.tasks.removeAll { $0.container == 0 } }, false),
        ("it has ended", double { $0.tasks.removeLast() }, false),
    ]

    @Test(arguments: doubles)
    func secondContainer(name: String, node: Node, isTold: Bool) {
        let told = Check.orphanContainer.found(node)
        #expect(told.map(\.container) == (isTold ? [2] : []))
        guard isTold, node.containers[2].sandboxID != nil else { return }
        #expect(
            told.map(\.detail) == ["\(node.containers[2].id): its pod runs another container web, a1a1a1a1a1a1a"])
    }

    @Test func secondSandboxOfAKnownPod() throws {
        let node = try Node.quiet.addingSandbox().declaring()
        #expect(Check.orphanContainer.found(node).map(\.container) == [2])
        #expect(Check.containerUnknownToAPI.found(node) == [])
    }

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
