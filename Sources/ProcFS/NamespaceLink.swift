package import NodeModel

/// The text of a link in `/proc/<pid>/ns`, such as `mnt:[4026531841]` (namespaces(7)).
package enum NamespaceLink {
    /// The inode number in a link's text.
    ///
    /// The word before the colon is the kind of the namespace, not the link's name: `pid_for_children` reads `pid:[…]`.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(ProcFSError) -> NamespaceID {
        guard let bracket = bytes.firstIndex(of: UInt8(ascii: "[")) else { throw .malformed(file: "ns", line: 1) }
        var cursor = ByteCursor(bytes, at: bracket + 1)
        guard let inode = cursor.decimal(UInt32.self), inode != 0, cursor.accept("]"), cursor.isAtEnd else {
            throw .malformed(file: "ns", line: 1)
        }
        return NamespaceID(rawValue: inode)
    }
}
