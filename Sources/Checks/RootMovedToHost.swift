import NodeModel

extension Check {
    /// A task of a container made the root of the node's file tree its own, by whatever way; told by events alone.
    ///
    /// A task that enters the node's mount namespace gets that root as well. It is declared where the container's record, and
    /// the pod's specification, mount the node's `/`: the event does not tell through which mount the task came there.
    static let rootMovedToHost = Check(
        Technique(
            id: "root-moved-to-host", title: "Made the node's file tree its root", class: .action, weight: .action,
            attack: ["T1611"], messageID: "65d543f9ddd34e2bbb63d62b4c0d9f49",
            reason: "a task of the container made the root of the node's file tree its own root",
            meaning: """
                By chroot into a hostPath, or into another process' root, a process lives in the node's own tree while \
                all of its namespaces stay the container's: it runs the node's programs and writes the node's files.
                """,
            remedy: """
                Unless the pod is an agent of the node that is to do this, treat the node as taken: keep the process and \
                its parents for the investigation, and replace the node. Then remove the hostPath or hostPID.
                """),
        reads: [.bundles, .mounts],
        declares: { request, _ in request.asksForHostRoot },
        act: { task, deed, container, index in
            guard case .called(.root(let place)) = deed, let container, index.hostPath(of: place)?.parts.isEmpty == true
            else { return nil }
            let mount = index.hostRootMount(of: container)
            var values: [String: EvidenceValue] = ["device": .text(place.device.description)]
            values["mountPoint"] = mount.map { .text($0.mountPoint) }
            return Evidence(
                container: container, task: task, declaration: mount?.declaration ?? .undeclared,
                detail: "\(index.name(task)) made the node's / its root directory"
                    + (mount.map { ", which it has at \($0.mountPoint)" } ?? ""),
                values: values)
        }
    ) { _ in [] }
}

extension NodeIndex {
    /// The container's own mount of the node's `/`.
    fileprivate func hostRootMount(of container: Int) -> HostPathMount? {
        hostPaths(of: container).first { mount in
            ([mount.path] + mount.otherPaths).contains { PathParts($0).parts.isEmpty }
        }
    }
}

extension PodRequest {
    /// Whether the container mounts the node's `/` as a hostPath.
    fileprivate var asksForHostRoot: Bool {
        (container?.volumeMounts ?? []).contains { mount in
            pod.hostPath(of: mount).map { PathParts($0).parts.isEmpty } ?? false
        }
    }
}
