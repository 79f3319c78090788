/// The field names of the API's workload kinds, by which a misspelt one is told.
///
/// The API server drops fields that it does not know, or refuses the object if the client asks for that.
struct KnownFields: Sendable {
    static let all = KnownFields(table: table)

    private struct Field {
        let type: String?
        let isList: Bool
    }

    private let types: [String: [String: Field]]

    init(table: String) {
        var types: [String: [String: Field]] = [:]
        var name = ""
        var words = table.split { $0 == " " || $0 == "\n" }[...]
        while let word = words.popFirst() {
            if words.first == "=" {
                name = String(word)
                types[name] = [:]
                words.removeFirst()
                continue
            }
            let parts = word.split(separator: ":")
            let type = parts.count > 1 ? parts[1] : ""
            types[name]?[String(parts[0])] = Field(
                type: type.isEmpty ? nil : String(type.prefix { $0 != "[" }), isList: type.hasSuffix("[]"))
        }
        self.types = types
    }

    /// Calls `found` with each field that a value of a type must not have; what is below one is not looked at.
    func forEachUnknown(
        in node: ManifestNode, of type: String, at path: ManifestPath, _ found: (ManifestPath, _ line: Int) -> Void
    ) {
        guard let fields = types[type] else { return }
        for entry in node.entries ?? [] {
            let place = path.key(entry.key)
            guard let field = fields[entry.key] else {
                found(place, entry.keyLine)
                continue
            }
            guard let type = field.type else { continue }
            if field.isList {
                for (index, element) in (entry.value.elements ?? []).enumerated() {
                    forEachUnknown(in: element, of: type, at: place.index(index), found)
                }
            } else {
                forEachUnknown(in: entry.value, of: type, at: place, found)
            }
        }
    }
}
