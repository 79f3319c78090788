import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HostPathVolumeTests {
    private static let claim = #""volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]"#
    private static let mount = #""volumeMounts": [{"name": "v", "mountPath": "/data"}]"#

    /// A disk that the node has at a place of its own, mounted in the container, and by the kubelet at `volume`.
    private static func disk(_ volume: String?) throws -> Node {
        let device = DeviceNumber(major: 259, minor: 7)
        return try HostPathMountsTests.mounting("/", at: "/data", device: device).changing { node in
            for (number, point) in (["/opt/disk"] + [volume].compactMap { $0 }).enumerated() {
                var mount = node.host.mounts[0]
                (mount.id, mount.device, mount.root, mount.mountPoint) = (UInt32(60 + number), device, "/", point)
                node.host.mounts.append(mount)
            }
        }.declaring(container: mount, spec: claim)
    }

    private static let volumes = "/var/lib/kubelet/pods/\(QuietIDs.podUID)/volumes"

    static let rows: [(volume: String?, declaration: Declaration, verdict: ComparedItem.Verdict)] = [
        ("\(volumes)/kubernetes.io~local-volume/pv", .declaredByRuntime, .unknown),
        ("/var/lib/kubelet/pods/7c1e2c0a/volumes/kubernetes.io~local-volume/pv", .undeclared, .notDeclared),
        (nil, .undeclared, .notDeclared),
    ]

    /// A local volume may lie anywhere on the node, and the kubelet has it in the pod's directory too.
    @Test(arguments: rows)
    func claim(volume: String?, declaration: Declaration, verdict: ComparedItem.Verdict) throws {
        let index = NodeIndex(try Self.disk(volume))
        let check = try #require(Check.named("host-path-binaries"))
        let evidence = try #require(check.evidence(index).first)
        #expect(evidence.detail == "/opt/disk at /data, writable")
        #expect(evidence.values["volume"] == (declaration == .undeclared ? nil : volume.map { .text($0) }))
        #expect(check.declaration(of: evidence, in: index) == declaration)
        #expect(index.comparison(of: 0)?.map(\.verdict) == [verdict])
    }
}
