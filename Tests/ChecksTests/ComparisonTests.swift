import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct ComparisonTests {
    /// A change to the quiet container's record, what the API has, and the one item that comes out.
    struct Row: CustomTestStringConvertible {
        var name: String
        var container = ""
        var spec = ""
        var change: @Sendable (inout Node) -> Void = { _ in }
        var expected: ComparedItem

        var testDescription: String { name }
    }

    private static func bundle(_ change: @escaping @Sendable (inout Bundle) -> Void) -> @Sendable (inout Node) -> Void {
        { $0 = $0.changingBundle(change) }
    }

    private static func context(_ members: String) -> String { #""securityContext": {\#(members)}"# }

    static let rows: [Row] = [
        Row(
            name: "privilege escalation", container: context(#""allowPrivilegeEscalation": false"#),
            change: bundle { $0.noNewPrivileges = false },
            expected: ComparedItem(
                .allowPrivilegeEscalation, declared: "false", actual: "true", verdict: .notInForce)),
        Row(
            name: "user", container: context(#""runAsUser": 1000"#),
            expected: ComparedItem(.runAsUser, declared: "1000", actual: "0", verdict: .notInForce)),
        Row(
            name: "user of the pod", spec: context(#""runAsUser": 1000"#),
            expected: ComparedItem(.runAsUser, declared: "1000", actual: "0", verdict: .notInForce)),
        Row(
            name: "no root", container: context(#""runAsNonRoot": true"#),
            expected: ComparedItem(.runAsNonRoot, declared: "true", actual: "uid 0", verdict: .notInForce)),
        Row(
            name: "read-only root", container: context(#""readOnlyRootFilesystem": true"#),
            expected: ComparedItem(.readOnlyRootFilesystem, declared: "true", actual: "false", verdict: .notInForce)),
        Row(
            name: "seccomp", container: context(#""seccompProfile": {"type": "RuntimeDefault"}"#),
            change: bundle { $0.hasSeccomp = false },
            expected: ComparedItem(
                .seccompProfile, declared: "RuntimeDefault", actual: "Unconfined", verdict: .notInForce)),
        Row(
            name: "AppArmor", container: context(#""appArmorProfile": {"type": "RuntimeDefault"}"#),
            expected: ComparedItem(
                .appArmorProfile, declared: "RuntimeDefault", actual: "Unconfined", verdict: .notInForce)),
        Row(
            name: "drop", container: context(#""capabilities": {"drop": ["NET_RAW"]}"#),
            expected: ComparedItem(
                .droppedCapabilities, declared: "CAP_NET_RAW", actual: "held", verdict: .notInForce)),
        Row(
            name: "add and get", container: context(#""capabilities": {"add": ["NET_ADMIN"]}"#),
            change: bundle { $0.capabilities.formUnion(CapabilitySet.named(["NET_ADMIN"]).set) },
            expected: ComparedItem(
                .addedCapabilities, declared: "CAP_NET_ADMIN", actual: "CAP_NET_ADMIN", verdict: .asDeclared)),
        Row(
            name: "add and not get", container: context(#""capabilities": {"add": ["CAP_NET_ADMIN"]}"#),
            expected: ComparedItem(
                .addedCapabilities, declared: "CAP_NET_ADMIN", actual: "none", verdict: .notInForce)),
        Row(
            name: "get and not add",
            change: bundle { $0.capabilities.formUnion(CapabilitySet.named(["SYS_ADMIN"]).set) },
            expected: ComparedItem(.addedCapabilities, declared: nil, actual: "CAP_SYS_ADMIN", verdict: .notDeclared)),
        Row(
            name: "user namespace", spec: #""hostUsers": false"#,
            expected: ComparedItem(.hostUsers, declared: "false", actual: "true", verdict: .notInForce)),
        Row(
            name: "host PID", change: { $0 = $0.sharingWithPod(.pid) },
            expected: ComparedItem(.hostPID, declared: nil, actual: "true", verdict: .notDeclared)),
        Row(
            name: "host PID as asked", spec: #""hostPID": true"#, change: { $0 = $0.sharingWithPod(.pid) },
            expected: ComparedItem(.hostPID, declared: "true", actual: "true", verdict: .asDeclared)),
        Row(
            name: "a process in the host's network",
            change: { node in
                node = node.changingTask { $0.namespaces[.network] = NodeIndex(.quiet).hostNamespace(.network) }
            },
            expected: ComparedItem(.hostNetwork, declared: nil, actual: "true", verdict: .notDeclared)),
        Row(
            name: "host port", container: #""ports": [{"containerPort": 80, "hostPort": 8080}]"#,
            expected: ComparedItem(.hostPorts, declared: "8080", actual: nil, verdict: .unknown)),
        Row(
            name: "sysctl", spec: context(#""sysctls": [{"name": "net/core/somaxconn", "value": "1024"}]"#),
            change: { $0.containers[1].bundle?.sysctls = ["net.core.somaxconn": "128"] },
            expected: ComparedItem(.sysctl("net.core.somaxconn"), declared: "1024", actual: "128", verdict: .notInForce)
        ),
        Row(
            name: "sysctl that nobody asked for",
            change: {
                $0.containers[1].bundle?.sysctls = [
                    "kernel.shm_rmid_forced": "1", "net.ipv4.ip_unprivileged_port_start": "0",
                ]
            },
            expected: ComparedItem(.sysctl("kernel.shm_rmid_forced"), declared: nil, actual: "1", verdict: .notDeclared)
        ),
        Row(
            name: "no record", container: context(#""readOnlyRootFilesystem": true"#),
            change: { node in node.containers[0].bundle = nil },
            expected: ComparedItem(.readOnlyRootFilesystem, declared: "true", actual: nil, verdict: .unknown)),
    ]

    @Test(arguments: rows)
    func oneItem(row: Row) throws {
        let node = try Node.quiet.declaring(container: row.container, spec: row.spec).changing(row.change)
        let items = try #require(NodeIndex(node).comparison(of: 0))
        #expect(items.contains(row.expected), "\(items)")
        let others = items.filter { $0 != row.expected && $0.verdict != .unknown }
        #expect(others == [])
    }

    @Test func everythingKept() throws {
        let node = try Node.quiet.declaring(
            container: Self.context(
                #""allowPrivilegeEscalation": false, "seccompProfile": {"type": "RuntimeDefault"}, "runAsUser": 0"#))
        #expect(NodeIndex(node).comparison(of: 0) == [])
        #expect(NodeIndex(.quiet).comparison(of: 0) == nil)
        #expect(NodeIndex(node).comparison(of: 1) == nil)
    }

    @Test func findings() throws {
        let node = try Node.quiet.declaring(container: Self.context(#""runAsUser": 1000, "runAsNonRoot": true"#))
        #expect(
            Check.confinementNotInForce.told(node) == [
                Told(.undeclared, .minor, "runAsUser: declared 1000, actual 0"),
                Told(.undeclared, .minor, "runAsNonRoot: declared true, actual uid 0"),
            ])
        #expect(Check.confinementNotInForce.told(.quiet) == [])
        #expect(Check.confinementNotInForce.told(node.withoutAnswer) == [])
    }
}
