import NodeModel

/// Joins containers with pods and tasks with containers; pure, and done anew whenever one of them was read again.
enum NodeJoin {
    /// - Parameters:
    ///   - unreadableRecords: the containers whose records are a gap already.
    ///   - hasAllRecords: `false` where the time was up before every record was read.
    static func join(_ node: inout Node, unreadableRecords: Set<String> = [], hasAllRecords: Bool = true) {
        node.gaps.removeAll { [.container, .cgroup, .api].contains($0.kind) }
        node.lacksRecords = hasAllRecords ? nil : true
        claimNamedCgroups(&node)
        addContainersOfCgroups(&node)
        identifyPods(&node)
        findRootDevices(&node)
        attributeByCgroup(&node)
        let index = NodeIndex(node, hostPaths: false)
        let isAttributed = attributeByMountNamespace(&node, index)
        attributeMoved(&node, isAttributed ? NodeIndex(node, hostPaths: false) : index)
        attributeByShim(&node)
        attributeByAncestry(&node)
        let reason = hasAllRecords ? "no record of it by its runtime" : "its runtime's record was not read in time"
        for id in node.containersWithoutRecord where !unreadableRecords.contains(id) {
            node.gaps.add(.container, reason, id)
        }
        noteUnknownCgroups(&node)
        noteSurvivors(&node)
        noteForeignProc(&node)
        noteUnseenMounts(&node)
        noteAPI(&node)
    }

    /// What the API did not tell: everything, where it gave no answer; containers that it does not list yet; and those
    /// that it lists and the node does not run.
    private static func noteAPI(_ node: inout Node) {
        guard let api = node.apiPods else { return }
        if let failure = api.failure { return node.gaps.add(.api, "the Kubernetes API gave no answer: \(failure)") }
        let index = NodeIndex(node, hostPaths: false)
        for (position, match) in index.matching.matches.enumerated() {
            switch match {
            case .unknownContainer, .podGone:
                guard index.isYoungToAPI(position) == true, node.containers[position].kind != .sandbox else { continue }
                node.gaps.add(
                    .api, "started at most a minute before the API's last word, which does not list it",
                    node.containers[position].id)
            case .unknown, .noPod, .sandbox, .container: continue
            }
        }
        for name in index.matching.missing {
            node.gaps.add(.api, "the API says that it runs here, and no record or process shows it", name)
        }
    }

    /// A container made by hand may have any id, which a path alone does not show to be one: the records tell.
    private static func claimNamedCgroups(_ node: inout Node) {
        let ids = Set(node.containers.map(\.id).filter { $0.utf8.count != 64 })
        guard !ids.isEmpty else { return }
        for index in node.cgroups.indices where node.cgroups[index].owner == .host {
            let named = node.cgroups[index].memberships.compactMap { membership in
                membership.path.pathComponents().map(stem).last { ids.contains($0) }
            }
            guard let id = named.first else { continue }
            let elsewhere = node.cgroups[index].memberships.count { $0.path != "/" } - named.count
            node.cgroups[index].owner = .container(
                ContainerPlace(containerID: id, naming: named.count, elsewhere: max(elsewhere, 0)))
        }
    }

    /// `x` of `x` and of `nerdctl-x.scope`; nothing of a group that systemd names for a service or a session, which a
    /// container made by hand may be called like.
    private static func stem(_ element: Substring) -> String {
        if [".service", ".slice"].contains(where: { element.hasSuffix($0) }) { return "" }
        guard element.hasSuffix(".scope") else { return String(element) }
        let parts = element.dropLast(6).split(separator: "-", maxSplits: 1)
        let isRuntime = ["nerdctl", "docker", "libpod", "cri", "crio"].contains { $0 == parts.first ?? "" }
        return isRuntime && parts.count == 2 ? String(parts[1]) : ""
    }

    /// Containers without a record are known by their cgroups alone.
    private static func addContainersOfCgroups(_ node: inout Node) {
        var known = Dictionary(
            node.containers.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        for placement in node.cgroups {
            guard case .container(let place) = placement.owner else { continue }
            if let index = known[place.containerID] {
                if node.containers[index].pod?.uid == nil, let uid = place.podUID {
                    node.containers[index].pod = PodIdentity(
                        namespace: node.containers[index].pod?.namespace, name: node.containers[index].pod?.name,
                        uid: uid)
                }
                continue
            }
            known[place.containerID] = node.containers.count
            node.containers.append(Container(place, runtime: runtime(of: placement)))
        }
        node.containers.sort { $0.id < $1.id }
    }

    private static func runtime(of placement: CgroupPlacement) -> Container.Runtime {
        let paths = placement.memberships.map(\.path)
        if paths.contains(where: { $0.containsBytes(of: "cri-containerd") }) { return .containerd }
        if paths.contains(where: { $0.containsBytes(of: "/crio-") || $0.containsBytes(of: ":crio:") }) { return .crio }
        if paths.contains(where: { $0.containsBytes(of: "/docker-") || $0.containsBytes(of: "/docker/") }) {
            return .docker
        }
        return .unknown
    }

    /// Fills in what annotations lack: from the sandbox (containerd before 1.5), then from the log tree by the uid.
    ///
    /// Where the API has a pod of the uid, its names count: whoever makes a container may give it any.
    private static func identifyPods(_ node: inout Node) {
        let sandboxes = Dictionary(
            node.containers.filter { $0.kind == .sandbox }.compactMap { sandbox in sandbox.pod.map { (sandbox.id, $0) }
            },
            uniquingKeysWith: { first, _ in first })
        let logs = Dictionary(
            node.podLogs.compactMap { directory in directory.pod?.uid.map { ($0, directory.pod) } },
            uniquingKeysWith: { first, _ in first })
        let listed = node.apiPods?.podOfUID ?? [:]
        for index in node.containers.indices where node.containers[index].kind != .plain {
            let sandbox = node.containers[index].sandboxID.flatMap { sandboxes[$0] }
            var pod = node.containers[index].pod ?? sandbox ?? PodIdentity()
            pod.uid = pod.uid ?? sandbox?.uid
            let logged = pod.uid.flatMap { logs[$0] ?? nil }
            pod.namespace = pod.namespace ?? sandbox?.namespace ?? logged?.namespace
            pod.name = pod.name ?? sandbox?.name ?? logged?.name
            if let metadata = pod.uid.flatMap({ listed[$0] }).flatMap({ node.apiPods?.pods[$0].metadata }) {
                pod.namespace = metadata.namespace ?? pod.namespace
                pod.name = metadata.name ?? pod.name
            }
            node.containers[index].pod = pod == PodIdentity() ? nil : pod
        }
    }

    /// The runtime mounts a container's root file system below its bundle; an overlay has a device number of its own.
    private static func findRootDevices(_ node: inout Node) {
        let devices = Dictionary(
            node.host.mounts.filter { $0.fileSystemType == "overlay" && $0.mountPoint.hasSuffix("/rootfs") }
                .compactMap { mount in
                    mount.mountPoint.pathComponents().dropLast().last.map { (String($0), mount.device) }
                }, uniquingKeysWith: { first, _ in first })
        for index in node.containers.indices { node.containers[index].rootDevice = devices[node.containers[index].id] }
    }

    private static func attributeByCgroup(_ node: inout Node) {
        let known = Dictionary(
            node.containers.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        let owners: [(container: Int?, isMinority: Bool)] = node.cgroups.map { placement in
            guard case .container(let place) = placement.owner else { return (nil, false) }
            return (known[place.containerID], place.isMinority)
        }
        for index in node.tasks.indices {
            let owner = node.tasks[index].cgroup.map { owners[$0] }
            node.tasks[index].container = owner?.container
            node.tasks[index].attribution =
                owner?.container == nil ? nil : owner?.isMinority == true ? .cgroupMinority : .cgroup
        }
    }

    /// - Returns: whether a task has got a container by it.
    private static func attributeByMountNamespace(_ node: inout Node, _ index: NodeIndex) -> Bool {
        var isAttributed = false
        for position in node.tasks.indices where node.tasks[position].container == nil {
            guard let namespace = node.tasks[position].namespaces[.mount],
                let owner = index.owner(of: .mount, namespace)
            else { continue }
            node.tasks[position].container = owner
            node.tasks[position].attribution = .mountNamespace
            isAttributed = true
        }
        return isAttributed
    }

    /// A thread belongs where its process does, and a process where its parent does, when nothing else tells.
    private static func attributeByAncestry(_ node: inout Node) {
        var main: [Int32: Int] = [:]
        for (index, task) in node.tasks.enumerated() where task.isMainThread { main[task.pid] = index }
        for index in node.tasks.indices where node.tasks[index].container == nil && !node.tasks[index].isKernelThread {
            let task = node.tasks[index]
            var next = task.isMainThread ? task.parent : task.pid
            var steps = 0
            while next > 1, steps < 64, let ancestor = main[next] {
                if let container = node.tasks[ancestor].container {
                    node.tasks[index].container = container
                    node.tasks[index].attribution = .ancestry
                    break
                }
                next = node.tasks[ancestor].parent
                steps += 1
            }
        }
    }

    /// A root that some runtime put together, and nothing that tells which; one that has just started may have its record
    /// by the next scan.
    private static func noteSurvivors(_ node: inout Node) {
        for (task, trace) in NodeIndex(node, hostPaths: false).survivors
        where trace == nil && task.isMainThread && node.host.isYoung(startedAt: task.startTime) != true {
            node.gaps.add(.container, "a process has a container's files, and nothing tells whose", "pid \(task.pid)")
        }
    }

    private static func noteUnknownCgroups(_ node: inout Node) {
        for task in node.tasks where task.container == nil {
            guard let cgroup = task.cgroup, node.cgroups[cgroup].owner == .unknown else { continue }
            node.gaps.add(.cgroup, "the path is relative to a place that is not known", "pid \(task.pid)")
        }
    }
}
