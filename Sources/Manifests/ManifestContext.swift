/// The file and document that values are decoded from, for errors.
package struct ManifestContext: Sendable {
    package let name: String
    package let document: Int
    /// Errors show the values of scalars.
    package let showsValues: Bool

    package init(name: String, document: Int, showsValues: Bool) {
        self.name = name
        self.document = document
        self.showsValues = showsValues
    }

    /// Decodes a value from a node at `path` of the document.
    package func decode<Value: Decodable>(
        _ type: Value.Type, from node: ManifestNode, at path: ManifestPath = ManifestPath()
    ) throws(ManifestError) -> Value {
        do {
            return try NodeDecoder(node: node, path: path, context: self).value(type)
        } catch let error as ManifestError {
            throw error
        } catch {
            throw self.error(at: node.line, path, "not understood")
        }
    }

    /// An error at a place of this document.
    package func error(at line: Int, _ path: ManifestPath, _ reason: String) -> ManifestError {
        ManifestError(name: name, document: document, line: line, path: path.description, reason: reason)
    }
}

/// Where a value is in its document.
package struct ManifestPath: Sendable, CustomStringConvertible {
    var keys: [any CodingKey] = []

    package init() {}

    /// The path to an entry of the mapping here.
    package func key(_ name: String) -> ManifestPath { appending(ManifestKey(stringValue: name)) }

    /// The path to an element of the list here.
    package func index(_ index: Int) -> ManifestPath { appending(ManifestKey(intValue: index)) }

    func appending(_ key: any CodingKey) -> ManifestPath {
        var path = self
        path.keys.append(key)
        return path
    }

    /// Such as `spec.containers[0].image`, as the Kubernetes API writes it.
    package var description: String {
        var text = ""
        for key in keys {
            if let index = key.intValue {
                text += "[\(index)]"
            } else if key.stringValue.utf8.contains(UInt8(ascii: ".")) || key.stringValue.isEmpty {
                text += "[\(key.stringValue)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return text
    }
}

/// A key of a mapping or an index of a list.
struct ManifestKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = "\(intValue)"
        self.intValue = intValue
    }
}
