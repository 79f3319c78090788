import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct FirstProcessInHostNamespaceTests {
    static let entered = Node.quiet.changingTask {
        for kind in [NamespaceKind.mount, .uts, .ipc, .network, .pid] { $0.namespaces[kind] = NamespaceSet.host[kind] }
        $0.comm = "nsenter"
    }

    /// It left the container's mount namespace and cgroup: only its parent, the pod's shim, and the record are left.
    static let unattributed = entered.changingTask { ($0.container, $0.attribution, $0.cgroup) = (nil, nil, 0) }

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("quiet", .quiet, []),
        ("all", entered, [entry("mnt, pid, net, ipc, uts")]),
        (
            "one", .quiet.changingTask { $0.namespaces[.uts] = NamespaceSet.host[.uts] },
            [Told(.undeclared, nil, "pid 4100 (web): host uts namespace")]
        ),
        (
            "made from the host's",
            Node.quiet.changingTask { $0.namespaces[.mount] = Node.serviceMounts }.withService(),
            [Told(.undeclared, nil, "pid 4100 (web): host mnt namespace")]
        ),
        ("not the first process", .quiet.changing { $0.tasks[4].namespaces[.mount] = NamespaceSet.host[.mount] }, []),
        ("starting", entered.changingTask { $0.isStarting = true }, []),
        ("created", entered.changingContainer { $0.isCreated = true }, []),
        ("gone", entered.changingContainer { $0.initPID = 9 }, []),
        ("no record", entered.changingContainer { $0.bundle = nil }, [entry("mnt, net, ipc, uts")]),
        ("no records", entered.changing { for index in 0...1 { $0.containers[index].bundle = nil } }, [entry("mnt")]),
        ("belongs to nobody", unattributed, [entry("mnt, pid, net, ipc, uts")]),
        ("belongs to nobody, another's child", unattributed.changingTask { $0.parent = 1 }, []),
        (
            "belongs to nobody, orphaned",
            unattributed.changing { for index in 2...3 { $0.tasks[index].parent = 1 } }, []
        ),
        ("belongs to nobody, no sandbox", unattributed.changingSandbox { $0.initPID = nil }, []),
        ("belongs to another container", unattributed.changingTask { $0.container = 1 }, []),
        ("no reference", entered.changing { $0.host.reference = nil }, []),
        (
            "hostPID pod",
            entered.changing { $0.containers[1].bundle?.namespaces.removeAll { $0.kind == .pid } }
                .changingEntry(.pid, "/proc/4000/ns/pid"), [entry("mnt, net, ipc, uts")]
        ),
    ]

    private static func entry(_ kinds: String) -> Told {
        Told(.undeclared, nil, "pid 4100 (nsenter): host \(kinds) namespace")
    }

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) {
        #expect(Check.firstProcessInHostNamespace.told(node) == told)
    }
}
