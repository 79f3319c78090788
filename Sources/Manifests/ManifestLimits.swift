/// What a file of manifests may hold; the API server itself takes no request above 3 MiB.
package struct ManifestLimits: Sendable, Equatable {
    /// Bytes of a file.
    package var bytes = 128 << 20
    /// Documents of a file.
    package var documents = 100_000
    /// Mappings, sequences and scalars of a file, counted again wherever an alias or a merge key repeats them.
    package var nodes = 12_000_000
    /// Bytes of scalars of a file, counted likewise.
    package var text = 128 << 20
    /// Levels of mappings and sequences within each other.
    package var depth = 200

    package init() {}
}
