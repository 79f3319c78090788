import NodeModel

extension Check {
    /// A task of one pod is in a namespace that belongs to another pod, or holds a piece of that pod's files by the mounts
    /// there, as after `cd /proc/PID/root`.
    ///
    /// Owners are known from the runtime's own records and mounts. Silent for namespaces that belong to nobody, such as
    /// those a process makes for itself, and where a pod is not known.
    static let enteredForeignNamespace = Check(
        Technique(
            id: "entered-foreign-namespace", title: "Entered another pod's namespace", class: .action, weight: .action,
            attack: ["T1611"], messageID: "f5ce9bd5c39a75c2f9f109ad99dca165",
            reason: "a task of the container is in a namespace of another pod, or holds that pod's files",
            meaning: """
                A process of this pod works inside another pod: with its network it is that pod to everybody else, with \
                its mount namespace, or a directory from there, it reads that pod's files and tokens.
                """,
            remedy: """
                Treat both pods as taken, rotate the other pod's credentials, and remove what made it possible: hostPID, \
                a hostPath over /var/run/netns, CAP_SYS_ADMIN.
                """),
        reads: [.threads, .bundles, .mounts, .files, .credentials],
        entry: { task, kinds, container, index in
            kinds.lazy.compactMap { evidence(of: $0, [task], container, index) }.first
        }
    ) { index in
        // Few tasks hold anything by a mount that is not their own.
        lazy var owners = index.ownersOfMounts
        return index.node.containers.indices.flatMap { container in
            let tasks = index.tasks(of: container).oneOfEachRun
            return [NamespaceKind.mount, .pid, .network, .ipc, .uts, .cgroup].compactMap {
                evidence(of: $0, tasks, container, index)
            } + [evidence(ofFilesHeldBy: container, index) { owners[$0] }].compactMap { $0 }
        }
    }

    private static func evidence(
        ofFilesHeldBy container: Int, _ index: NodeIndex, owner: (UInt32) -> (mount: Mount, container: Int)?
    ) -> Evidence? {
        guard let pod = index.podOfContainer[container] else { return nil }
        for (task, files) in index.files(of: container) {
            let places =
                [("root directory", files.root), ("working directory", files.workingDirectory)]
                + files.open.map { ("descriptor \($0.number)", $0.file) }
            for case (let what, let file?) in places where [.directory, .regular].contains(file.kind) {
                guard index.ownMount(of: file, task) == nil, let (mount, owner) = owner(file.mount),
                    let other = index.podOfContainer[owner], other != pod
                else { continue }
                let name = index.pods[other].identity.displayName
                return Evidence(
                    container: container, task: task, declaration: .undeclared, key: "files",
                    detail: "the \(what) of \(index.name(task)) is in the mount of \(mount.mountPoint) of \(name)",
                    values: [
                        "mountPoint": .text(mount.mountPoint), "otherPod": .text(name),
                        "otherContainer": .text(index.node.containers[owner].id),
                    ])
            }
        }
        return nil
    }

    private static func evidence(
        of kind: NamespaceKind, _ tasks: [NodeTask], _ container: Int, _ index: NodeIndex
    ) -> Evidence? {
        let pod = index.podOfContainer[container]
        // A container that no kubelet made belongs to none of the pods.
        guard pod != nil || index.node.containers[container].kind == .plain else { return nil }
        for task in tasks where !task.isStarting {
            // A process that joins a PID namespace stays in its own; only its children are in the other.
            let namespaces = [task.namespaces[kind], kind == .pid ? task.namespaces[.pidForChildren] : nil]
            let foreign = namespaces.compactMap { $0 }.lazy.compactMap { namespace in
                index.owner(of: kind, namespace).map { (namespace, $0) }
            }.first { index.podOfContainer[$0.1] != nil && index.podOfContainer[$0.1] != pod }
            guard let (namespace, owner) = foreign, let other = index.podOfContainer[owner] else { continue }
            let name = index.pods[other].identity.displayName
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: kind.rawValue,
                detail: "\(index.name(task, in: container)): ns/\(kind.rawValue) \(namespace) belongs to \(name)",
                values: [
                    "namespace": .number(Int64(namespace.rawValue)), "kind": .text(kind.rawValue),
                    "otherPod": .text(name),
                    "otherContainer": .text(index.node.containers[owner].id),
                ])
        }
        return nil
    }
}

extension [NodeTask] {
    /// Those that are in other namespaces than the one before them: most tasks of a container are in the same.
    fileprivate var oneOfEachRun: [NodeTask] {
        var last: NamespaceSet?
        return filter { task in
            defer { if !task.isStarting { last = task.namespaces } }
            return !task.isStarting && task.namespaces != last
        }
    }
}
