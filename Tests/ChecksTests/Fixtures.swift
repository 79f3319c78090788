import NodeModel
import TestSupport

@testable import Checks

/// What a row of a table expects of one evidence.
struct Told: Equatable, CustomStringConvertible {
    var declaration: Declaration
    var weight: Weight?
    var detail: String

    init(_ declaration: Declaration, _ weight: Weight? = nil, _ detail: String) {
        self.declaration = declaration
        self.weight = weight
        self.detail = detail
    }

    var description: String { "\(declaration) \(weight.map { $0.rawValue } ?? "-") \(detail)" }
}

extension Check {
    /// What the check says of a node, without container, task and values.
    func told(_ node: Node) -> [Told] { found(node).map { Told($0.declaration, $0.weight, $0.detail) } }

    /// The check's whole evidence.
    func found(_ node: Node) -> [Evidence] { evidence(NodeIndex(node)) }
}

extension Node {
    /// The same node with a namespace kind of the container's record given up, put at a path, or made anew.
    func changingEntry(_ kind: NamespaceKind, _ path: String?, remove: Bool = false) -> Node {
        changingBundle { bundle in
            bundle.namespaces.removeAll { $0.kind == kind }
            if !remove { bundle.namespaces.append(BundleNamespace(kind: kind, path: path)) }
        }
    }

    /// The whole pod in the host's namespace of a kind, as its records ask.
    func sharingWithPod(_ kind: NamespaceKind) -> Node {
        changing { node in
            let host = NamespaceSet.host[kind]
            for index in 2...4 { node.tasks[index].namespaces[kind] = host }
            if kind == .pid { for index in 2...4 { node.tasks[index].namespaces[.pidForChildren] = host } }
            node.containers[1].bundle?.namespaces.removeAll { $0.kind == kind }
        }.changingEntry(kind, "/proc/4000/ns/\(kind.rawValue)")
    }

    /// The quiet pod with `hostUsers: false`.
    func withUserNamespace() -> Node {
        changing { node in
            let own = NamespaceID(rawValue: 4_026_533_106)
            for index in 2...4 { node.tasks[index].namespaces[.user] = own }
            let mapping = IDMapping(inside: 0, outside: 838_860_800, count: 65_536)
            node.userNamespaces.append(UserNamespace(id: own, uidMap: [mapping]))
            node.containers[1].bundle?.namespaces.append(BundleNamespace(kind: .user))
            node.containers[1].bundle?.uidMappings = [mapping]
            node.containers[0].bundle?.namespaces.append(BundleNamespace(kind: .user, path: "/proc/4000/ns/user"))
            node.containers[0].bundle?.uidMappings = [mapping]
        }
    }

    /// The quiet container made privileged, its processes with it.
    func privileged() -> Node {
        changing { node in
            node.containers[0].bundle?.capabilities = TaskCredentials.root.permitted
            node.containers[0].bundle?.hasSeccomp = false
            node.containers[0].bundle?.maskedPaths = []
            node.containers[0].bundle?.readonlyPaths = []
            node.containers[0].bundle?.allowsAllDevices = true
            node.containers[0].bundle?.devices = [
                BundleDevice(path: "/dev/nvme0n1", type: "b", number: DeviceNumber(major: 259, minor: 0))
            ]
            for index in 3...4 { node.tasks[index].credentials = .root }
        }
    }

    /// A second pod, `shop/db-0`, as quiet as the first: container 2 and sandbox 3, tasks 5 and 6.
    static let twoPods = Node.quiet.changing { node in
        var pause = node.tasks[2]
        (pause.pid, pause.tid, pause.container) = (5000, 5000, 3)
        pause.namespaces = other(4_026_532_700, 4_026_532_701)
        var database = node.tasks[3]
        (database.pid, database.tid, database.comm, database.container) = (5100, 5100, "db", 2)
        database.namespaces = other(4_026_532_710, 4_026_532_711)
        node.tasks += [pause, database]
        let pod = PodIdentity(namespace: "shop", name: "db-0", uid: "7c1e2c0a-52ae-4f38-9d5c-0b8a8b1c8a11")
        node.containers += [
            Container(
                id: String(repeating: "c3", count: 32), runtime: .containerd, runtimeNamespace: "k8s.io",
                kind: .container, sandboxID: String(repeating: "d4", count: 32), name: "db", pod: pod,
                bundle: node.containers[0].bundle, initPID: 5100, rootDevice: DeviceNumber(major: 0, minor: 411)),
            Container(
                id: String(repeating: "d4", count: 32), runtime: .containerd, runtimeNamespace: "k8s.io",
                kind: .sandbox, sandboxID: String(repeating: "d4", count: 32), pod: pod,
                bundle: node.containers[1].bundle, initPID: 5000, rootDevice: DeviceNumber(major: 0, minor: 410)),
        ]
        let record = Bundle.quietContainer
        node.containers[2].bundle?.namespaces = record.namespaces.map {
            BundleNamespace(kind: $0.kind, path: $0.path == nil ? nil : "/proc/5000/ns/\($0.kind.rawValue)")
        }
        node.containers[2].bundle?.mounts = []
    }

    private static func other(_ mount: UInt32, _ pid: UInt32) -> NamespaceSet {
        NamespaceSet([
            .mount: mount, .pid: pid, .pidForChildren: pid, .network: 4_026_532_720, .ipc: 4_026_532_721,
            .uts: 4_026_532_722, .cgroup: 4_026_532_723, .user: 4_026_531_837, .time: 4_026_531_834,
        ])
    }
}
