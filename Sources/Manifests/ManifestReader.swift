import CYAML
import LinuxSystem

/// Reads the documents of a file of YAML or JSON, which is YAML for it, one after the other.
///
/// The text is YAML 1.1 as Kubernetes reads it. Where a document is broken, reading goes on at the next line `---`.
package struct ManifestReader {
    /// One document; `root` is `nil` if nothing but comments is in it.
    package struct Document: Sendable {
        /// From 1.
        package let number: Int
        package let root: ManifestNode?
    }

    /// Calls `body` with each document or what is wrong with it, in the order of the file.
    package static func read(
        _ bytes: [UInt8], name: String, limits: ManifestLimits = ManifestLimits(),
        body: (Result<Document, ManifestError>) -> Void
    ) {
        guard bytes.count <= limits.bytes else {
            body(.failure(ManifestError(name: name, .tooLarge(Int64(bytes.count)), limits)))
            return
        }
        bytes.withUnsafeBufferPointer { bytes in
            var pass = Pass(bytes: bytes, name: name, limits: limits)
            pass.run(body)
        }
    }

    /// Decodes the one document of a file; no document, or more than one, is an error.
    ///
    /// Errors show values of scalars only if `showingValues`: a kubeconfig's may be secrets.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], name: String, showingValues: Bool = false
    ) throws(ManifestError) -> Value {
        var documents: [Document] = []
        var failure: ManifestError?
        read(bytes, name: name) { result in
            switch result {
            case .success(let document): if document.root != nil { documents.append(document) }
            case .failure(let error): failure = failure ?? error
            }
        }
        if let failure { throw failure }
        guard let document = documents.first, let root = document.root else {
            throw ManifestError(name: name, reason: "no document in it")
        }
        guard documents.count == 1 else {
            throw ManifestError(
                name: name, document: documents[1].number, line: documents[1].root?.line,
                reason: "more than one document")
        }
        let context = ManifestContext(name: name, document: document.number, showsValues: showingValues)
        return try context.decode(type, from: root)
    }

    /// The bytes of a file, `-` for standard input; nothing but regular files is opened, except for standard input.
    ///
    /// - Parameter takesPipe: a pipe that somebody named is read, too.
    package static func bytes(
        of path: String, limits: ManifestLimits = ManifestLimits(), takesPipe: Bool = false
    ) throws(ManifestError) -> [UInt8] {
        do throws(BoundedFile.Failure) {
            return try contents(of: path, limits, takesPipe: takesPipe)
        } catch {
            throw ManifestError(name: path, error, limits)
        }
    }

    static func contents(
        of path: String, _ limits: ManifestLimits, takesPipe: Bool
    ) throws(BoundedFile.Failure) -> [UInt8] {
        if path == "-" { return try BoundedFile.read(path: path, limit: limits.bytes) }
        return try BoundedFile.read(regular: path, limit: limits.bytes, takesPipe: takesPipe)
    }
}

/// One pass over a text, a chunk at a time, so that what is wrong in one document leaves the others readable.
private struct Pass {
    let bytes: UnsafeBufferPointer<UInt8>
    let name: String
    let limits: ManifestLimits
    var builder: TreeBuilder
    var number = 0

    init(bytes: UnsafeBufferPointer<UInt8>, name: String, limits: ManifestLimits) {
        self.bytes = bytes
        self.name = name
        self.limits = limits
        builder = TreeBuilder(limits: limits)
    }

    mutating func run(_ body: (Result<ManifestReader.Document, ManifestError>) -> Void) {
        var chunks = DocumentChunks(bytes)
        while let chunk = chunks.next() {
            builder.linesBefore = chunk.linesBefore
            do throws(TreeBuilder.Failure) {
                try read(chunk, body)
            } catch {
                body(.failure(ManifestError(name: name, document: number, line: error.line, reason: error.reason)))
                if error.isFinal { return }
            }
        }
    }

    private mutating func read(
        _ chunk: DocumentChunks.Chunk, _ body: (Result<ManifestReader.Document, ManifestError>) -> Void
    ) throws(TreeBuilder.Failure) {
        let json: [UInt8]?
        do throws(TreeBuilder.Failure) {
            json = try SurrogatePairs.replaced(in: chunk.bytes, linesBefore: chunk.linesBefore)
        } catch {
            number += 1
            throw error
        }
        guard let json else { return try readDocuments(of: chunk.bytes, body) }
        try json.withUnsafeBufferPointer { text throws(TreeBuilder.Failure) in try readDocuments(of: text, body) }
    }

    private mutating func readDocuments(
        of text: UnsafeBufferPointer<UInt8>, _ body: (Result<ManifestReader.Document, ManifestError>) -> Void
    ) throws(TreeBuilder.Failure) {
        guard var events = YAMLEvents(text, linesBefore: builder.linesBefore) else {
            throw TreeBuilder.Failure(line: builder.linesBefore + 1, reason: "no memory", isFinal: true)
        }
        while true {
            events.advance()
            if events.kind == Int(CYAML_STREAM_END) { return }
            number += 1
            guard number <= limits.documents else {
                let reason = "more than \(limits.documents) documents"
                throw TreeBuilder.Failure(line: events.line, reason: reason, isFinal: true)
            }
            guard events.kind == Int(CYAML_DOCUMENT_START) else { throw events.failure }
            body(.success(ManifestReader.Document(number: number, root: try builder.document(&events))))
        }
    }
}
