import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct AddedCapabilityTests {
    private static func granting(_ names: String...) -> Node {
        .quiet.changingBundle { $0.capabilities.formUnion(CapabilitySet.named(names).set) }
    }

    static let weights: [(name: String, weight: Weight)] = [
        ("SYS_ADMIN", .rootEquivalent), ("SYS_MODULE", .rootEquivalent), ("SYS_RAWIO", .rootEquivalent),
        ("DAC_READ_SEARCH", .rootEquivalent), ("SYS_PTRACE", .partial), ("BPF", .partial), ("PERFMON", .partial),
        ("NET_ADMIN", .partial), ("SYS_BOOT", .partial), ("SYS_TIME", .partial), ("MAC_ADMIN", .partial),
        ("MAC_OVERRIDE", .partial), ("CHECKPOINT_RESTORE", .partial), ("SYS_RESOURCE", .minor), ("SYS_NICE", .minor),
        ("SYSLOG", .minor), ("AUDIT_CONTROL", .minor), ("LINUX_IMMUTABLE", .minor), ("IPC_OWNER", .minor),
    ]

    @Test(arguments: weights)
    func dangerous(name: String, weight: Weight) {
        let evidence = Check.addedCapability.found(Self.granting(name))
        #expect(evidence.map(\.weight) == [weight] && evidence.map(\.key) == [name])
        #expect(evidence.map(\.declaration) == [.declaredByRuntime])
        #expect(evidence.first?.values == ["capability": .text("CAP_\(name)")])
        #expect(evidence.first?.detail.hasPrefix("CAP_\(name): ") == true)
    }

    static let silent: [(name: String, node: Node)] = [
        ("harmless", granting("LEASE", "WAKE_ALARM", "NET_BROADCAST")),
        ("defaults", granting("NET_RAW", "MKNOD", "SYS_CHROOT")),
        ("none", .quiet.changingBundle { $0.capabilities = [] }),
        ("no record", granting("SYS_ADMIN").changingContainer { $0.bundle = nil }),
        ("held, not granted", .quiet.changingTask { $0.credentials = .root }),
        ("privileged", Node.quiet.privileged()),
    ]

    @Test(arguments: silent)
    func saysNothing(name: String, node: Node) { #expect(Check.addedCapability.found(node) == []) }

    /// With the node's processes to trace, the right to trace is worth root.
    @Test func tracingInTheHostsPIDNamespace() {
        let shared = Self.granting("SYS_PTRACE", "SYSLOG").sharingWithPod(.pid)
        #expect(Check.addedCapability.found(shared).map(\.weight) == [.rootEquivalent, .minor])
    }

    @Test func oneFindingEach() {
        #expect(
            Check.addedCapability.found(Self.granting("SYSLOG", "SYS_ADMIN")).map(\.key) == ["SYS_ADMIN", "SYSLOG"])
    }
}
