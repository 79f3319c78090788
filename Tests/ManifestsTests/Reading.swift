import Manifests

/// A file's documents and errors, as a test looks at them.
struct Reading {
    var roots: [ManifestNode?] = []
    var errors: [String] = []

    init(_ text: String, limits: ManifestLimits = ManifestLimits()) { self.init(Array(text.utf8), limits: limits) }

    init(_ bytes: [UInt8], limits: ManifestLimits = ManifestLimits()) {
        ManifestReader.read(bytes, name: "f", limits: limits) { result in
            switch result {
            case .success(let document): roots.append(document.root)
            case .failure(let error): errors.append(error.description)
            }
        }
    }
}

/// The node as text, in a form that tells the types apart.
func text(_ node: ManifestNode?) -> String {
    guard let node else { return "-" }
    switch node.content {
    case .null: return "null"
    case .boolean(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    case .number(let value): return "number \(value)"
    case .string(let value): return "'\(value)'"
    case .sequence(let elements): return "[" + elements.map { text($0) }.joined(separator: ", ") + "]"
    case .mapping(let entries):
        return "{" + entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
    }
}
