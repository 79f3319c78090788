package import NodeModel

/// The pods of a file of Kubernetes objects, and all that is to be said of the file besides.
package struct WorkloadFile: Sendable {
    /// A pod, or the pods that an object makes.
    package struct Template: Sendable {
        /// From 1.
        package let document: Int
        /// Where the object begins, from 1.
        package let line: Int
        package let kind: WorkloadKind
        /// Those of the object; for pods that it makes, `pod.metadata` has the template's own.
        package let namespace: String?
        package let name: String?
        package let pod: Pod
    }

    /// An object that has no pods.
    package struct PassedOver: Sendable, Equatable {
        package let document: Int
        package let apiVersion: String
        package let kind: String
        package let name: String?
    }

    /// The file's name as it was given.
    package let name: String
    package private(set) var templates: [Template] = []
    package private(set) var passedOver: [PassedOver] = []
    /// What the API server would ignore, or refuse for another reason than what a pod may do.
    package private(set) var warnings: [ManifestError] = []
    /// What could not be read and so was not judged.
    package private(set) var errors: [ManifestError] = []

    package init(_ bytes: [UInt8], name: String, limits: ManifestLimits = ManifestLimits()) {
        self.name = name
        var found = 0
        ManifestReader.read(bytes, name: name, limits: limits) { result in
            found += 1
            switch result {
            case .failure(let error): errors.append(error)
            case .success(let document):
                if let root = document.root, !root.isNull { add(root, of: document.number) } else { found -= 1 }
            }
        }
        if found == 0 { errors.append(ManifestError(name: name, reason: "no document in it")) }
    }

    /// A file that could not be read.
    package init(unreadable error: ManifestError) {
        name = error.name
        errors = [error]
    }

    /// The pods that an API server has, each a document of its own.
    package init(pods: [Pod], name: String) {
        self.name = name
        templates = pods.enumerated().map { index, pod in
            Template(
                document: index + 1, line: 1, kind: .pod, namespace: pod.metadata.namespace, name: pod.metadata.name,
                pod: pod)
        }
    }

    private mutating func add(_ root: ManifestNode, of document: Int) {
        let context = ManifestContext(name: name, document: document, showsValues: true)
        do throws(ManifestError) {
            try add(WorkloadObject(root, at: ManifestPath(), context), context)
        } catch {
            errors.append(error)
        }
    }

    private mutating func add(_ object: WorkloadObject, _ context: ManifestContext) throws(ManifestError) {
        if let items = try object.items(context) {
            for item in items {
                do throws(ManifestError) {
                    let inner = try WorkloadObject(item.node, at: item.path, context, within: object)
                    guard inner.isList else {
                        try add(inner, context)
                        continue
                    }
                    throw context.error(at: item.node.line, item.path, "a list within a list")
                } catch {
                    errors.append(error)
                }
            }
            return
        }
        guard let kind = object.workload else {
            if let problem = object.kindProblem(context) { warnings.append(problem) }
            passedOver.append(
                PassedOver(
                    document: context.document, apiVersion: object.apiVersion, kind: object.kind, name: object.name))
            return
        }
        KnownFields.all.forEachUnknown(in: object.node, of: kind.rawValue, at: object.path) { path, line in
            warnings.append(context.error(at: line, path, "unknown field"))
        }
        warnings += object.nameProblems(context) + object.containerNameProblems(of: kind, context)
        templates.append(try object.template(of: kind, context))
    }
}
