/// Decodes values from a node; every error is a `ManifestError`.
struct NodeDecoder: Decoder {
    let node: ManifestNode
    let path: ManifestPath
    let context: ManifestContext

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The node as a value; scalars are taken without a container, which is quicker.
    func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == String.self, let value = try string() as? Value { return value }
        if type == Bool.self, let value = try boolean() as? Value { return value }
        if type == Int64.self, let value = try integer(Int64.self) as? Value { return value }
        do {
            return try Value(from: self)
        } catch let error as DecodingError {
            throw context.error(at: node.line, path, Self.reason(error))
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let entries = node.entries else { throw expected("a mapping") }
        return KeyedDecodingContainer(NodeKeyedContainer(entries: entries, decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = node.elements else { throw expected("a list") }
        return NodeUnkeyedContainer(elements: elements, decoder: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func boolean() throws -> Bool {
        guard case .boolean(let value) = node.content else { throw expected("true or false") }
        return value
    }

    func string() throws -> String {
        guard case .string(let value) = node.content else { throw expected("a string") }
        return value
    }

    /// Numbers such as 1e3 or 8.0 are integers too: on their way to JSON they become such.
    func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        switch node.content {
        case .integer(let value):
            if let number = Number(exactly: value) { return number }
            throw expected("an integer from \(Number.min) to \(Number.max)")
        case .number(let value) where value.magnitude < 0x1p53:
            if let number = Number(exactly: value) { return number }
        default: break
        }
        throw expected("an integer")
    }

    func number() throws -> Double {
        switch node.content {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: throw expected("a number")
        }
    }

    func expected(_ what: String) -> ManifestError {
        let found = node.summary(showingValue: context.showsValues)
        return context.error(at: node.line, path, "expected \(what), found \(found)")
    }

    /// What a model's own decoding says, without the value.
    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context.debugDescription
        @unknown default: "not understood"
        }
    }
}

extension NodeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { node.isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try boolean() }
    func decode(_ type: String.Type) throws -> String { try string() }
    func decode(_ type: Double.Type) throws -> Double { try number() }
    func decode(_ type: Float.Type) throws -> Float { Float(try number()) }
    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try value(type) }
}
