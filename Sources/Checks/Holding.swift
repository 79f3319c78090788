import NodeModel

/// What a task holds: `key` tells it apart from others of the container, `place` is where on the node it lies, or what
/// of the node it is.
struct Holding {
    var key: String
    var what: String
    var place: String
    /// How much this one is worth, where it differs from the technique's own weight.
    var weight: Weight?

    init(_ key: String, _ what: String, through mount: Mount) {
        self.init(key, what, "in the node's mount of \(mount.mountPoint)")
    }

    init(_ key: String, _ what: String, is path: String) { self.init(key, what, "the node's \(path)") }

    init(_ key: String, _ what: String, within path: String) { self.init(key, what, "in the node's \(path)") }

    init(_ key: String, _ what: String, _ place: String, weight: Weight? = nil) {
        (self.key, self.what, self.place, self.weight) = (key, what, place, weight)
    }
}

extension Check {
    /// A check of what the tasks of containers hold, each thing once a container.
    ///
    /// - Parameters:
    ///   - declares: whether the pod's specification asks for the rights that it takes.
    ///   - declaration: what the container's record says to that.
    ///   - keyName: what the key is among the evidence's values.
    static func held(
        _ technique: Technique, reads: NodeParts = [],
        declares: (@Sendable (PodRequest, Evidence) -> Bool?)? = nil,
        declaration: @escaping @Sendable (Int, NodeIndex) -> Declaration = { _, _ in .undeclared },
        keyName: String = "path", holdings: @escaping @Sendable (NodeTask, TaskFiles, Int, NodeIndex) -> [Holding]
    ) -> Check {
        Check(technique, reads: reads.union([.threads, .credentials, .mounts, .files]), declares: declares) { index in
            index.node.containers.indices.flatMap { container in
                var seen: Set<String> = []
                return index.files(of: container).flatMap { task, files in
                    holdings(task, files, container, index).filter { seen.insert($0.key).inserted }.map { holding in
                        Evidence(
                            container: container, task: task, declaration: declaration(container, index),
                            weight: holding.weight, key: holding.key,
                            detail: "the \(holding.what) of \(index.name(task)) is \(holding.place)",
                            values: [keyName: .text(holding.key), "place": .text(holding.place)])
                    }
                }
            }
        }
    }

    static let heldRemedy = """
        Treat the node as taken where no administrator did this: cordon it, keep the process for the investigation, and \
        replace the node. Then take the rights away that made it possible: host paths, hostPID, privileged.
        """
}
