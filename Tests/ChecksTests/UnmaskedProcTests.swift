import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct UnmaskedProcTests {
    private static let missing = "the record promises a read-only /proc/sys and the mounts have none"

    /// Another proc over the container's own, the old covers still in the table below it.
    static let covered = Node.quiet.changing { node in
        var proc = node.mountTables[0].mounts[1]
        (proc.id, proc.parentID) = (990, 702)
        node.mountTables[0].mounts.append(proc)
    }

    /// A part of the container's own proc mounted once more, as a raced mask or console leaves it.
    private static func mounting(
        _ root: String, at point: String, options: [String] = ["rw"], type: String = "proc", minor: UInt32 = 320
    ) -> Node {
        .quiet.changing { node in
            node.mountTables[0].mounts.append(
                Mount(
                    id: 991, parentID: 701, device: DeviceNumber(major: 0, minor: minor), root: root,
                    mountPoint: point, options: options, fileSystemType: type, source: "proc", superOptions: ["rw"]))
        }
    }

    /// The container has something of the node's mounted at `/x`.
    private static func binding(_ source: String, _ node: Node) -> Node {
        node.changingBundle {
            $0.mounts.append(BundleMount(destination: "/x", type: "bind", source: source, options: ["rbind"]))
        }
    }

    private static let root = "io.containerd.runtime.v2.task/k8s.io/\(QuietIDs.container)/rootfs"

    /// A procfs where the runtime mounts that of a container's root, below a directory of the node's at `/x`.
    private static func inRuntimeRoot(of directory: String) -> Node {
        binding(directory, mounting("/", at: "/x/\(root)/proc", minor: 340)).changing { node in
            var volume = node.host.mounts[0]
            (volume.id, volume.root, volume.mountPoint) = (993, directory, "/x")
            node.mountTables[0].mounts.append(volume)
            node.host.mounts.append(
                Mount(
                    id: 60, parentID: 24, device: DeviceNumber(major: 0, minor: 311), root: "/",
                    mountPoint: "/run/containerd/\(root)", fileSystemType: "overlay", source: "overlay"))
        }
    }

    /// A procfs of the container's own, with a cover of its settings that has these options.
    private static func whole(covered options: [String]) -> Node {
        mounting("/", at: "/tmp/p", minor: 340).changing { node in
            var cover = node.mountTables[0].mounts[5]
            (cover.id, cover.parentID, cover.mountPoint) = (992, 991, "/tmp/p/sys")
            cover.options = options
            node.mountTables[0].mounts.append(cover)
        }
    }

    /// The same, uncovered, in a mount namespace that a thread has made for itself.
    private static let threadsOwn = Node.quiet.changing { node in
        let own = NamespaceID(rawValue: 4_026_533_000)
        node.tasks[4].namespaces[.mount] = own
        let mounts = mounting("/", at: "/tmp/p", minor: 340).mountTables[0].mounts
        node.mountTables.append(MountTable(namespace: own, pid: 4101, mounts: mounts))
    }

    private static let stray = mounting("/sys/kernel/core_pattern", at: "/dev/console")

    /// The quiet node with another container, in which a masked path is covered.
    private static func covering(_ path: String) -> Node {
        .quiet.changing { node in
            var mounts = node.mountTables[0].mounts
            mounts.append(mounts[6])
            mounts[7].mountPoint = path
            node.mountTables.append(
                MountTable(namespace: NamespaceID(rawValue: 4_026_532_500), pid: 4000, mounts: mounts))
        }
    }

    private static func ownProc(_ point: String) -> Told {
        Told(.undeclared, .rootEquivalent, "/proc/sys is writable at \(point)")
    }

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("quiet", .quiet, []),
        (
            "all open", .quiet.changingBundle { ($0.maskedPaths, $0.readonlyPaths) = ([], []) },
            [Told(.declaredByRuntime, .rootEquivalent, "not covered: /proc/sys, /proc/kcore")]
        ),
        (
            "writable", .quiet.changingBundle { $0.readonlyPaths = ["/proc/bus"] },
            [Told(.declaredByRuntime, .rootEquivalent, "not covered: /proc/sys")]
        ),
        (
            "writable, not root",
            .quiet.changingBundle { ($0.readonlyPaths, $0.uid) = ([], 1000) },
            [Told(.declaredByRuntime, .partial, "not covered: /proc/sys")]
        ),
        (
            "writable, user unknown",
            .quiet.changingBundle { ($0.readonlyPaths, $0.uid) = ([], nil) },
            [Told(.declaredByRuntime, .partial, "not covered: /proc/sys")]
        ),
        (
            "masks gone", .quiet.changingBundle { $0.maskedPaths = [] },
            [Told(.declaredByRuntime, .partial, "not covered: /proc/kcore")]
        ),
        (
            "promise broken", .quiet.changing { $0.mountTables[0].mounts.remove(at: 5) },
            [Told(.undeclared, .rootEquivalent, missing)]
        ),
        (
            "made writable", .quiet.changing { $0.mountTables[0].mounts[5].options = ["rw"] },
            [Told(.undeclared, .rootEquivalent, missing)]
        ),
        ("another over it", covered, [Told(.undeclared, .rootEquivalent, missing)]),
        (
            "all of /proc read-only",
            .quiet.changing {
                $0.mountTables[0].mounts.remove(at: 5)
                $0.mountTables[0].mounts[1].options = ["ro"]
            }, []
        ),
        (
            "writable, root of its own",
            Node.quiet.withUserNamespace().changingBundle { $0.readonlyPaths = [] },
            [Told(.declaredByRuntime, .partial, "not covered: /proc/sys")]
        ),
        (
            "promise broken, root of its own",
            Node.quiet.withUserNamespace().changing { $0.mountTables[0].mounts.remove(at: 5) },
            [Told(.undeclared, .partial, missing)]
        ),
        (
            "a setting at the console", stray,
            [Told(.undeclared, .rootEquivalent, "/proc/sys/kernel/core_pattern is writable at /dev/console")]
        ),
        (
            "the request trigger over a mask", mounting("/sysrq-trigger", at: "/proc/kcore"),
            [Told(.undeclared, .rootEquivalent, "/proc/sysrq-trigger is writable at /proc/kcore")]
        ),
        (
            "a part of the settings in place", mounting("/sys/kernel", at: "/proc/sys/kernel"),
            [Told(.undeclared, .rootEquivalent, "/proc/sys/kernel is writable at /proc/sys/kernel")]
        ),
        (
            "two",
            stray.changing { node in
                var other = node.mountTables[0].mounts.removeLast()
                node.mountTables[0].mounts.append(other)
                (other.id, other.mountPoint) = (992, "/proc/keys")
                node.mountTables[0].mounts.append(other)
            },
            [
                Told(
                    .undeclared, .rootEquivalent, "/proc/sys/kernel/core_pattern is writable at /dev/console and 1 more"
                )
            ]
        ),
        ("a setting for everybody to read", mounting("/sys/kernel", at: "/x", options: ["ro"]), []),
        ("another file of proc", mounting("/sysvipc", at: "/x"), []),
        ("another file system", mounting("/sys/kernel", at: "/x", type: "tmpfs"), []),
        ("a volume", binding("/proc/sys", mounting("/sys/kernel", at: "/x/kernel", minor: 21)), []),
        ("a volume of all", binding("/", mounting("/", at: "/x/proc", minor: 21)), []),
        ("a procfs of its own", mounting("/", at: "/tmp/p", minor: 340), [ownProc("/tmp/p/sys")]),
        (
            "a procfs of its own in a volume", binding("/srv", mounting("/", at: "/x/p", minor: 340)),
            [ownProc("/x/p/sys")]
        ),
        ("that of its own root, which came with the node's directory", inRuntimeRoot(of: "/run/containerd"), []),
        (
            "a procfs of its own at such a place of another directory", inRuntimeRoot(of: "/srv"),
            [ownProc("/x/\(root)/proc/sys")]
        ),
        ("a procfs of its own, in a thread's mounts", threadsOwn, [ownProc("/tmp/p/sys")]),
        ("a procfs of its own to read", mounting("/", at: "/tmp/p", options: ["ro"], minor: 340), []),
        ("a procfs of its own, covered", whole(covered: ["ro"]), []),
        ("a procfs of its own, uncovered again", whole(covered: ["rw"]), [ownProc("/tmp/p/sys")]),
        (
            "a mask that another has", covering("/proc/keys"),
            [Told(.undeclared, .partial, "the record masks /proc/keys and the mounts do not")]
        ),
        ("a mask of nothing that is there", .quiet, []),
        ("a mask that was not asked for", covering("/proc/other"), []),
        ("a mask of a file system that is not there", covering("/sys/firmware"), []),
        ("no /proc", .quiet.changing { $0.mountTables[0].mounts = [] }, []),
        ("no table", .quiet.changing { $0.mountTables = [] }, []),
        ("no record", covered.changingContainer { $0.bundle = nil }, []),
        ("a setting of a privileged one", stray.privileged(), []),
        ("privileged", Node.quiet.privileged(), []),
    ]

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) { #expect(Check.unmaskedProc.told(node) == told) }
}
