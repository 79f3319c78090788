import NodeModel
import TestSupport
import Testing

@testable import Checks

/// A task in the container's cgroup that cannot have been made in it: it is told where it is, and not as the pod's own.
@Suite struct FromOutsideTests {
    private static let intruder = Node.quiet.changing { node in
        var task = node.tasks[3]
        (task.pid, task.tid, task.parent, task.comm, task.credentials) = (5000, 5000, 1, "at", .root)
        task.namespaces[.pid] = NamespaceSet.host[.pid]
        node.tasks.append(task)
    }

    private static func details(_ check: Check, _ node: Node) -> [String] { check.found(node).map(\.detail) }

    @Test func capabilities() {
        #expect(
            Self.details(.capabilitiesBeyondBundle, Self.intruder).allSatisfy {
                $0.hasPrefix("pid 5000 (at) from outside the pod: CAP_")
            })
        #expect(Self.details(.capabilitiesBeyondBundle, Self.intruder).count == 1)
    }

    @Test func namespaces() {
        #expect(
            Self.details(.enteredHostPIDNamespace, Self.intruder) == [
                "pid 5000 (at) from outside the pod, child of pid 1 (systemd): ns/pid 4026531836 is the host's; "
                    + "the pod's own is 4026532601"
            ])
    }

    @Test func cgroup() {
        let node = Self.intruder.changing { node in
            (node.tasks[5].cgroup, node.tasks[5].attribution) = (0, .mountNamespace)
        }
        #expect(
            Self.details(.leftPodCgroup, node) == [
                "pid 5000 (at) from outside the pod is in the container's mount namespace, but in cgroup /init.scope "
                    + "of unified"
            ])
    }

    static let own: [(name: String, change: @Sendable (inout Node) -> Void)] = [
        ("the first process is there itself", { $0.tasks[3].namespaces[.pid] = NamespaceSet.host[.pid] }),
        ("the first process is not known", { $0.containers[0].initPID = nil }),
        ("in the container's PID namespace", { $0.tasks[5].namespaces[.pid] = $0.tasks[3].namespaces[.pid] }),
        ("its PID namespace is not known", { $0.tasks[5].namespaces[.pid] = nil }),
        (
            "its children alone are there",
            { node in
                node.tasks[5].namespaces[.pid] = node.tasks[3].namespaces[.pid]
                node.tasks[5].namespaces[.pidForChildren] = NamespaceSet.host[.pid]
            }
        ),
    ]

    @Test(arguments: own) func mayBeThePodsOwn(name: String, change: @Sendable (inout Node) -> Void) {
        let node = Self.intruder.changing(change)
        let details = [Check.capabilitiesBeyondBundle, .enteredHostPIDNamespace].flatMap { Self.details($0, node) }
        #expect(!details.isEmpty && details.allSatisfy { !$0.contains("outside") })
    }
}
