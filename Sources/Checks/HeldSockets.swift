import NodeModel

/// Tasks of containers that are connected to a service of the node which does for them what only its root may.
///
/// Reads the sockets of tasks with rights or mounts that reach the node's files. The service's own end of a connection
/// tells which it is, so no socket of a container's making looks like it; one that was made in a network namespace that
/// none of these tasks is in is not found at all. A connection is told while it lasts, and most last for less than a
/// second: what was asked for through one is told by other checks.
extension Check {
    /// The socket of containerd, docker, CRI-O or a shim: containers of any kind are a request away.
    static let holdsRuntimeSocket = held(
        .containerRuntime,
        Technique(
            id: "holds-runtime-socket", title: "Is connected to the container runtime", class: .action,
            weight: .action, attack: ["T1610", "T1609", "T1611"], messageID: "c8473f3495dd61ddc6b614660a99211f",
            reason: "a task of the container is connected to a container runtime of the node",
            meaning: """
                Through its socket a runtime starts containers of any kind, runs programs in those of other pods and \
                reads their files, past the API server and every admission check. Agents that list containers are \
                connected, too.
                """,
            remedy: """
                Look for containers that belong to no pod (orphan-container) and for what the task runs. Where it is an \
                agent that needs the socket, allow the finding with its path as evidence.
                """))

    /// The socket of systemd itself, or the system bus, on which systemd listens.
    static let holdsServiceManagerSocket = held(
        .serviceManager,
        Technique(
            id: "holds-service-manager-socket", title: "Is connected to the node's service manager", class: .action,
            weight: .action, attack: ["T1543.002", "T1569", "T1611"], messageID: "de07b3d5fb4ecccdff58e75fb461515a",
            reason: "a task of the container is connected to systemd or the system bus of the node",
            meaning: """
                Root on the system bus starts any program as a unit of the node, outside every container \
                (StartTransientUnit), and stops any service. Others may ask for the state of services, as some metrics \
                agents do.
                """,
            remedy: """
                Look at /run/systemd/transient and the journal for units that the node does not have by itself. Take the \
                socket from the pod, or run its agent as another user than root.
                """))

    /// The socket on which device plugins announce themselves.
    static let holdsKubeletSocket = held(
        .kubelet,
        Technique(
            id: "holds-kubelet-socket", title: "Is connected to the kubelet's registration", class: .action,
            weight: .partial, attack: ["T1543.005", "T1611"], messageID: "c7ae740bd8394f3910ccb195b32968b3",
            reason: "a task of the container is connected to the socket at which device plugins register",
            meaning: """
                Whoever registers as a device plugin says which devices and directories of the node the kubelet puts into \
                the pods that ask for that kind, and sees which they are. Real device plugins connect for a moment.
                """,
            remedy:
                "Find out which resource it registered (kubectl describe node), and whether the pod is a device plugin."
        ))

    private static func held(_ service: NodeService, _ technique: Technique) -> Check {
        Check(
            technique, reads: [.threads, .credentials, .bundles, .mounts, .files],
            declares: { request, evidence in
                guard case .text(let mountPoint)? = evidence.values["mountPoint"] else { return false }
                return request.hostPath(at: mountPoint) != nil
            }
        ) { index in
            index.node.containers.indices.flatMap { container in
                var seen: Set<String> = []
                return index.connections(to: service, of: container).filter { seen.insert($0.path).inserted }.map {
                    connection in
                    evidence(connection, container, index)
                }
            }
        }
    }

    private static func evidence(
        _ connection: NodeIndex.Connection, _ container: Int, _ index: NodeIndex
    ) -> Evidence {
        let (task, path) = (connection.task, connection.path)
        let mount = index.hostPaths(of: container).first { mount in
            ([mount.path] + mount.otherPaths).contains { PathParts($0).contains(PathParts(path)) }
        }
        var values: [String: EvidenceValue] = ["path": .text(path), "descriptor": .number(Int64(connection.number))]
        values["mountPoint"] = mount.map { .text($0.mountPoint) }
        // systemd asks for root; the runtimes' sockets are root's, and who reached one is past that.
        let isNobody =
            connection.service == .serviceManager
            && (task.credentials.map { $0.effectiveUID != 0 } ?? false || index.isInHostUserNamespace(task) == false)
        return Evidence(
            container: container, task: task, declaration: mount?.declaration ?? .undeclared,
            weight: isNobody ? .partial : nil, key: path,
            detail: "descriptor \(connection.number) of \(index.name(task)) is connected to \(path)"
                + (mount.map { ", from \($0.mountPoint)" } ?? ", which no mount of it shows"),
            values: values)
    }
}

extension NodeIndex {
    /// A connection of a task to a service of the node.
    struct Connection {
        var task: NodeTask
        var number: Int32
        var service: NodeService
        /// Of the service's socket, on the node.
        var path: String
    }

    /// The connections of a container's tasks to a service, wherever the tasks have gone; none of what its runtime starts.
    fileprivate func connections(to service: NodeService, of container: Int) -> [Connection] {
        tasks(of: container).flatMap { task -> [Connection] in
            guard !task.isStarting else { return [] }
            return (filesOfTask[task.key]?.sockets ?? []).compactMap { socket in
                guard socket.service == service, let path = socket.path else { return nil }
                return Connection(task: task, number: socket.number, service: service, path: path)
            }
        }
    }
}
