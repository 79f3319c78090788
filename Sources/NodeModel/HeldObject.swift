/// Something of the kernel that a task holds open and that has no place in a file tree.
package enum HeldObject: Hashable, Sendable, Codable {
    /// A BPF program, map or link by the number that the kernel gave it (bpf(2)).
    case program(UInt32)
    case map(UInt32)
    case link(UInt32)
    /// A process by its number in the reader's `/proc` (pidfd_open(2)).
    case process(Int32)
    case namespace(NamespaceKind, NamespaceID)
    /// A packet socket of the host's network namespace by its inode.
    case packetSocket(UInt64)
}

/// One open descriptor of such an object.
package struct OpenObject: Sendable, Equatable, Codable {
    package var number: Int32
    package var object: HeldObject

    package init(number: Int32, object: HeldObject) {
        self.number = number
        self.object = object
    }
}
