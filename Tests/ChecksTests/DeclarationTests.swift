import NodeModel
import TestSupport
import Testing

@testable import Checks

/// The API's word on what a container shares.
@Suite struct DeclarationTests {
    /// A share, the members of the API's pod that ask for it, and the check that tells of it.
    struct Share: CustomTestStringConvertible {
        var check: String
        var node: Node
        var container = ""
        var spec = ""

        var testDescription: String { check }
    }

    private static func adding(_ capability: String) -> Node {
        .quiet.changingBundle { $0.capabilities.formUnion(CapabilitySet.named([capability]).set) }
    }

    private static let mounting = Node.quiet.changing { node in
        node.mountTables[0].mounts.append(
            Mount(
                id: 710, parentID: 701, device: DeviceNumber(major: 259, minor: 1), root: "/etc/cron.d",
                mountPoint: "/host/cron", options: ["rw"], fileSystemType: "xfs", source: "/dev/nvme0n1p1"))
        node.containers[0].bundle?.mounts.append(
            BundleMount(destination: "/host/cron", type: "bind", source: "/etc/cron.d", options: ["rbind", "rw"]))
    }

    private static let privileged = Node.quiet.changingBundle {
        $0.capabilities = CapabilitySet(rawValue: 0x1FF_FFFF_FFFF)
        $0.allowsAllDevices = true
        $0.maskedPaths = []
        $0.readonlyPaths = []
        $0.hasSeccomp = false
    }

    static let shares = [
        Share(check: "host-pid-namespace", node: .quiet.sharingWithPod(.pid), spec: #""hostPID": true"#),
        Share(check: "host-network-namespace", node: .quiet.sharingWithPod(.network), spec: #""hostNetwork": true"#),
        Share(check: "host-ipc-namespace", node: .quiet.sharingWithPod(.ipc), spec: #""hostIPC": true"#),
        Share(
            check: "privileged", node: privileged, container: #""securityContext": {"privileged": true}"#),
        Share(
            check: "added-capability", node: adding("NET_ADMIN"),
            container: #""securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}"#),
        Share(
            check: "seccomp-unconfined", node: .quiet.changingBundle { $0.hasSeccomp = false },
            container: #""securityContext": {"seccompProfile": {"type": "Unconfined"}}"#),
        Share(
            check: "unmasked-proc",
            node: .quiet.changingBundle {
                $0.maskedPaths = []
                $0.readonlyPaths = []
            }, container: #""securityContext": {"procMount": "Unmasked"}"#),
        Share(
            check: "host-path-cron", node: mounting,
            container: #""volumeMounts": [{"name": "cron", "mountPath": "/host/cron"}]"#,
            spec: #""volumes": [{"name": "cron", "hostPath": {"path": "/etc/cron.d"}}]"#),
        Share(
            check: "host-device",
            node: .quiet.changingBundle {
                $0.devices = [BundleDevice(path: "/dev/sda", type: "b", number: DeviceNumber(major: 8, minor: 0))]
            }, container: #""volumeDevices": [{"name": "disk", "devicePath": "/dev/sda"}]"#),
    ]

    private func declarations(_ id: String, _ node: Node) throws -> [Declaration] {
        let check = try #require(Check.named(id))
        let index = NodeIndex(node)
        return check.evidence(index).map { check.declaration(of: $0, in: index) }
    }

    @Test(arguments: shares)
    func asked(share: Share) throws {
        let node = try share.node.declaring(container: share.container, spec: share.spec)
        #expect(try declarations(share.check, node) == [.declared])
    }

    @Test(arguments: shares)
    func notAsked(share: Share) throws {
        let confined = #""securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}"#
        let node = try share.node.declaring(container: confined)
        #expect(try declarations(share.check, node) == [.undeclared])
        let check = try #require(Check.named(share.check))
        #expect(check.evidence(NodeIndex(node)).map { check.contradictsAPI($0, in: NodeIndex(node)) } == [true])
    }

    @Test(arguments: shares)
    func apiNotAskedOrSilent(share: Share) throws {
        #expect(try declarations(share.check, share.node) == [.declaredByRuntime])
        #expect(try declarations(share.check, share.node.withoutAnswer) == [.unknown])
    }

    @Test(arguments: shares)
    func containerThatTheAPIDoesNotKnow(share: Share) throws {
        var node = try share.node.declaring(container: share.container, spec: share.spec)
        node.apiPods?.pods[0].status?.containerStatuses?[0].containerID = "containerd://other"
        #expect(try declarations(share.check, node) == [.unknown])
        node.apiPods?.pods = []
        #expect(try declarations(share.check, node) == [.unknown])
    }

    static let besideExtendedResources: [(id: String, declaration: Declaration)] = [
        ("host-path-cron", .undeclared), ("host-device", .declaredByRuntime),
    ]

    /// A device plugin adds devices and mounts that no pod names, and none that gives root on the node.
    @Test(arguments: besideExtendedResources)
    func extendedResources(id: String, declaration: Declaration) throws {
        let share = try #require(Self.shares.first { $0.check == id })
        let node = try share.node.declaring(container: #""resources": {"limits": {"nvidia.com/gpu": "1"}}"#)
        #expect(try declarations(id, node) == [declaration])
        let ordinary = try share.node.declaring(container: #""resources": {"limits": {"cpu": 1}}"#)
        #expect(try declarations(id, ordinary) == [.undeclared])
    }

    /// What no record asks for is an action: no specification makes it right.
    @Test func undeclaredStays() throws {
        let node = try Node.quiet.changingTask { $0.namespaces[.mount] = NodeIndex(.quiet).hostNamespace(.mount) }
            .declaring(spec: #""hostPID": true"#)
        #expect(try declarations("entered-host-mount-namespace", node) == [.undeclared])
    }
}
