import NodeModel

/// One Kubernetes object of a document, before its pods are decoded.
struct WorkloadObject {
    let node: ManifestNode
    let path: ManifestPath
    let apiVersion: String
    let kind: String

    /// An object needs its kind and version; in a list of one kind, such as a `PodList`, it may leave them to the list.
    init(
        _ node: ManifestNode, at path: ManifestPath, _ context: ManifestContext, within list: WorkloadObject? = nil
    ) throws(ManifestError) {
        guard node.entries != nil else {
            let found = node.summary(showingValue: false)
            throw context.error(at: node.line, path, "expected a Kubernetes object, found \(found)")
        }
        let elementKind = list.flatMap { $0.kind == "List" ? nil : String($0.kind.dropLast(4)) }
        self.node = node
        self.path = path
        apiVersion = try Self.text(
            "apiVersion", of: node, at: path, context, else: elementKind == nil ? nil : list?.apiVersion)
        kind = try Self.text("kind", of: node, at: path, context, else: elementKind)
    }

    private static func text(
        _ field: String, of node: ManifestNode, at path: ManifestPath, _ context: ManifestContext,
        else fallback: String?
    ) throws(ManifestError) -> String {
        guard let value = node[field], !value.isNull else {
            if let fallback { return fallback }
            throw context.error(at: node.line, path.key(field), "required, but not there")
        }
        let text = try context.decode(String.self, from: value, at: path.key(field))
        guard !text.isEmpty else { throw context.error(at: value.line, path.key(field), "required, but empty") }
        return text
    }

    var workload: WorkloadKind? { WorkloadKind(kind: kind, apiVersion: apiVersion) }

    var isPolicy: Bool { Self.isPolicy(kind, apiVersion) }

    private static func isPolicy(_ kind: String, _ apiVersion: String) -> Bool {
        kind == "PodSecurityPolicy" && ["policy/v1beta1", "extensions/v1beta1"].contains(apiVersion)
    }

    /// `List` itself, or a list of workloads or policies.
    var isList: Bool {
        if kind == "List" { return apiVersion == "v1" }
        let element = String(kind.dropLast(4))
        return kind.hasSuffix("List")
            && (WorkloadKind(kind: element, apiVersion: apiVersion) != nil || Self.isPolicy(element, apiVersion))
    }

    /// The object's name, if it is a string.
    var name: String? { node["metadata"]?["name"]?.string }

    /// The elements of a list; `nil` if this is none.
    func items(_ context: ManifestContext) throws(ManifestError) -> [(node: ManifestNode, path: ManifestPath)]? {
        guard isList else { return nil }
        let path = path.key("items")
        guard let items = node["items"], !items.isNull else { return [] }
        guard let elements = items.elements else {
            throw context.error(at: items.line, path, "expected a list, found \(items.summary(showingValue: false))")
        }
        return elements.enumerated().map { ($0.element, path.index($0.offset)) }
    }

    /// The pod, or the template of pods, of an object that has one.
    func template(of kind: WorkloadKind, _ context: ManifestContext) throws(ManifestError) -> WorkloadFile.Template {
        var place = path
        var template = node
        for field in kind.templatePath {
            place = place.key(field)
            guard let next = template[field], !next.isNull else {
                throw context.error(at: template.line, place, "required, but not there")
            }
            template = next
        }
        let own = try metadata(of: node, at: path, context)
        var pod = Pod()
        pod.metadata = kind == .pod ? own : try metadata(of: template, at: place, context)
        if kind != .pod, pod.metadata.generateName == nil { pod.metadata.generateName = own.name.map { $0 + "-" } }
        pod.spec = try spec(of: template, at: place, context)
        return WorkloadFile.Template(
            document: context.document, line: node.line, kind: kind, namespace: own.namespace, name: own.name, pod: pod)
    }

    private func metadata(
        of node: ManifestNode, at path: ManifestPath, _ context: ManifestContext
    ) throws(ManifestError) -> PodMetadata {
        guard let metadata = node["metadata"], !metadata.isNull else { return PodMetadata() }
        return try context.decode(PodMetadata.self, from: metadata, at: path.key("metadata"))
    }

    private func spec(
        of node: ManifestNode, at path: ManifestPath, _ context: ManifestContext
    ) throws(ManifestError) -> PodSpec {
        let path = path.key("spec")
        guard let value = node["spec"], !value.isNull else {
            throw context.error(at: node.line, path, "required, but not there")
        }
        let spec = try context.decode(PodSpec.self, from: value, at: path)
        guard spec.containers?.isEmpty == false else {
            throw context.error(at: value.line, path.key("containers"), "required, but not there")
        }
        return spec
    }

    /// What the API server has against the object's name, as warnings.
    func nameProblems(_ context: ManifestContext) -> [ManifestError] {
        guard let metadata = node["metadata"] else { return [] }
        return ["name", "generateName"].compactMap { field in
            guard let value = metadata[field], let name = value.string, !name.isEmpty else { return nil }
            return ObjectName.problem(name, isPrefix: field == "generateName").map {
                context.error(at: value.line, path.key("metadata").key(field), $0)
            }
        }
    }

    /// What it has against the names of the pods' containers.
    func containerNameProblems(of kind: WorkloadKind, _ context: ManifestContext) -> [ManifestError] {
        let fields = kind.templatePath + ["spec"]
        guard let spec = fields.reduce(node, { (node: ManifestNode?, field) in node?[field] }) else { return [] }
        let place = fields.reduce(path) { $0.key($1) }
        return ["initContainers", "containers", "ephemeralContainers"].flatMap { list in
            (spec[list]?.elements ?? []).enumerated().compactMap { index, container in
                guard let value = container["name"], let name = value.string, !name.isEmpty else { return nil }
                return ObjectName.containerProblem(name).map {
                    context.error(at: value.line, place.key(list).index(index).key("name"), $0)
                }
            }
        }
    }

    /// A kind that has pods but for its letters' case or its group, which the API server does not know.
    func kindProblem(_ context: ManifestContext) -> ManifestError? {
        if let groups = WorkloadKind.groups(of: kind, apiVersion: apiVersion) {
            let names = groups.map { $0.isEmpty ? "v1" : $0 }.joined(separator: " or ")
            return context.error(
                at: node["apiVersion"]?.line ?? node.line, path.key("apiVersion"),
                "has no \(kind), which is of \(names)")
        }
        let meant = WorkloadKind.allCases.first { $0.rawValue.lowercased() == kind.lowercased() && $0.rawValue != kind }
        return meant.map {
            context.error(
                at: node["kind"]?.line ?? node.line, path.key("kind"), "no kind of pods; did you mean \($0.rawValue)?")
        }
    }
}
