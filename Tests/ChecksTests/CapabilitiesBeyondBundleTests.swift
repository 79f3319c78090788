import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct CapabilitiesBeyondBundleTests {
    private static let admin = CapabilitySet.named(["SYS_ADMIN"]).set

    private static func holding(_ permitted: CapabilitySet, _ effective: CapabilitySet, task: Int = 3) -> Node {
        .quiet.changing {
            $0.tasks[task].credentials?.permitted = permitted
            $0.tasks[task].credentials?.effective = effective
        }
    }

    static let more = holding(.runtimeDefault.union(admin), .runtimeDefault)
    static let undeclared = [Told(.undeclared, nil, "pid 4100 (web): CAP_SYS_ADMIN")]

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("fewer", holding([], []), []),
        ("permitted", more, undeclared),
        ("effective alone", holding([], admin), undeclared),
        (
            "thread alone", holding(admin, admin, task: 4),
            [Told(.undeclared, nil, "tid 4101 of pid 4100 (web-worker): CAP_SYS_ADMIN")]
        ),
        (
            "all", holding(TaskCredentials.root.permitted, []),
            [
                Told(
                    .undeclared, nil,
                    "pid 4100 (web): CAP_DAC_READ_SEARCH, CAP_LINUX_IMMUTABLE, CAP_NET_BROADCAST, CAP_NET_ADMIN, "
                        + "CAP_IPC_LOCK, CAP_IPC_OWNER and 21 more")
            ]
        ),
        (
            "the newest", holding(CapabilitySet(number: 40), []),
            [Told(.undeclared, nil, "pid 4100 (web): CAP_CHECKPOINT_RESTORE")]
        ),
        ("newer than this build", holding(CapabilitySet(number: 41), CapabilitySet(number: 63)), []),
        (
            "privileged on a newer kernel",
            Node.quiet.privileged().changingTask { $0.credentials?.permitted = CapabilitySet(rawValue: .max) }, []
        ),
        ("bounding set alone", .quiet.changingTask { $0.credentials?.bounding = admin }, []),
        ("starting", more.changingTask { $0.isStarting = true }, []),
        ("created", more.changingContainer { $0.isCreated = true }, []),
        ("no record", more.changingContainer { $0.bundle = nil }, []),
        ("not read", more.changingTask { $0.credentials = nil }, []),
        ("user namespace not read", more.changingTask { $0.namespaces[.user] = nil }, []),
        ("in a user namespace", more.withUserNamespace(), []),
        ("nobody's task", more.changingTask { $0.container = nil }, []),
        ("granted", more.changingBundle { $0.capabilities.formUnion(admin) }, []),
    ]

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) {
        #expect(Check.capabilitiesBeyondBundle.told(node) == told)
    }

    /// A sandbox is watched like any other container.
    @Test func sandbox() {
        let evidence = Check.capabilitiesBeyondBundle.found(Self.holding(Self.admin, [], task: 2))
        #expect(evidence.map(\.container) == [1])
        #expect(
            evidence.map(\.values) == [["capabilities": .list(["CAP_SYS_ADMIN"]), "thread": .flag(false)]])
    }

    @Test func summaries() {
        #expect(Check.summary([]) == "")
        #expect(Check.summary(["a", "b"], limit: 2) == "a, b")
        #expect(Check.summary(["a", "b", "c"], limit: 2) == "a, b and 1 more")
    }
}
