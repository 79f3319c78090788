/// What is wrong with a manifest, and where.
package struct ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's name as the caller gave it.
    package var name: String
    /// The document's number in the file, from 1; `nil` if the whole file is meant.
    package var document: Int?
    /// From 1; `nil` if the whole file is meant.
    package var line: Int?
    /// The field, such as `spec.containers[0].image`; empty for the document itself.
    package var path: String
    package var reason: String

    package init(name: String, document: Int? = nil, line: Int? = nil, path: String = "", reason: String) {
        self.name = name
        self.document = document
        self.line = line
        self.path = path
        self.reason = reason
    }

    /// Such as `pod.yaml: document 2, line 17: spec.hostPID: expected true or false, found "maybe"`.
    package var description: String {
        let place = [document.map { "document \($0)" }, line.map { "line \($0)" }].compactMap { $0 }
        let parts = [name, place.joined(separator: ", "), path, reason]
        return parts.filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
