import LinuxSystem
package import NodeModel

/// `/proc/<pid>/cgroup` (cgroups(7)).
package enum CgroupFile {
    /// Parses the whole file, v1 and v2 lines alike, and throws on the first line that is neither.
    ///
    /// Only the first two colons separate fields: containerd writes `slice:cri-containerd:<id>` into the path where its
    /// cgroup driver is not the kubelet's.
    package static func parse(_ bytes: some Collection<UInt8>) throws(ProcFSError) -> [CgroupMembership] {
        var memberships: [CgroupMembership] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let hierarchy = UInt32(String(escaping: fields[0])),
                fields[2].first == UInt8(ascii: "/")
            else { throw .malformed(file: "cgroup", line: index + 1) }
            memberships.append(
                CgroupMembership(
                    hierarchy: hierarchy,
                    controllers: fields[1].split(separator: UInt8(ascii: ",")).map { String(escaping: $0) },
                    path: String(escaping: fields[2])))
        }
        return memberships
    }
}

/// Where the reader itself sits: cgroup paths are shown relative to the root of its cgroup namespace
/// (cgroup_namespaces(7)).
package enum ReaderCgroup: Sendable, Equatable {
    /// The reader is in the host's cgroup namespace: paths are what they say.
    case host
    /// The reader is in another one: nothing that it can read says where on the host that is.
    case unknown
}
