/// A set of Linux capabilities, bit N for capability number N (capabilities(7), include/uapi/linux/capability.h).
package struct CapabilitySet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The set of the named capabilities; `CAP_` may be left out, names unknown to this build are returned apart.
    package static func named(_ names: some Sequence<String>) -> (set: CapabilitySet, unknown: [String]) {
        var set: CapabilitySet = []
        var unknown: [String] = []
        for name in names {
            let short = name.uppercased().hasPrefix("CAP_") ? String(name.dropFirst(4)) : name
            if let number = self.names.firstIndex(of: short.uppercased()) {
                set.insert(CapabilitySet(number: number))
            } else {
                unknown.append(name)
            }
        }
        return (set, unknown)
    }

    package init(number: Int) { rawValue = 1 << UInt64(truncatingIfNeeded: number) }

    /// How many capabilities the set holds.
    package var count: Int { rawValue.nonzeroBitCount }

    /// The names in ascending number, with their `CAP_` prefix; a bit that has no name yet is `CAP_<number>`.
    package var names: [String] {
        (0..<64).filter { rawValue & (1 << UInt64($0)) != 0 }
            .map { $0 < Self.names.count ? "CAP_\(Self.names[$0])" : "CAP_\($0)" }
    }

    /// Capability names by number, up to CAP_CHECKPOINT_RESTORE (Linux 5.9, still the last one in 6.18).
    private static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// Every capability there can be.
    package static let all = CapabilitySet(rawValue: .max)

    /// Every capability that has a name here: a runtime's record names no other, so nothing is known of the rest.
    package static let known = CapabilitySet(rawValue: (1 << UInt64(names.count)) - 1)

    /// What containerd and docker give a container that asks for nothing (moby/profiles, containerd oci/spec.go).
    package static let runtimeDefault = CapabilitySet(rawValue: 0x0000_0000_A804_25FB)
}

extension CapabilitySet: Codable {
    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(UInt64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
