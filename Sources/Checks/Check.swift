package import NodeModel

/// One technique and the pure function that finds it in a node: no I/O, clock, random or log.
package struct Check: Sendable {
    package let technique: Technique
    /// What the function reads; without it the node cannot be judged by this check.
    package let reads: NodeParts
    /// It compares with what the Kubernetes API says: without an answer it finds nothing.
    package let needsAPI: Bool
    /// The namespace kinds that it compares, where those are all that it reads of a task.
    package let namespaces: [NamespaceKind]
    /// Whether the pod's specification asks for what the evidence shows; `nil` where no field of it can tell.
    package let declares: (@Sendable (PodRequest, Evidence) -> Bool?)?
    /// What it makes of one task of a container that has just entered namespaces of the given kinds, and may be gone by
    /// now; `nil` where the technique is no such act.
    ///
    /// The evidence is as `evidence` gives it for a task that stays, so both come to one finding.
    package let entry: (@Sendable (NodeTask, [NamespaceKind], Int, NodeIndex) -> Evidence?)?
    /// What it makes of another act of one task of a container, or of the node where there is none; `nil` where the
    /// technique is no such act.
    ///
    /// As with `entry`, the task may be gone by now, and the evidence comes to one finding with that of a scan.
    package let act: (@Sendable (NodeTask, TaskAct.Deed, Int?, NodeIndex) -> Evidence?)?
    /// What it makes of a change of a file by a task of a container; `nil` where the technique is no such act.
    package let write: (@Sendable (NodeTask, FileEvent, Int, NodeIndex) -> Evidence?)?
    /// It tells of the change of one file of the node, by an event or by what is left; the path is its evidence's key.
    package let tellsOfNodeFile: Bool
    /// Evidence in the node's own order; nothing where an input is unknown, which the node lists as a gap.
    package let evidence: @Sendable (NodeIndex) -> [Evidence]

    package init(
        _ technique: Technique, reads: NodeParts, needsAPI: Bool = false,
        namespaces: [NamespaceKind] = NamespaceKind.allCases,
        declares: (@Sendable (PodRequest, Evidence) -> Bool?)? = nil,
        entry: (@Sendable (NodeTask, [NamespaceKind], Int, NodeIndex) -> Evidence?)? = nil,
        act: (@Sendable (NodeTask, TaskAct.Deed, Int?, NodeIndex) -> Evidence?)? = nil,
        write: (@Sendable (NodeTask, FileEvent, Int, NodeIndex) -> Evidence?)? = nil,
        tellsOfNodeFile: Bool = false,
        evidence: @escaping @Sendable (NodeIndex) -> [Evidence]
    ) {
        self.declares = declares
        self.technique = technique
        self.reads = reads
        self.needsAPI = needsAPI
        self.namespaces = namespaces
        self.entry = entry
        self.act = act
        self.write = write
        self.tellsOfNodeFile = tellsOfNodeFile
        self.evidence = evidence
    }
}

/// One place where a technique was found.
package struct Evidence: Sendable, Equatable {
    /// Index in `Node.containers`; `nil` for what belongs to no container.
    package var container: Int?
    /// The pod, where no container tells: a directory of the log tree.
    package var pod: PodIdentity?
    /// The task that shows it best.
    package var task: NodeTask?
    package var declaration: Declaration
    /// How much this one is worth, where it differs from the technique's own weight.
    package var weight: Weight?
    /// What tells two findings of one technique on one container apart, such as a mount point; part of the
    /// finding's stable id, so no process id and no count.
    package var key: String
    /// The values seen, in one line, unescaped: every output escapes for itself.
    package var detail: String
    package var values: [String: EvidenceValue]

    package init(
        container: Int? = nil, pod: PodIdentity? = nil, task: NodeTask? = nil, declaration: Declaration,
        weight: Weight? = nil, key: String = "", detail: String, values: [String: EvidenceValue] = [:]
    ) {
        self.container = container
        self.pod = pod
        self.task = task
        self.declaration = declaration
        self.weight = weight
        self.key = key
        self.detail = detail
        self.values = values
    }
}

/// A value of the evidence: numbers stay numbers.
package enum EvidenceValue: Sendable, Equatable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case list([String])
}
