package import NodeModel

extension Check {
    /// The files of the node whose changes a daemon has to hear of for these checks.
    package static let watchedPaths: [WatchedPath] = NodeFilePlace.written.flatMap(\.everyPath)

    /// One check for each kind of node files: a task of a container changes one of them, or renames a directory above them.
    ///
    /// Only the event tells who it was, so no scan finds anything; it is over when the file is as its package or the baseline
    /// has it, or is gone and in no baseline, or once its container is gone and another one did as much to it. Whoever gives
    /// the container to the check has made sure that the task is the container's. It is declared where the container's record,
    /// and the pod's specification, mount the file's directory writable.
    static let nodeFilesWritten: [Check] = NodeFilePlace.all.compactMap { place in
        guard let messageID = place.writtenMessageID else { return nil }
        return Check(
            Technique(
                id: place.writtenID, title: "Wrote \(place.subject)", class: .action, weight: place.weight,
                attack: place.attack, messageID: messageID,
                reason: "a task of the container changed files that the node acts on",
                meaning: place.meaning,
                remedy: """
                    Look at the file before anything runs it, and put it right; if the pod is not one that is to do \
                    this, treat the node as taken and replace it. Then take away its hostPath, or mount it read-only.
                    """),
            reads: [.bundles],
            declares: { request, evidence in request.asksForWritableHostPath(over: evidence.key) },
            write: { task, event, container, index in
                guard NodeFilePlace.changed(by: event)?.id == place.id else { return nil }
                return evidence(of: event, by: task, container, index)
            },
            tellsOfNodeFile: true,
            evidence: { _ in [] })
    }

    private static func evidence(
        of event: FileEvent, by task: NodeTask, _ container: Int, _ index: NodeIndex
    ) -> Evidence {
        let words = event.change.words
        var values: [String: EvidenceValue] = ["path": .text(event.path), "changes": .list(words)]
        values["sha256"] = event.sha256.map { .text($0) }
        return Evidence(
            container: container, task: task, declaration: index.declaresWriting(event.path, container),
            key: event.path,
            detail: "\(index.name(task)): \(event.path) \(words.joined(separator: ", "))"
                + (event.sha256.map { ", sha256 \($0)" } ?? ""),
            values: values)
    }
}

extension NodeIndex {
    /// Whether a container's record mounts a directory of the node over a path, or the file itself, to be written.
    func declaresWriting(_ path: String, _ container: Int) -> Declaration {
        guard let bundle = node.containers[container].bundle else { return .unknown }
        let file = PathParts(path)
        let isMounted = bundle.mounts.contains { mount in
            guard mount.options.contains(where: { ["bind", "rbind"].contains($0) }), !mount.options.contains("ro"),
                let source = mount.source
            else { return false }
            return PathParts(source).contains(file)
        }
        return isMounted ? .declaredByRuntime : .undeclared
    }
}

extension PodRequest {
    /// Whether the pod mounts a directory of the node over a path, or the file itself, to be written.
    func asksForWritableHostPath(over path: String) -> Bool {
        let file = PathParts(path)
        let names = (container?.volumeMounts ?? []).filter { $0.readOnly != true }.compactMap(\.name)
        return (pod.spec.volumes ?? []).contains { volume in
            guard let name = volume.name, names.contains(name), let source = volume.hostPath?.path else { return false }
            return PathParts(source).contains(file)
        }
    }
}
