import CYAML

/// libyaml's events of a text, one by one, which must outlive it.
struct YAMLEvents: ~Copyable {
    private let parser: OpaquePointer
    private(set) var event = cyaml_event()
    private let bytes: UnsafeBufferPointer<UInt8>
    private let linesBefore: Int

    /// `nil` if there is no memory.
    init?(_ text: UnsafeBufferPointer<UInt8>, linesBefore: Int) {
        bytes = text
        self.linesBefore = linesBefore
        guard let parser = cyaml_create(text.baseAddress, text.count) else { return nil }
        self.parser = parser
    }

    deinit { cyaml_free(parser) }

    mutating func advance() { cyaml_next(parser, &event) }

    var kind: Int { Int(event.kind) }
    /// From 1, in the file.
    var line: Int {
        guard event.is_encoding_error != 0 else { return linesBefore + Int(event.line) + 1 }
        return linesBefore + DocumentChunks.lineBreaks(in: bytes.prefix(event.offset)) + 1
    }
    /// From 1.
    var column: Int { Int(event.column) + 1 }
    /// A scalar's value or an error's words.
    var text: String { String(decoding: UnsafeBufferPointer(start: event.text, count: event.length), as: UTF8.self) }
    /// The parser's error.
    var failure: TreeBuilder.Failure { TreeBuilder.Failure(line: line, reason: text) }
    var anchor: String? { event.anchor.map { String(cString: $0) } }
    var tag: String? { event.tag.map { String(cString: $0) } }
}
