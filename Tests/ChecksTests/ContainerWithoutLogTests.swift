import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct ContainerWithoutLogTests {
    /// Two pods for an hour, of which the second has no log directory.
    private static func twoPods(_ change: (inout Node) -> Void = { _ in }) -> Node {
        Node.twoPods.changing { node in
            node.host.ticksSinceBoot = 6000 + 3600 * 100
            change(&node)
        }
    }

    private static let told = [Told(.undeclared, nil, "c3c3c3c3c3c3c: no log directory for db of its pod")]

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("quiet", .quiet.changing { $0.host.ticksSinceBoot = 400_000 }, []),
        ("without one", twoPods(), told),
        ("young", twoPods { $0.host.ticksSinceBoot = 6000 }, []),
        ("age unknown", twoPods { $0.host.ticksSinceBoot = nil }, []),
        (
            "for another container",
            twoPods { node in
                node.podLogs.append(
                    PodLogDirectory(name: "x", pod: node.containers[2].pod, containers: [ContainerLogs(name: "web")]))
            }, told
        ),
        (
            "with one",
            twoPods { node in
                node.podLogs.append(
                    PodLogDirectory(name: "x", pod: node.containers[2].pod, containers: [ContainerLogs(name: "db")]))
            }, []
        ),
        (
            "by its pod's uid alone",
            twoPods { node in
                node.podLogs.append(
                    PodLogDirectory(
                        name: "x", pod: PodIdentity(uid: node.containers[2].pod?.uid),
                        containers: [ContainerLogs(name: "db")]))
            }, []
        ),
        ("logs are kept elsewhere", twoPods { $0.podLogs = [] }, []),
        ("a part was not read", twoPods { $0.gaps.add(.podLogs, "Permission denied", "/var/log/pods/x") }, []),
        ("ended", twoPods { node in node.tasks.removeAll { $0.container == 2 } }, []),
        ("a sandbox has none", twoPods { $0.containers[2].kind = .sandbox }, []),
        ("of no pod", twoPods { $0.containers[2].kind = .plain }, []),
    ]

    @Test(arguments: cases)
    func told(name: String, node: Node, told: [Told]) { #expect(Check.containerWithoutLog.told(node) == told) }
}
