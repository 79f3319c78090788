extension String {
    /// The names between the separators of a path.
    ///
    /// A path is taken apart by bytes, as the kernel does: for a `Character`, a separator before a combining mark is none.
    package func pathComponents(omittingEmpty: Bool = true) -> [Substring] {
        utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: omittingEmpty).map { Substring($0) }
    }
}
