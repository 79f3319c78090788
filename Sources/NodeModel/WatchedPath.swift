/// Files of the node whose change is to be told of: entries of a directory, or of each of several.
package struct WatchedPath: Sendable, Hashable {
    /// On the node, without links; a component `*` stands for every directory there.
    package let directory: String
    /// The entries that count; every one where it is empty.
    package let names: [String]
    /// What is in directories of it counts too, one level down.
    package let isDeep: Bool
    /// The components of `directory`.
    package let components: [Substring]

    package init(_ directory: String, names: [String] = [], isDeep: Bool = false) {
        self.directory = directory
        self.names = names
        self.isDeep = isDeep
        components = directory.pathComponents()
    }

    /// The path is one of the files, or the directory itself.
    package func covers(_ path: String) -> Bool {
        let parts = path.pathComponents()
        guard parts.count >= components.count else { return false }
        for (own, part) in zip(components, parts) where own != "*" && own != part { return false }
        switch parts.count - components.count {
        case 0: return names.isEmpty && components.last != "*"
        case 1: return names.isEmpty || names.contains(String(parts[components.count]))
        case 2: return isDeep && names.isEmpty
        default: return false
        }
    }
    /// The directory is the other one, or lies below it.
    package func isBelow(_ other: PathParts) -> Bool {
        other.parts.count <= components.count && zip(components, other.parts).allSatisfy { $0 == "*" || $0 == $1 }
    }
}
