/// The kinds of Linux namespaces a task can be in, by their link name in `/proc/<pid>/ns` (namespaces(7)).
package enum NamespaceKind: String, CaseIterable, Sendable, Codable, Hashable {
    case mount = "mnt"
    case pid
    /// The PID namespace that children of the task will be in; differs from `pid` after setns or unshare.
    case pidForChildren = "pid_for_children"
    case network = "net"
    case ipc
    case uts
    case user
    case cgroup
    /// Linux 5.6 and newer.
    case time

    /// The kinds that two threads of one process may differ in.
    ///
    /// The kernel refuses a new user, time or PID namespace of its own to a thread of a multithreaded process
    /// (kernel/nsproxy.c, kernel/user_namespace.c, kernel/time/namespace.c, kernel/fork.c).
    package static let perThread: [NamespaceKind] = [.mount, .pidForChildren, .network, .ipc, .uts, .cgroup]
}

/// The inode number that names one namespace of the running kernel.
///
/// The kernel keeps it in an `unsigned int` (include/linux/ns_common.h); 0 is never given out.
package struct NamespaceID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The cgroup namespace that the kernel starts with (PROC_CGROUP_INIT_INO, include/linux/proc_ns.h).
    package static let initialCgroup = NamespaceID(rawValue: 0xEFFF_FFFB)

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(UInt32.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func < (left: NamespaceID, right: NamespaceID) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }
}

/// The namespaces of one task; a kind that could not be read is `nil`, never a guess.
package struct NamespaceSet: Sendable, Equatable {
    private var inodes: InlineArray<9, UInt32> = InlineArray(repeating: 0)

    package init() {}

    package init(_ namespaces: [NamespaceKind: UInt32]) {
        for (kind, inode) in namespaces { self[kind] = NamespaceID(rawValue: inode) }
    }

    package subscript(kind: NamespaceKind) -> NamespaceID? {
        get {
            let inode = inodes[kind.slot]
            return inode == 0 ? nil : NamespaceID(rawValue: inode)
        }
        set { inodes[kind.slot] = newValue?.rawValue ?? 0 }
    }

    /// Whether a kind is known of both and is not the same; unknown is no difference.
    package func differs(in kind: NamespaceKind, from other: NamespaceSet) -> Bool {
        guard let own = self[kind], let other = other[kind] else { return false }
        return own != other
    }

    /// Whether no kind at all was read.
    package var isEmpty: Bool { NamespaceKind.allCases.allSatisfy { self[$0] == nil } }

    package static func == (left: NamespaceSet, right: NamespaceSet) -> Bool {
        left.inodes.indices.allSatisfy { left.inodes[$0] == right.inodes[$0] }
    }
}

extension NamespaceSet: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: NamespaceKind.self)
        for kind in container.allKeys { self[kind] = try container.decode(NamespaceID.self, forKey: kind) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: NamespaceKind.self)
        for kind in NamespaceKind.allCases { try container.encodeIfPresent(self[kind], forKey: kind) }
    }
}

extension NamespaceKind: CodingKey {}

extension NamespaceKind {
    fileprivate var slot: Int {
        switch self {
        case .mount: 0
        case .pid: 1
        case .pidForChildren: 2
        case .network: 3
        case .ipc: 4
        case .uts: 5
        case .user: 6
        case .cgroup: 7
        case .time: 8
        }
    }
}
