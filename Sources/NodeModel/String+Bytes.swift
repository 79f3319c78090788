extension String {
    /// The names between the separators of a path.
    ///
    /// A path is taken apart by bytes, as the kernel does: for a `Character`, a separator before a combining mark is none.
    package func pathComponents(omittingEmpty: Bool = true) -> [Substring] {
        var components: [Substring] = []
        var start = startIndex
        let bytes = utf8
        func add(upTo end: Index) { if !omittingEmpty || start < end { components.append(self[start..<end]) } }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "/") {
            add(upTo: index)
            start = bytes.index(after: index)
        }
        add(upTo: endIndex)
        return components
    }
}

extension StringProtocol {
    /// Whether the bytes of `other`, which must not be empty, are among those of this text.
    ///
    /// The standard library's search compares by `Character` and takes microseconds for each element of a path.
    package func containsBytes(of other: String) -> Bool { endOfBytes(of: other) != nil }

    /// Where the first bytes of this text end that are those of `other`, which must not be empty.
    package func endOfBytes(of other: String) -> Index? {
        var (text, sought) = (String(self), other)
        let end = text.withUTF8 { text in
            sought.withUTF8 { sought in
                text.indices.first { text[$0...].starts(with: sought) }.map { $0 + sought.count }
            }
        }
        return end.map { utf8.index(utf8.startIndex, offsetBy: $0) }
    }
}
