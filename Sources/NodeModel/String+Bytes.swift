extension String {
    /// The names between the separators of a path.
    ///
    /// A path is taken apart by bytes, as the kernel does: for a `Character`, a separator before a combining mark is none.
    package func pathComponents(omittingEmpty: Bool = true) -> [Substring] {
        utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: omittingEmpty).map { Substring($0) }
    }
}

extension StringProtocol {
    /// Whether the bytes of `other`, which must not be empty, are among those of this text.
    ///
    /// The standard library's search compares by `Character` and takes microseconds for each element of a path.
    package func containsBytes(of other: String) -> Bool { endOfBytes(of: other) != nil }

    /// Where the first bytes of this text end that are those of `other`, which must not be empty.
    package func endOfBytes(of other: String) -> Index? {
        let sought = other.utf8
        var rest = utf8[...]
        while let first = sought.first, rest.count >= sought.count, let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: sought) { return rest.index(start, offsetBy: sought.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
