import NodeModel
import TestSupport
import Testing

@testable import Checks

/// The mount table from public bug reports, with the node's disk mounted at its root.
@Suite(.enabled(if: SharedCase.isAvailable, "the shared cases are not here")) struct HostPathCaseTests {
    private struct Answer: Decodable {
        var mountID: UInt32
        var hostPath: Bool
    }

    static let disk = Mount(
        id: 22, parentID: 1, device: DeviceNumber(major: 259, minor: 1), root: "/", mountPoint: "/",
        fileSystemType: "xfs", source: "/dev/nvme0n1p1")

    /// The fields that these lines have, escapes undone.
    static func mount(_ line: String) throws -> Mount {
        let fields = line.split(separator: " ").map(unescaped)
        let hyphen = try #require(fields.dropFirst(6).firstIndex(of: "-"))
        let device = fields[2].split(separator: ":").compactMap { UInt32($0) }
        return Mount(
            id: try #require(UInt32(fields[0])), parentID: try #require(UInt32(fields[1])),
            device: DeviceNumber(major: device[0], minor: device[1]), root: fields[3], mountPoint: fields[4],
            options: fields[5].split(separator: ",").map(String.init), fileSystemType: fields[hyphen + 1],
            source: fields[hyphen + 2])
    }

    private static func unescaped(_ field: Substring) -> String {
        [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(field)) { text, escape in
            text.split(separator: escape.0, omittingEmptySubsequences: false).joined(separator: escape.1)
        }
    }

    @Test func column() throws {
        let shared = SharedCase("07-mountinfo-fields")
        let mounts = try shared.lines("mountinfo.txt").map { try Self.mount($0) }
        let answers = try shared.answers(as: Answer.self)
        #expect(answers.count == 7)
        let container = Node.quiet.containers[0]
        for answer in answers {
            let mount = try #require(mounts.first { $0.id == answer.mountID })
            for container in [container, nil] {
                let path = NodeIndex.hostPath(of: mount, hostMounts: [Self.disk], container: container)
                #expect((path != nil) == answer.hostPath, "\(answer.mountID)")
            }
        }
        let paths = mounts.map { NodeIndex.hostPath(of: $0, hostMounts: [Self.disk], container: container) }
        #expect(paths == [nil, nil, "/srv/my data", nil, nil, "/", "/opt/a\\b\tc\nd"])
    }

    private static let own = "/var/lib/kubelet/pods/\(QuietIDs.podUID)/volumes/kubernetes.io~csi/pv/mount"
    private static let other = "/var/lib/kubelet/pods/7c1e2c0a/volumes/kubernetes.io~csi/pv/mount"
    private static let stage = "/var/lib/kubelet/plugins/kubernetes.io/csi/ebs.csi.aws.com/1a/globalmount"

    static let volumes: [(name: String, points: [String], root: String, path: String?)] = [
        ("its own alone", [own], "/", nil),
        ("staged first", [stage, own], "/", nil),
        ("shared with another pod", [stage, other, own], "/", nil),
        ("a directory of it", [stage, own], "/data", nil),
        ("another pod's", [other], "/", other),
        ("another pod's, staged", [stage, other], "/x", stage + "/x"),
        // A local volume of the node's root is the node's root.
        ("mounted elsewhere too", ["/", own], "/", "/"),
        ("mounted elsewhere later", [own, "/mnt/disk"], "/", own),
        ("elsewhere alone", ["/mnt/disk"], "/a", "/mnt/disk/a"),
        ("not on the node", [], "/", nil),
    ]

    /// A disk that several mounts of the node show.
    @Test(arguments: volumes)
    func volume(name: String, points: [String], root: String, path: String?) {
        let device = DeviceNumber(major: 259, minor: 7)
        let table = points.map {
            Mount(id: 1, parentID: 1, device: device, root: "/", mountPoint: $0, fileSystemType: "ext4", source: "x")
        }
        let mount = Mount(
            id: 2, parentID: 1, device: device, root: root, mountPoint: "/data", fileSystemType: "ext4", source: "x")
        let container = Node.quiet.containers[0]
        #expect(NodeIndex.hostPath(of: mount, hostMounts: [Self.disk] + table, container: container) == path)
    }

    static let overlays: [(name: String, host: String, at: String, path: String?)] = [
        ("a container's root", "/run/containerd/io.containerd.runtime.v2.task/k8s.io/x/rootfs", "/", nil),
        ("a part of it", "/run/containerd/io.containerd.runtime.v2.task/k8s.io/x/rootfs", "/again", nil),
        ("docker's", "/var/lib/docker/overlay2/x/merged", "/", nil),
        // The node itself may run on an overlay.
        ("the node's root", "/", "/host", "/"),
        ("the node's /etc", "/etc", "/host", "/etc"),
    ]

    @Test(arguments: overlays)
    func overlay(name: String, host: String, at point: String, path: String?) {
        let device = DeviceNumber(major: 0, minor: 99)
        let make = { (point: String) in
            Mount(
                id: 1, parentID: 1, device: device, root: "/", mountPoint: point, fileSystemType: "overlay",
                source: "overlay")
        }
        var container = Node.quiet.containers[0]
        container.rootDevice = device
        #expect(NodeIndex.hostPath(of: make(point), hostMounts: [make(host)], container: container) == path)
    }

    static let roots: [(path: String, hostPath: String?)] = [
        ("/", "/"), ("/var/log", "/var/log"),
        ("/var/lib/containerd/io.containerd.snapshotter.v1.btrfs/active/7", nil),
        ("/var/lib/docker/vfs/dir/1a", nil),
        ("/var/lib/docker/volumes/x", "/var/lib/docker/volumes/x"),
    ]

    /// Only a snapshot is a container's own root; any other directory there is the node's.
    @Test(arguments: roots)
    func rootOfAContainer(path: String, hostPath: String?) {
        var mount = Self.disk
        mount.root = path
        let found = NodeIndex.hostPath(of: mount, hostMounts: [Self.disk], container: Node.quiet.containers[0])
        #expect(found == hostPath)
    }

    static let parts: [(path: String, parts: [String])] = [
        ("", []), ("/", []), ("//", []), ("/./", []), ("/..", []), ("/a//b/", ["a", "b"]), ("/a/../b", ["b"]),
        ("/var/run/x", ["run", "x"]), ("/var/run", ["run"]), ("/var/run/..", []), ("/var/./run/../etc", ["etc"]),
        ("/var/../var/run", ["run"]), ("/x/var/run", ["x", "var", "run"]), ("/var/runner", ["var", "runner"]),
        ("/...", ["..."]), ("/lib/modules", ["usr", "lib", "modules"]), ("/lib/..", ["usr"]),
        ("/srv/lib", ["srv", "lib"]),
    ]

    @Test(arguments: parts)
    func components(path: String, parts: [String]) { #expect(PathParts(path).parts.map(String.init) == parts) }
}

/// A privileged pod with `hostUsers: false`, from public bug reports.
@Suite struct PrivilegedInUserNamespaceTests {
    static let node = Node.quiet.withUserNamespace().privileged()

    @Test func isToldAsPrivileged() {
        #expect(Check.all.filter { !$0.found(Self.node).isEmpty }.map(\.technique.id) == ["privileged"])
        #expect(Check.privileged.found(Self.node).map(\.declaration) == [.declaredByRuntime])
    }

    /// Full capabilities inside say nothing about the node, whatever the record grants.
    @Test func capabilitiesInside() {
        let node = Self.node.changingBundle { $0.capabilities = .runtimeDefault }
        #expect(Check.capabilitiesBeyondBundle.found(node) == [])
    }
}
