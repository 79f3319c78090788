import NodeModel
import PodSecurity
import TestSupport
import Testing

@testable import Checks

/// Root file systems of containers, which the runtime mounts on the node, in another container.
@Suite struct ContainerRootTests {
    private static let task = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"
    private static let other = DeviceNumber(major: 0, minor: 499)

    private static func overlay(_ device: DeviceNumber, at point: String, root: String = "/") -> Mount {
        Mount(
            id: 60, parentID: 24, device: device, root: root, mountPoint: point, options: ["rw"],
            fileSystemType: "overlay", source: "overlay")
    }

    /// The quiet node with the roots of the quiet container and of another one mounted where runtimes do.
    private static func node(other place: String = "\(task)/c3c3/rootfs") -> Node {
        .quiet.changing {
            $0.host.mounts += [
                overlay(DeviceNumber(major: 0, minor: 311), at: "\(task)/\(QuietIDs.container)/rootfs"),
                overlay(other, at: place),
            ]
        }
    }

    /// The other's root, or a directory in it, mounted into the quiet container.
    private static func mounting(
        _ path: String = "/", of node: Node = node(), at point: String = "/host", isReadonly: Bool = false,
        isDeclared: Bool = true
    ) -> Node {
        node.changing { node in
            var mount = overlay(other, at: point, root: path)
            mount.options = [isReadonly ? "ro" : "rw"]
            node.mountTables[0].mounts.append(mount)
            guard isDeclared else { return }
            node.containers[0].bundle?.mounts.append(
                BundleMount(destination: point, type: "bind", source: "/x", options: ["rbind"] + mount.options))
        }
    }

    private static let docker = node(other: "/var/lib/docker/overlay2/1a2b/merged")
    private static let weight = "host-path-runtime-state root-equivalent"

    static let told: [(name: String, node: Node, told: [String])] = [
        ("its own", node(), []),
        (
            "another's", mounting(), ["\(weight) declared-by-runtime \(task)/c3c3/rootfs at /host, writable"]
        ),
        (
            "a directory in it", mounting("/etc"),
            ["\(weight) declared-by-runtime \(task)/c3c3/rootfs/etc at /host, writable"]
        ),
        (
            "read-only", mounting(isReadonly: true),
            ["host-path-runtime-state partial declared-by-runtime \(task)/c3c3/rootfs at /host, read-only"]
        ),
        (
            "nobody asked for it", mounting(isDeclared: false),
            ["\(weight) undeclared \(task)/c3c3/rootfs at /host, writable"]
        ),
        (
            "docker's", mounting(of: docker),
            ["\(weight) declared-by-runtime /var/lib/docker/overlay2/1a2b/merged at /host, writable"]
        ),
        (
            "its own root is not known", mounting(of: node().changingContainer { $0.rootDevice = nil }),
            ["\(weight) declared-by-runtime \(task)/c3c3/rootfs at /host, writable"]
        ),
        (
            "a process that made it its root",
            mounting(of: node().changing { $0.mountTables[0].mounts.removeFirst() }, at: "/", isDeclared: false),
            ["\(weight) undeclared \(task)/c3c3/rootfs at /, writable"]
        ),
        (
            "no process to look at",
            node().changingBundle {
                $0.mounts = [
                    BundleMount(destination: "/host", type: "bind", source: "\(task)/c3c3/rootfs", options: ["ro"])
                ]
            }.changing { $0.mountTables = [] },
            ["host-path-runtime-state partial declared-by-runtime \(task)/c3c3/rootfs at /host, read-only"]
        ),
    ]

    @Test(arguments: told)
    func evidence(name: String, node: Node, told: [String]) { #expect(HostPathMountsTests.all(node) == told) }

    /// The node's directory at `/host`, and each root at the same place below, as a recursive bind leaves them.
    private static func along(_ path: String, _ options: [String] = ["ro"]) -> Node {
        let isRun = path == "/run"
        let device = isRun ? DeviceNumber(major: 0, minor: 25) : DeviceNumber(major: 259, minor: 1)
        let top = HostPathMountsTests.mounting(isRun ? "/" : path, options: options, device: device)
        return top.changing { node in
            node.host.mounts += Self.node().host.mounts.suffix(2)
            let below = { (mount: Mount) in "/host" + mount.mountPoint.dropFirst(isRun ? 4 : 0) }
            node.mountTables[0].mounts += node.host.mounts.suffix(2).map { overlay($0.device, at: below($0)) }
        }
    }

    /// They come with every mount of the node's `/` and `/run`, and that is told already.
    @Test(arguments: ["/", "/run"])
    func cameAlong(path: String) {
        let node = Self.along(path)
        let quiet = node.changing { $0.mountTables[0].mounts.removeLast(2) }
        for known in [{ $0 }, { $0.changingContainer { $0.bundle = nil } }] as [@Sendable (Node) -> Node] {
            #expect(HostPathMountsTests.all(known(node)) == HostPathMountsTests.all(known(quiet)))
            #expect(HostPathMountsTests.all(known(node)).contains { $0.contains("at /host, read-only") })
            #expect(Check.hostPathWritableSubmount.found(known(node)) == [])
        }
    }

    /// The same mount elsewhere below, or asked for by itself, did not come along.
    @Test func besideWhatCameAlong() {
        let moved = Self.along("/").changing {
            $0.mountTables[0].mounts[$0.mountTables[0].mounts.count - 1].mountPoint = "/host/x"
        }
        #expect(
            HostPathMountsTests.all(moved).contains(
                "\(Self.weight) undeclared \(Self.task)/c3c3/rootfs at /host/x, writable"))
        let point = "/host\(Self.task)/c3c3/rootfs"
        let asked = Self.along("/").changingBundle {
            $0.mounts.append(BundleMount(destination: point, type: "bind", source: "/x", options: ["rbind"]))
        }
        #expect(
            HostPathMountsTests.all(asked).contains(
                "\(Self.weight) declared-by-runtime \(Self.task)/c3c3/rootfs at \(point), writable"))
    }

    @Test func level() {
        #expect(PodReview.all(of: Self.node()).map(\.actualLevel) == [.baseline])
        #expect(PodReview.all(of: Self.mounting()).map(\.actualLevel) == [.privileged])
    }
}
