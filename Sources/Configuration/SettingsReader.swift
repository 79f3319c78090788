import Manifests

/// Reads the keys of one mapping and refuses what is left: a misspelt setting would leave its default in force.
struct SettingsReader {
    let file: String
    /// The mapping's own place, such as `sinks.file`; empty for the document.
    let path: String
    let line: Int
    private let entries: [ManifestNode.Entry]
    private var known: [String] = []

    init(_ node: ManifestNode, file: String, path: String) throws(ConfigurationError) {
        guard let entries = node.isNull ? [] : node.entries else {
            throw ConfigurationError(
                file: file, line: node.line, setting: path, reason: "expected a mapping of settings, \(found(node))")
        }
        self.file = file
        self.path = path
        self.entries = entries
        line = node.line
    }

    /// The value of a key; `nil` where the key is not there, or there is nothing after it.
    mutating func value(_ key: String) -> ManifestNode? {
        known.append(key)
        guard let value = entries.first(where: { $0.key == key })?.value, !value.isNull else { return nil }
        return value
    }

    /// Reads a value by `parse`; what that gives no value for is no `what`.
    mutating func read<Value>(
        _ key: String, _ what: String, _ parse: (ManifestNode) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let node = value(key) else { return nil }
        guard let value = parse(node) else {
            throw error(key, at: node.line, "expected \(what), \(found(node))")
        }
        return value
    }

    /// The mapping below a key, empty where nothing follows; `nil` where the key is not there.
    mutating func settings(_ key: String) throws(ConfigurationError) -> SettingsReader? {
        known.append(key)
        guard let node = entries.first(where: { $0.key == key })?.value else { return nil }
        return try SettingsReader(node, file: file, path: place(key))
    }

    /// The mappings of a list below a key.
    mutating func list(_ key: String) throws(ConfigurationError) -> [SettingsReader] {
        guard let node = value(key) else { return [] }
        guard let elements = node.elements else { throw error(key, at: node.line, "expected a list, \(found(node))") }
        var readers: [SettingsReader] = []
        for (index, element) in elements.enumerated() {
            readers.append(try SettingsReader(element, file: file, path: "\(place(key))[\(index)]"))
        }
        return readers
    }

    /// A value that has to be there.
    func required<Value>(_ key: String, _ value: Value?) throws(ConfigurationError) -> Value {
        guard let value else { throw error(key, "required, but not there") }
        return value
    }

    /// Throws on the first key that nobody asked for.
    func finish() throws(ConfigurationError) {
        guard let unknown = entries.first(where: { !known.contains($0.key) }) else { return }
        let name = unknown.key.count > 60 ? unknown.key.prefix(60) + "…" : unknown.key[...]
        throw error(
            String(name), at: unknown.keyLine, "no such setting here: there are \(known.joined(separator: ", "))")
    }

    /// An error about a key; at the mapping's own line where the key has none.
    func error(_ key: String, at line: Int? = nil, _ reason: String) -> ConfigurationError {
        let own = entries.first { $0.key == key }?.value.line
        return ConfigurationError(file: file, line: line ?? own ?? self.line, setting: place(key), reason: reason)
    }

    private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

private func found(_ node: ManifestNode) -> String { "found \(node.summary(showingValue: true))" }
