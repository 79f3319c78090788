/// A value of a document with its place; aliases and merge keys are resolved.
package struct ManifestNode: Sendable {
    package let content: Content
    /// Where the value begins, from 1, for an alias where its anchor is.
    package let line: Int
    package let column: Int

    package enum Content: Sendable {
        case null
        case boolean(Bool)
        case integer(Int64)
        /// Any other number, also an integer beyond 64 bits.
        case number(Double)
        case string(String)
        case sequence([ManifestNode])
        case mapping([Entry])
    }

    /// A key with its value; keys are unique in their mapping.
    package struct Entry: Sendable {
        package let key: String
        package let keyLine: Int
        package let value: ManifestNode
    }

    /// The entries of a mapping; `nil` for anything else.
    package var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The elements of a sequence; `nil` for anything else.
    package var elements: [ManifestNode]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The text of a string; `nil` for anything else.
    package var string: String? {
        if case .string(let text) = content { text } else { nil }
    }

    package var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The value of a key; `nil` if this is no mapping or has no such key.
    package subscript(key: String) -> ManifestNode? {
        entries?.first { $0.key == key }?.value
    }

    /// What this is, in the words of an error; the value itself only if `showingValue`, since it may be a secret.
    package func summary(showingValue: Bool) -> String {
        switch content {
        case .null: "nothing"
        case .boolean(let value): showingValue ? "\(value)" : "true or false"
        case .integer(let value): showingValue ? "\(value)" : "a number"
        case .number(let value): showingValue ? "\(value)" : "a number"
        case .string(let text): showingValue ? "\"\(text.count > 60 ? text.prefix(60) + "…" : text)\"" : "a string"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
