import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HeldSocketsTests {
    private static let containerd = "/run/containerd/containerd.sock"

    /// The quiet container, whose first process has descriptor 7 connected to a service; where it is asked for, with
    /// that service's socket mounted.
    private static func connected(
        to path: String, of service: NodeService = .containerRuntime, isMounted: Bool = false,
        _ change: (inout Node) -> Void = { _ in }
    ) -> Node {
        var node = Node.quiet
        if isMounted {
            node = HostPathMountsTests.mounting(
                String(path.dropFirst(4)), at: "/x.sock", device: DeviceNumber(major: 0, minor: 25), type: "tmpfs")
            node.containers[0].bundle?.mounts[4].source = path
        }
        node.taskFiles = [
            TaskFiles(
                task: node.tasks[3].key,
                sockets: [HeldSocket(number: 7, inode: 4711, service: service, path: path)])
        ]
        change(&node)
        return node
    }

    private static func told(_ node: Node) -> [String] {
        [Check.holdsRuntimeSocket, .holdsServiceManagerSocket, .holdsKubeletSocket].flatMap { check in
            check.found(node).map { evidence in
                let weight = (evidence.weight ?? check.technique.weight).rawValue
                return "\(check.technique.id) \(weight) \(evidence.declaration.rawValue) \(evidence.detail)"
            }
        }
    }

    private static let what = "descriptor 7 of pid 4100 (web) is connected to"

    static let cases: [(name: String, node: Node, told: [String])] = [
        ("quiet", .quiet, []),
        ("no sockets read", .quiet.changing { $0.taskFiles = [TaskFiles(task: $0.tasks[3].key)] }, []),
        (
            "no mount", connected(to: containerd),
            ["holds-runtime-socket action undeclared \(what) \(containerd), which no mount of it shows"]
        ),
        (
            "mounted", connected(to: containerd, isMounted: true),
            ["holds-runtime-socket action declared-by-runtime \(what) \(containerd), from /x.sock"]
        ),
        (
            "two of one service",
            connected(to: containerd) { node in
                let second = HeldSocket(number: 8, inode: 4712, service: .containerRuntime, path: containerd)
                node.taskFiles?[0].sockets?.append(second)
            }, ["holds-runtime-socket action undeclared \(what) \(containerd), which no mount of it shows"]
        ),
        (
            "the service manager", connected(to: "/run/systemd/private", of: .serviceManager),
            ["holds-service-manager-socket action undeclared \(what) /run/systemd/private, which no mount of it shows"]
        ),
        (
            "the bus, and not root",
            connected(to: "/run/dbus/system_bus_socket", of: .serviceManager) {
                $0.tasks[3].credentials?.effectiveUID = 65534
            },
            [
                "holds-service-manager-socket partial undeclared \(what) /run/dbus/system_bus_socket, which no mount of it shows"
            ]
        ),
        (
            "the kubelet", connected(to: "/var/lib/kubelet/device-plugins/kubelet.sock", of: .kubelet),
            [
                "holds-kubelet-socket partial undeclared \(what) /var/lib/kubelet/device-plugins/kubelet.sock, "
                    + "which no mount of it shows"
            ]
        ),
        ("still being started", connected(to: containerd) { $0.tasks[3].isStarting = true }, []),
        (
            "in the host's mount namespace",
            connected(to: containerd) { $0.tasks[3].namespaces[.mount] = NamespaceSet.host[.mount] },
            ["holds-runtime-socket action undeclared \(what) \(containerd), which no mount of it shows"]
        ),
        ("a process of the node", connected(to: containerd) { $0.tasks[3].container = nil }, []),
    ]

    @Test(arguments: cases)
    func told(name: String, node: Node, told: [String]) { #expect(Self.told(node) == told) }

    @Test func values() {
        #expect(
            Check.holdsRuntimeSocket.found(Self.connected(to: Self.containerd, isMounted: true)).map(\.values) == [
                ["path": .text(Self.containerd), "descriptor": .number(7), "mountPoint": .text("/x.sock")]
            ])
    }

    /// Declared is a connection where the pod asks for what its mount shows.
    @Test func declared() throws {
        let node = Self.connected(to: Self.containerd, isMounted: true)
        let asking = try node.declaring(
            container: #""volumeMounts": [{"name": "s", "mountPath": "/x.sock"}]"#,
            spec: #""volumes": [{"name": "s", "hostPath": {"path": "/run/containerd/containerd.sock"}}]"#)
        for (node, declaration) in [(asking, Declaration.declared), (try node.declaring(), .undeclared)] {
            let index = NodeIndex(node)
            let evidence = try #require(Check.holdsRuntimeSocket.evidence(index).first)
            #expect(Check.holdsRuntimeSocket.declaration(of: evidence, in: index) == declaration)
        }
    }
}
