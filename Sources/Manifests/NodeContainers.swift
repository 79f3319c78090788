/// The entries of a mapping, decoded by key.
struct NodeKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let entries: [ManifestNode.Entry]
    private let decoder: NodeDecoder
    /// Kept for large mappings only.
    private let positions: [String: Int]

    init(entries: [ManifestNode.Entry], decoder: NodeDecoder) {
        self.entries = entries
        self.decoder = decoder
        let isLarge = entries.count > 16
        positions = isLarge ? Dictionary(uniqueKeysWithValues: zip(entries.map(\.key), entries.indices)) : [:]
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { entries.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { node(key) != nil }

    private func node(_ key: Key) -> ManifestNode? {
        if !positions.isEmpty { return positions[key.stringValue].map { entries[$0].value } }
        return entries.first { $0.key == key.stringValue }?.value
    }

    private func entry(_ key: Key) throws -> NodeDecoder {
        let path = decoder.path.appending(key)
        guard let node = node(key) else {
            throw decoder.context.error(at: decoder.node.line, path, "required, but not there")
        }
        return NodeDecoder(node: node, path: path, context: decoder.context)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try entry(key).node.isNull }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try entry(key).boolean() }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try entry(key).string() }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try entry(key).number() }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { Float(try entry(key).number()) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try entry(key).integer(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try entry(key).integer(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try entry(key).integer(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try entry(key).integer(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try entry(key).integer(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try entry(key).integer(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try entry(key).integer(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try entry(key).integer(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try entry(key).integer(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try entry(key).integer(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try entry(key).value(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try entry(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try entry(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try entry(key) }
}

/// The elements of a list, decoded one after the other.
struct NodeUnkeyedContainer: UnkeyedDecodingContainer {
    private let elements: [ManifestNode]
    private let decoder: NodeDecoder
    private(set) var currentIndex = 0

    init(elements: [ManifestNode], decoder: NodeDecoder) {
        self.elements = elements
        self.decoder = decoder
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private mutating func next() throws -> NodeDecoder {
        let path = decoder.path.index(currentIndex)
        guard !isAtEnd else {
            throw decoder.context.error(at: decoder.node.line, path, "required, but not there")
        }
        defer { currentIndex += 1 }
        return NodeDecoder(node: elements[currentIndex], path: path, context: decoder.context)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().value(type) }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
