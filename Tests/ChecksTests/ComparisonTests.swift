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

    private static let kvm = BundleDevice(path: "/dev/kvm", type: "c", number: DeviceNumber(major: 10, minor: 232))
    private static let disk = BundleDevice(path: "/dev/xvdb", type: "b", number: DeviceNumber(major: 202, minor: 16))
    private static let plugin = #""resources": {"limits": {"example.com/device": "1"}}"#

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
            name: "seccomp that allows by default",
            container: context(#""seccompProfile": {"type": "RuntimeDefault"}"#),
            change: bundle {
                $0.hasSeccomp = false
                $0.openSeccomp = .denyList
            },
            expected: ComparedItem(
                .seccompProfile, declared: "RuntimeDefault", actual: "deny-list", verdict: .notInForce)),
        Row(
            name: "the pod's processes", change: { $0 = $0.changingEntry(.pid, "/proc/4000/ns/pid") },
            expected: ComparedItem(.shareProcessNamespace, declared: nil, actual: "true", verdict: .notDeclared)),
        Row(
            name: "the pod's processes as asked", spec: #""shareProcessNamespace": true"#,
            change: { $0 = $0.changingEntry(.pid, "/proc/4000/ns/pid") },
            expected: ComparedItem(.shareProcessNamespace, declared: "true", actual: "true", verdict: .asDeclared)),
        Row(
            name: "processes not shared", spec: #""shareProcessNamespace": true"#,
            expected: ComparedItem(.shareProcessNamespace, declared: "true", actual: "false", verdict: .notInForce)),
        Row(
            name: "AppArmor", container: context(#""appArmorProfile": {"type": "RuntimeDefault"}"#),
            expected: ComparedItem(
                .appArmorProfile, declared: "RuntimeDefault", actual: "Unconfined", verdict: .notInForce)),
        Row(
            name: "another AppArmor profile",
            container: context(#""appArmorProfile": {"type": "Localhost", "localhostProfile": "mine"}"#),
            change: bundle { $0.appArmorProfile = "cri-containerd.apparmor.d" },
            expected: ComparedItem(
                .appArmorProfile, declared: "Localhost mine", actual: "cri-containerd.apparmor.d", verdict: .notInForce)
        ),
        Row(
            name: "SELinux off", container: context(#""seLinuxOptions": {"type": "container_t", "level": "s0"}"#),
            expected: ComparedItem(
                .seLinuxOptions, declared: "type=container_t level=s0", actual: "no label", verdict: .notInForce)),
        Row(
            name: "another SELinux level", spec: context(#""seLinuxOptions": {"level": "s0:c1,c2"}"#),
            change: bundle { $0.selinuxLabel = "system_u:system_r:container_t:s0:c1,c3" },
            expected: ComparedItem(
                .seLinuxOptions, declared: "level=s0:c1,c2", actual: "system_u:system_r:container_t:s0:c1,c3",
                verdict: .notInForce)),
        Row(
            name: "the container's SELinux type before the pod's",
            container: context(#""seLinuxOptions": {"type": "container_init_t"}"#),
            spec: context(#""seLinuxOptions": {"type": "container_t"}"#),
            change: bundle { $0.selinuxLabel = "system_u:system_r:container_t:s0" },
            expected: ComparedItem(
                .seLinuxOptions, declared: "type=container_init_t", actual: "system_u:system_r:container_t:s0",
                verdict: .notInForce)),
        Row(
            name: "malformed label", container: context(#""seLinuxOptions": {"type": "container_t"}"#),
            change: bundle { $0.selinuxLabel = "x:y:container_t" },
            expected: ComparedItem(
                .seLinuxOptions, declared: "type=container_t", actual: "x:y:container_t", verdict: .notInForce)),
        Row(
            name: "SELinux without a record", container: context(#""seLinuxOptions": {"type": "container_t"}"#),
            change: { $0.containers[0].bundle = nil },
            expected: ComparedItem(.seLinuxOptions, declared: "type=container_t", actual: nil, verdict: .unknown)),
        Row(
            name: "runtime class", spec: #""runtimeClassName": "gvisor""#,
            expected: ComparedItem(
                .runtimeClassName, declared: "gvisor", actual: "containerd-shim-runc-v2", verdict: .unknown)),
        Row(
            name: "drop", container: context(#""capabilities": {"drop": ["NET_RAW"]}"#),
            expected: ComparedItem(
                .droppedCapabilities, declared: "CAP_NET_RAW", actual: "held", verdict: .notInForce)),
        Row(
            name: "drop out of all that is added",
            container: context(#""capabilities": {"add": ["ALL"], "drop": ["SYS_ADMIN"]}"#),
            change: bundle { $0.capabilities = CapabilitySet.named(["NET_ADMIN"]).set },
            expected: ComparedItem(
                .addedCapabilities, declared: "CAP_NET_ADMIN", actual: "CAP_NET_ADMIN", verdict: .asDeclared)),
        Row(
            name: "add after all is dropped",
            container: context(#""capabilities": {"add": ["ALL", "NET_ADMIN"], "drop": ["all"]}"#),
            change: bundle { $0.capabilities = CapabilitySet.named(["NET_ADMIN"]).set },
            expected: ComparedItem(
                .addedCapabilities, declared: "CAP_NET_ADMIN", actual: "CAP_NET_ADMIN", verdict: .asDeclared)),
        Row(
            name: "all dropped and one kept", container: context(#""capabilities": {"drop": ["ALL"]}"#),
            change: bundle { $0.capabilities = CapabilitySet.named(["CHOWN"]).set },
            expected: ComparedItem(
                .droppedCapabilities, declared: "CAP_CHOWN", actual: "held", verdict: .notInForce)),
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
            name: "device", change: bundle { $0.devices = [kvm] },
            expected: ComparedItem(.device("/dev/kvm"), declared: nil, actual: "c 10:232", verdict: .notDeclared)),
        Row(
            name: "device that a plugin may hand out", container: plugin, change: bundle { $0.devices = [kvm] },
            expected: ComparedItem(.device("/dev/kvm"), declared: nil, actual: "c 10:232", verdict: .unknown)),
        Row(
            name: "device that a resource driver may hand out",
            container: #""resources": {"claims": [{"name": "gpu"}]}"#, change: bundle { $0.devices = [kvm] },
            expected: ComparedItem(.device("/dev/kvm"), declared: nil, actual: "c 10:232", verdict: .unknown)),
        Row(
            name: "disk that no plugin hands out", container: plugin, change: bundle { $0.devices = [disk] },
            expected: ComparedItem(.device("/dev/xvdb"), declared: nil, actual: "b 202:16", verdict: .notDeclared)),
        Row(
            name: "disk of a volume", container: #""volumeDevices": [{"name": "v", "devicePath": "/dev/xvdb"}]"#,
            change: bundle { $0.devices = [disk] },
            expected: ComparedItem(
                .device("/dev/xvdb"), declared: "volumeDevices", actual: "b 202:16", verdict: .asDeclared)),
        Row(
            name: "device of docker's", change: bundle { $0.devices = [BundleDevice(path: "/dev/kvm")] },
            expected: ComparedItem(.device("/dev/kvm"), declared: nil, actual: "given", verdict: .notDeclared)),
        Row(
            name: "every device", container: plugin, change: bundle { $0.allowsAllDevices = true },
            expected: ComparedItem(.device("*"), declared: nil, actual: "every device", verdict: .notDeclared)),
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
            name: "debug container in the host's PID namespace", container: #""targetContainerName": "web""#,
            spec: #""hostPID": true"#, change: { $0 = $0.sharingWithPod(.pid) },
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
            name: "host port as asked", container: #""ports": [{"containerPort": 80, "hostPort": 8080}]"#,
            change: { $0.containers[1].hostPorts = [8080] },
            expected: ComparedItem(.hostPorts, declared: "8080", actual: "8080", verdict: .asDeclared)),
        Row(
            name: "host port that no network plugin maps",
            container: #""ports": [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 9, "hostPort": 53}]"#,
            change: { $0.containers[1].hostPorts = [53] },
            expected: ComparedItem(.hostPorts, declared: "53, 8080", actual: "53", verdict: .notInForce)),
        Row(
            name: "host port that nobody asked for", change: { $0.containers[1].hostPorts = [22, 8443] },
            expected: ComparedItem(.hostPorts, declared: nil, actual: "22, 8443", verdict: .notDeclared)),
        Row(
            name: "settings of the kernel that stand open", change: bundle { $0.readonlyPaths = [] },
            expected: ComparedItem(.unmaskedProc, declared: nil, actual: "true", verdict: .notDeclared)),
        Row(
            name: "sysctl", spec: context(#""sysctls": [{"name": "net/core/somaxconn", "value": "1024"}]"#),
            change: { $0.containers[1].bundle?.sysctls = ["net.core.somaxconn": "128"] },
            expected: ComparedItem(.sysctl("net.core.somaxconn"), declared: "1024", actual: "128", verdict: .notInForce)
        ),
        Row(
            name: "sysctl with a dot in a part",
            spec: context(#""sysctls": [{"name": "net/ipv4/conf/eth0.7/forwarding", "value": "1"}]"#),
            change: { $0.containers[1].bundle?.sysctls = ["net.ipv4.conf.eth0/7.forwarding": "0"] },
            expected: ComparedItem(
                .sysctl("net.ipv4.conf.eth0/7.forwarding"), declared: "1", actual: "0", verdict: .notInForce)),
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

    /// Profiles and labels that are as asked for, or that nobody misses.
    @Test(
        arguments: [
            (#""seLinuxOptions": {"type": "spc_t"}"#, bundle { _ in }),
            (#""seLinuxOptions": {"type": ""}"#, bundle { _ in }),
            (
                #""seLinuxOptions": {"user": "u", "role": "r", "type": "t", "level": "s0:c1,c2"}"#,
                bundle { $0.selinuxLabel = "u:r:t:s0:c1,c2" }
            ),
            (
                #"""
                "seLinuxOptions": {"type": "container_t"}, "privileged": true, "procMount": "Default",
                "seccompProfile": {"type": "RuntimeDefault"}, "appArmorProfile": {"type": "RuntimeDefault"}
                """#,
                bundle {
                    $0.capabilities = .all
                    $0.hasSeccomp = false
                    $0.maskedPaths = []
                    $0.allowsAllDevices = true
                    $0.devices = [disk]
                }
            ),
            (
                #""seLinuxOptions": {"type": ""}"#,
                bundle {
                    $0.devices = [
                        BundleDevice(path: "/dev/null", type: "c", number: DeviceNumber(major: 1, minor: 3))
                    ]
                }
            ),
            (
                #""appArmorProfile": {"type": "Localhost", "localhostProfile": "mine"}"#,
                bundle { $0.appArmorProfile = "mine" }
            ),
            (#""appArmorProfile": {"type": "RuntimeDefault"}"#, bundle { $0.appArmorProfile = "any" }),
            (#""appArmorProfile": {"type": "Unconfined"}"#, bundle { _ in }),
        ] as [(String, @Sendable (inout Node) -> Void)])
    func nothingMissing(members: String, change: @Sendable (inout Node) -> Void) throws {
        let node = try Node.quiet.declaring(container: Self.context(members)).changing(change)
        let items = try #require(NodeIndex(node).comparison(of: 0))
        #expect(items.filter { $0.verdict != .asDeclared } == [])
    }

    @Test func everythingKept() throws {
        let node = try Node.quiet.declaring(
            container: Self.context(
                #""allowPrivilegeEscalation": false, "seccompProfile": {"type": "RuntimeDefault"}, "runAsUser": 0"#))
        #expect(NodeIndex(node).comparison(of: 0) == [])
        #expect(NodeIndex(.quiet).comparison(of: 0) == nil)
        #expect(NodeIndex(node).comparison(of: 1) == nil)
    }

    @Test func undeclaredSettings() throws {
        let node = try Node.quiet.declaring(container: #""ports": [{"hostPort": 80}]"#).changing {
            $0.containers[1].hostPorts = [22, 80]
            $0.containers[1].bundle?.sysctls = ["kernel.msgmax": "1"]
        }
        #expect(
            Check.undeclaredSetting.told(node) == [
                Told(.undeclared, nil, "hostPorts: 22"), Told(.undeclared, nil, "sysctl kernel.msgmax: 1"),
            ])
        #expect(Check.undeclaredSetting.told(.quiet) == [] && Check.undeclaredSetting.told(node.withoutAnswer) == [])
    }

    /// No kubelet of today reads the annotation.
    @Test func seccompAnnotation() throws {
        let metadata = #""annotations": {"seccomp.security.alpha.kubernetes.io/pod": "runtime/default"}"#
        let node = try Node.quiet.declaring(metadata: metadata).changingBundle { $0.hasSeccomp = false }
        #expect(NodeIndex(node).comparison(of: 0) == [])
    }

    @Test func findings() throws {
        let node = try Node.quiet.declaring(container: Self.context(#""runAsUser": 1000, "runAsNonRoot": true"#))
        #expect(
            Check.confinementNotInForce.told(node) == [
                Told(.undeclared, .minor, "runAsUser: declared 1000, actual 0"),
                Told(.undeclared, .minor, "runAsNonRoot: declared true, actual uid 0"),
            ])
        #expect(Check.confinementNotInForce.told(.quiet) == [])
        // Nobody is the worse for it.
        #expect(
            Check.confinementNotInForce.told(try Node.quiet.declaring(spec: #""shareProcessNamespace": true"#)) == [])
        #expect(Check.confinementNotInForce.told(node.withoutAnswer) == [])
    }
}
