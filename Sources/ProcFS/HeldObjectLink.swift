import NodeModel

/// What the link of a descriptor in `/proc/<pid>/fd` names where that is no file (proc_pid_fd(5)).
enum HeldObjectLink {
    /// `socket:[4711]`.
    case socket(UInt64)
    /// `mnt:[4026531841]`.
    case namespace(NamespaceKind, NamespaceID)
    /// Which one it is stands in `fdinfo` behind a name, and is made from the number there.
    case described(String, (Int64) -> HeldObject?)

    /// `nil` of what tells nothing, such as a pipe.
    init?(_ link: String) {
        switch link {
        // kernel/bpf/syscall.c: bpf_prog_show_fdinfo and its neighbours.
        case "anon_inode:bpf-prog": self = .described("prog_id") { UInt32(exactly: $0).map { .program($0) } }
        case "anon_inode:bpf-map": self = .described("map_id") { UInt32(exactly: $0).map { .map($0) } }
        case "anon_inode:bpf_link", "anon_inode:bpf-link":
            self = .described("link_id") { UInt32(exactly: $0).map { .link($0) } }
        default:
            // Of Linux 6.9 on pidfds have inodes of their own (fs/pidfs.c).
            if link == "anon_inode:[pidfd]" || link.hasPrefix("pidfd:[") {
                // 0 is one of another PID namespace, -1 one that has ended.
                self = .described("Pid") { pid in Int32(exactly: pid).flatMap { $0 > 0 ? .process($0) : nil } }
                return
            }
            guard let (name, number) = Self.numbered(link) else { return nil }
            if name == "socket" {
                self = .socket(number)
            } else if name != NamespaceKind.pidForChildren.rawValue, let kind = NamespaceKind(rawValue: String(name)),
                let id = UInt32(exactly: number), id != 0
            {
                self = .namespace(kind, NamespaceID(rawValue: id))
            } else {
                return nil
            }
        }
    }

    /// The word and the number of `word:[number]`.
    private static func numbered(_ link: String) -> (name: Substring, number: UInt64)? {
        let parts = link.split(separator: ":[", maxSplits: 1)
        guard parts.count == 2, parts[1].last == "]", let number = UInt64(parts[1].dropLast()) else { return nil }
        return (parts[0], number)
    }
}
