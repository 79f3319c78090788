import NodeModel

extension Check {
    /// A port of the node leads into a pod, or a kernel setting is made in it, that its specification does not ask for.
    ///
    /// Reads the API's pods beside what the runtime asked its network plugins for and the sandbox's record; silent where
    /// the API was not asked. Other things that nobody asked for have techniques of their own.
    static let undeclaredSetting = Check(
        Technique(
            id: "undeclared-setting", title: "Has a port of the node or a kernel setting that its pod does not declare",
            class: .exposure, weight: .minor, attack: ["T1610"], messageID: "6d3e34c25ccf84c343495e4b01656c4d",
            reason: "the pod was given a port of the node or a kernel setting that it does not declare",
            meaning: """
                Whoever listens on a port of the node is reached as the node is, and takes what others send there. A \
                kernel setting in the pod's namespaces may open what an admission check has refused. The pod was made or \
                changed past the API.
                """,
            remedy:
                "Look for who made the pod through the runtime's socket, and for a plugin of the runtime that changes it."
        ),
        reads: [.bundles], needsAPI: true
    ) { index in
        index.node.containers.indices.flatMap { container in
            (index.comparison(of: container) ?? []).compactMap { item in
                guard item.verdict == .notDeclared, isSetting(item.field) else { return nil }
                let (field, actual) = (item.field.description, item.actual ?? "unknown")
                return Evidence(
                    container: container, task: index.processes(of: container).first, declaration: .undeclared,
                    key: field, detail: "\(field): \(actual)", values: ["item": .text(field), "actual": .text(actual)])
            }
        }
    }

    private static func isSetting(_ field: ComparedItem.Field) -> Bool {
        switch field {
        case .hostPorts, .sysctl: true
        default: false
        }
    }
}
