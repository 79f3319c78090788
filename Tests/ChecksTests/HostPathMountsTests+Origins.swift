import NodeModel
import TestSupport
import Testing

@testable import Checks

/// Mounts that came another way than by the record: by the node itself, by hooks, later, through links.
extension HostPathMountsTests {
    /// The kubelet's directory is on a data disk, and bound to where it belongs.
    @Test func boundOnTheNode() throws {
        let node = try Self.mounting("/disk/kubelet").changing { node in
            var bound = node.host.mounts[0]
            (bound.id, bound.root, bound.mountPoint) = (30, "/disk/kubelet", "/var/lib/kubelet")
            node.host.mounts.append(bound)
        }.declaring(
            container: #""volumeMounts": [{"name": "v", "mountPath": "/host"}]"#,
            spec: #""volumes": [{"name": "v", "hostPath": {"path": "/var/lib/kubelet"}}]"#)
        let index = NodeIndex(node)
        let check = try #require(Check.named("host-path-kubelet"))
        let evidence = try #require(check.evidence(index).first)
        #expect(evidence.weight == .rootEquivalent && evidence.detail == "/var/lib/kubelet at /host, writable")
        #expect(evidence.values["otherPaths"] == .list(["/disk/kubelet"]))
        #expect(check.declaration(of: evidence, in: index) == .declared)
    }

    private static let localDisk = DeviceNumber(major: 9, minor: 0)

    /// What the container mounts of a local disk, of which the node has directories where they belong, and what of them
    /// is in it.
    static let partsOfDisk: [(root: String, told: String)] = [
        ("/", "other root-equivalent declared-by-runtime /disks/0 at /host, writable, with /var/lib/kubelet in it"),
        (
            "/state",
            "other root-equivalent declared-by-runtime /disks/0/state at /host, writable, with /var/lib/containerd in it"
        ),
        ("/containerd", "runtime-state root-equivalent declared-by-runtime /var/lib/containerd at /host, writable"),
        ("/state2", "other minor declared-by-runtime /disks/0/state2 at /host, writable"),
        ("/volumes", "other minor declared-by-runtime /disks/0/volumes at /host, writable"),
    ]

    private static func mountingPart(_ root: String) -> Node {
        mounting(root, device: localDisk).changing { node in
            for (number, (root, point)) in [
                ("/", "/disks/0"), ("/kubelet", "/var/lib/kubelet"), ("/containerd", "/var/lib/containerd"),
                ("/state/containerd", "/var/lib/containerd"),
                ("/volumes/a", "/var/lib/kubelet/pods/7c1e/volumes/kubernetes.io~local-volume/a"),
                ("/volumes/b", "/var/lib/kubelet/plugins/x/globalmount"),
            ].enumerated() {
                var mount = node.host.mounts[0]
                (mount.id, mount.device, mount.root, mount.mountPoint) = (UInt32(90 + number), localDisk, root, point)
                node.host.mounts.append(mount)
            }
        }
    }

    @Test(arguments: partsOfDisk)
    func partOfALocalDisk(root: String, told: String) {
        #expect(Self.all(Self.mountingPart(root)) == ["host-path-" + told])
    }

    /// Read-only it is worth as much as its parts are, and came along below another directory as well.
    @Test func localDiskBelow() {
        let node = Self.mountingPart("/").changing { node in
            let last = node.mountTables[0].mounts.count - 1
            node.mountTables[0].mounts[last].mountPoint = "/host/0"
            var top = node.host.mounts[0]
            (top.id, top.root, top.mountPoint) = (799, "/disks", "/host")
            node.mountTables[0].mounts.insert(top, at: last)
            let entry = (node.containers[0].bundle?.mounts.count ?? 1) - 1
            node.containers[0].bundle?.mounts[entry].source = "/disks"
        }
        #expect(
            Self.all(node) == [
                "host-path-other root-equivalent declared-by-runtime /disks at /host, writable, with /var/lib/kubelet in it"
            ])
        let readOnly = Self.mountingPart("/").changing { node in
            let last = node.mountTables[0].mounts.count - 1
            node.mountTables[0].mounts[last].options = ["ro"]
        }
        #expect(Check.hostPaths.flatMap { $0.found(readOnly) }.map(\.weight) == [.partial])
    }

    private static func mounting(_ files: [String], options: [String] = ["ro"], hooks: [String]? = nil) -> Node {
        Node.quiet.changing { node in
            for (number, file) in files.enumerated() {
                var mount = node.host.mounts[0]
                (mount.id, mount.root, mount.mountPoint) = (UInt32(900 + number), file, "/files/\(number)")
                mount.options = options
                node.mountTables[0].mounts.append(mount)
            }
            node.containers[0].bundle?.hooks = hooks
        }
    }

    private static let driver = ["/usr/bin/nvidia-smi", "/usr/lib64/libcuda.so.1", "/lib/firmware/nvidia/gsp.bin"]

    /// A driver's files, which a hook of the runtime mounts one by one.
    @Test func programsOfAHook() throws {
        let told = "/usr/bin/nvidia-smi at /files/0 and 2 more, read-only, not in the record"
        #expect(Self.all(Self.mounting(Self.driver)) == ["host-path-binaries minor undeclared \(told)"])
        let node = Self.mounting(Self.driver, hooks: ["/usr/bin/nvidia-container-runtime-hook"])
        #expect(
            Self.all(node) == [
                "host-path-binaries minor declared-by-runtime \(told), which has the hook "
                    + "/usr/bin/nvidia-container-runtime-hook"
            ])
        let index = NodeIndex(try node.declaring())
        let check = try #require(Check.named("host-path-binaries"))
        #expect(check.evidence(index).map { check.declaration(of: $0, in: index) } == [.declaredByRuntime])
    }

    private static let hook = "/usr/bin/nvidia-container-runtime-hook"

    /// The quiet container with one mount of a kind that NVIDIA's hook makes.
    private static func ofDriver(_ path: String, isWritable: Bool = false, hook: String?) -> Node {
        Node.quiet.changing { node in
            let isProc = path.hasPrefix("/proc/")
            let device = isProc ? DeviceNumber(major: 0, minor: 21) : node.host.mounts[0].device
            if isProc {
                node.host.mounts.append(
                    Mount(
                        id: 70, parentID: 22, device: device, root: "/", mountPoint: "/proc", fileSystemType: "proc",
                        source: "proc"))
            }
            node.mountTables[0].mounts.append(
                Mount(
                    id: 900, parentID: 701, device: device, root: isProc ? String(path.dropFirst(5)) : path,
                    mountPoint: path, options: [isWritable ? "rw" : "ro"], fileSystemType: isProc ? "proc" : "xfs",
                    source: "x"))
            node.containers[0].bundle?.hooks = hook.map { [$0] }
        }
    }

    /// Mounts that a driver's hook makes, and what they are without one.
    static let driverMounts: [(path: String, isWritable: Bool, without: String)] = [
        ("/proc/driver/nvidia/gpus/0000:00:1e.0", false, "host-path-proc minor"),
        ("/proc/driver/nvidia/capabilities/gpu0/mig/gi1/access", false, "host-path-proc minor"),
        ("/dev/nvidia0", false, "host-path-dev minor"), ("/dev/nvidia-caps", true, "host-path-dev partial"),
        ("/run/nvidia-persistenced/socket", true, "host-path-other minor"),
        ("/run/nvidia-fabricmanager/socket", true, "host-path-other minor"),
        ("/tmp/nvidia-mps", true, "host-path-other minor"),
    ]

    @Test(arguments: driverMounts)
    func mountOfADriver(path: String, isWritable: Bool, without: String) {
        let mode = isWritable ? "writable" : "read-only"
        let told = "\(without) undeclared \(path) at \(path), \(mode)"
        for other in [nil, "/proc/900/exe", "/tmp/nvidia-container-runtime-hook"] {
            #expect(Self.all(Self.ofDriver(path, isWritable: isWritable, hook: other)) == [told])
        }
        #expect(
            Self.all(Self.ofDriver(path, isWritable: isWritable, hook: Self.hook)) == [
                "host-path-binaries minor declared-by-runtime \(path) at \(path)\(isWritable ? "" : ", read-only"), "
                    + "not in the record, which has the hook \(Self.hook)"
            ])
    }

    /// No hook of a driver mounts these.
    static let noDriverMounts: [(path: String, isWritable: Bool, told: String)] = [
        ("/proc/driver/nvidia/registry", true, "host-path-proc root-equivalent"),
        ("/proc/1/environ", false, "host-path-proc partial"), ("/proc/driver", false, "host-path-proc minor"),
        ("/proc", false, "host-path-proc partial"), ("/dev/nvme0n1", false, "host-path-disk root-equivalent"),
        ("/dev", false, "host-path-dev partial"), ("/run/nvidia", true, "host-path-other minor"),
        ("/etc/nvidia", false, "host-path-etc partial"),
    ]

    @Test(arguments: noDriverMounts)
    func noMountOfADriver(path: String, isWritable: Bool, told: String) {
        let mode = isWritable ? "writable" : "read-only"
        let node = Self.ofDriver(path, isWritable: isWritable, hook: Self.hook)
        #expect(Self.all(node) == ["\(told) undeclared \(path) at \(path), \(mode)"])
    }

    /// What is writable, a whole directory of programs, or elsewhere is told by itself, whatever hooks there are.
    @Test func noProgramsOfAHook() {
        #expect(Self.all(Self.mounting(Self.driver, options: ["rw"], hooks: ["/hook"])).count == 3)
        #expect(
            Self.all(Self.mounting(["/usr/lib", "/usr", "/opt/x/y"], hooks: ["/hook"])) == [
                "host-path-binaries minor undeclared /usr/lib at /files/0, read-only",
                "host-path-binaries minor undeclared /usr at /files/1, read-only",
                "host-path-binaries minor undeclared /opt/x/y at /files/2, read-only",
            ])
    }

    /// Without a mount table the record alone tells.
    @Test func recordAlone() {
        let node = Self.mounting("/").changing { $0.mountTables = [] }
        #expect(Self.all(node) == ["host-path-root root-equivalent declared-by-runtime / at /host, writable"])
        let around = Self.mounting("/var/run/..").changing { $0.mountTables = [] }
        #expect(
            Self.all(around) == ["host-path-root root-equivalent declared-by-runtime /var/run/.. at /host, writable"])
    }

    static let around: [(source: String, id: String)] = [
        ("//", "root"), ("/.", "root"), ("/../..", "root"), ("/srv/..", "root"), ("/var/run/..", "root"),
        ("/etc/../srv", "other"), ("/srv/../etc", "etc"), ("/var//run/./docker.sock", "runtime-socket"),
        ("/var/lib/kubelet/pods/\(QuietIDs.podUID)/volumes/../../../../..", "other"),
        ("/run/containerd/io.containerd.grpc.v1.cri/sandboxes/\(QuietIDs.sandbox)/shm/../../../../../..", "root"),
    ]

    /// The runtime takes what stands in the record as a path, with every step back in it.
    @Test(arguments: around)
    func wayAround(source: String, id: String) {
        let node = Self.mounting(source).changing { $0.mountTables = [] }
        #expect(Check.hostPaths.filter { !$0.found(node).isEmpty }.map(\.technique.id) == ["host-path-\(id)"])
    }

    static let silent: [(name: String, path: String, point: String)] = [
        ("its own volume", "/var/lib/kubelet/pods/\(QuietIDs.podUID)/volumes/kubernetes.io~empty-dir/x", "/x"),
        ("its own sub-path", "/var/lib/kubelet/pods/\(QuietIDs.podUID)/volume-subpaths/x/web/0", "/x"),
        ("its own log", "/var/lib/kubelet/pods/\(QuietIDs.podUID)/containers/web/1a2b", "/dev/termination-log"),
        (
            "its own sandbox's file",
            "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/\(QuietIDs.sandbox)/hostname", "/etc/hostname"
        ),
        ("docker's file", "/var/lib/docker/containers/\(QuietIDs.sandbox)/resolv.conf", "/etc/resolv.conf"),
        (
            "a volume of the image",
            "/var/lib/containerd/io.containerd.grpc.v1.cri/containers/\(QuietIDs.container)/volumes/ab", "/data"
        ),
    ]

    @Test(arguments: silent)
    func ownFiles(name: String, path: String, point: String) {
        #expect(Self.all(Self.mounting(path, at: point)) == [])
        #expect(Self.all(Self.mounting(path, at: point).changing { $0.mountTables = [] }) == [])
    }

    static let foreign: [(name: String, path: String, id: String)] = [
        ("another pod's volume", "/var/lib/kubelet/pods/7c1e2c0a/volumes/kubernetes.io~secret/key", "kubelet"),
        ("its pod's whole directory", "/var/lib/kubelet/pods/\(QuietIDs.podUID)", "kubelet"),
        ("all pods", "/var/lib/kubelet/pods", "kubelet"),
        (
            "another sandbox's file", "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/d4d4/resolv.conf",
            "runtime-state"
        ),
        (
            "something else of its sandbox",
            "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/\(QuietIDs.sandbox)", "runtime-state"
        ),
        ("a look-alike", "/srv/sandboxes/\(QuietIDs.sandbox)/shm", "other"),
        ("another look-alike", "/srv/containers/\(QuietIDs.container)/volumes", "other"),
        ("pods elsewhere", "/srv/pods/\(QuietIDs.podUID)/volumes/x", "other"),
    ]

    @Test(arguments: foreign)
    func filesOfOthers(name: String, path: String, id: String) {
        let ids = Check.hostPaths.filter { !$0.found(Self.mounting(path)).isEmpty }.map(\.technique.id)
        #expect(ids == ["host-path-\(id)"])
    }

    /// A container that belongs to no pod has no volumes of its own.
    @Test func plainContainer() {
        let path = "/var/lib/kubelet/pods/7c1e2c0a/volumes/kubernetes.io~secret/key"
        let node = Self.mounting(path).changingContainer {
            $0.kind = .plain
            $0.pod = nil
            $0.sandboxID = nil
        }
        #expect(Self.all(node).contains { $0.hasPrefix("host-path-kubelet root-equivalent") && $0.contains(path) })
    }

    /// A mount that came along, and one that somebody made below it afterwards.
    @Test func belowADeclaredMount() {
        let run = DeviceNumber(major: 0, minor: 25)
        let node = Self.mounting("/", options: ["ro"]).changing { node in
            node.mountTables[0].mounts.append(
                Mount(
                    id: 901, parentID: 900, device: run, root: "/", mountPoint: "/host/run", options: ["rw"],
                    fileSystemType: "tmpfs", source: "tmpfs"))
        }
        // The runtime's socket came along, read-only or not.
        #expect(Self.all(node) == ["host-path-root root-equivalent declared-by-runtime / at /host, read-only"])
        #expect(
            Check.hostPathWritableSubmount.told(node) == [
                Told(.declaredByRuntime, nil, "/run at /host/run, below /host")
            ])
        #expect(Check.hostPathWritableSubmount.told(Self.mounting("/")) == [])
        #expect(Check.hostPathWritableSubmount.told(Self.mounting("/", options: ["ro"])) == [])
    }

    /// The node's root shows the container's own root as the runtime mounts it, with the mounts that were there by then.
    @Test func ownRootBelowTheNodes() {
        let tracing = DeviceNumber(major: 0, minor: 40)
        let own = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(QuietIDs.container)/rootfs"
        let node = Self.mounting("/", options: ["ro"]).changing { node in
            node.host.mounts.append(
                Mount(
                    id: 301, parentID: 27, device: tracing, root: "/", mountPoint: "/sys/kernel/tracing",
                    fileSystemType: "tracefs", source: "tracefs"))
        }
        let seen = node.adding("/", at: "/host\(own)/sys/kernel/tracing", tracing, type: "tracefs")
        // Only where the container has the same at its place is it the runtime's.
        let both = seen.adding("/", at: "/sys/kernel/tracing", tracing, type: "tracefs")
        #expect(Self.all(seen).count == 2)
        #expect(
            Self.all(both) == [
                "host-path-root partial declared-by-runtime / at /host, read-only",
                "host-path-sys partial undeclared /sys/kernel/tracing at /sys/kernel/tracing, writable",
            ])
    }

    /// The node's /dev brings its /dev/shm along, which the runtime covers with the pod's own.
    @Test func coveredMount() {
        let shm = DeviceNumber(major: 0, minor: 26)
        let node = Self.mounting("/", at: "/dev", device: DeviceNumber(major: 0, minor: 5), type: "devtmpfs")
            .changing { node in
                node.host.mounts.append(
                    Mount(
                        id: 29, parentID: 28, device: shm, root: "/", mountPoint: "/dev/shm", fileSystemType: "tmpfs",
                        source: "tmpfs"))
                let cover = node.mountTables[0].mounts.remove(at: 4)
                node = node.adding("/", at: "/dev/shm", shm, type: "tmpfs")
                node.mountTables[0].mounts.append(cover)
            }
        #expect(Self.all(node) == ["host-path-dev root-equivalent declared-by-runtime /dev at /dev, writable"])
    }

    static let elsewhere: [(path: String, told: String)] = [
        ("/srv", "host-path-other root-equivalent declared-by-runtime /srv at /host, writable, with / in it"),
        ("/var/log", "host-path-log root-equivalent declared-by-runtime /var/log at /host, writable, with / in it"),
        ("/etc", "host-path-etc root-equivalent declared-by-runtime /etc at /host, writable, with / in it"),
    ]

    /// The node has its `/` bound below the directory: whoever mounts that has both.
    @Test(arguments: elsewhere)
    func boundBelowOnTheNode(path: String, told: String) {
        let node = Self.mounting(path).adding("/", at: "/host/x").changing { node in
            node.host.mounts.append(
                Mount(
                    id: 300, parentID: 24, device: DeviceNumber(major: 259, minor: 1), root: "/",
                    mountPoint: "\(path)/x", fileSystemType: "xfs", source: "/dev/nvme0n1p1"))
        }
        #expect(Self.all(node) == [told])
    }

    static let late: [(name: String, node: Node)] = [
        ("below a volume", mounting("/", at: "/etc/hosts/x", isDeclared: false)),
        (
            "below a declared directory",
            mounting("/srv/data", at: "/data").adding("/etc", at: "/data/x")
        ),
        ("below shared memory", sharedMemory.adding("/", at: "/dev/shm/x")),
        ("below the container's /proc", .quiet.adding("/", at: "/proc/acpi")),
        (
            "the node's /proc below its own",
            .quiet.adding("/", at: "/proc/acpi", DeviceNumber(major: 0, minor: 21), type: "proc")
        ),
        (
            "the node's /sys below its /dev",
            .quiet.changingBundle { $0.mounts.append(BundleMount(destination: "/dev", type: "tmpfs")) }
                .adding("/", at: "/dev/x", DeviceNumber(major: 0, minor: 22), type: "sysfs")
        ),
    ]

    static let sharedMemory = Node.quiet.sharingWithPod(.ipc).changingBundle { bundle in
        bundle.mounts.removeAll { $0.destination == "/dev/shm" }
        bundle.mounts.append(
            BundleMount(destination: "/dev/shm", type: "bind", source: "/dev/shm", options: ["rbind"]))
    }

    /// What nobody declared is undeclared wherever it is put.
    @Test(arguments: late)
    func mountedLater(name: String, node: Node) {
        #expect(Self.all(node).filter { $0.contains(" undeclared ") }.count == 1, "\(Self.all(node))")
    }

    /// Records name links, the mount table names what stands behind them.
    @Test func declaredThroughALink() {
        let node = Node.quiet.adding("/usr/lib/modules", at: "/usr/lib/modules").changingBundle {
            $0.mounts.append(
                BundleMount(destination: "/lib/modules", type: "bind", source: "/lib/modules", options: ["rbind"]))
        }
        #expect(
            Self.all(node) == [
                "host-path-binaries root-equivalent declared-by-runtime /usr/lib/modules at /usr/lib/modules, writable"
            ])
    }

    /// A volume of a pod that is gone, still mounted in a container that sees the whole node.
    @Test func staleVolume() {
        let share = DeviceNumber(major: 0, minor: 55)
        let pods = "/var/lib/kubelet/pods"
        let node = Self.mounting("/").changing { node in
            node.host.mounts.append(
                Mount(
                    id: 60, parentID: 22, device: share, root: "/", mountPoint: "\(pods)/b/volumes/csi/x",
                    fileSystemType: "nfs4", source: "fs:/"))
        }.adding("/", at: "/host\(pods)/a/volumes/csi/x", share, type: "nfs4")
        #expect(Self.all(node) == ["host-path-root root-equivalent declared-by-runtime / at /host, writable"])
    }

    /// A container in the host's IPC namespace gets the host's /dev/shm; nobody else does.
    @Test func hostSharedMemory() {
        let shm = DeviceNumber(major: 0, minor: 26)
        let withHost = { (node: Node) in
            node.changing {
                $0.host.mounts.append(
                    Mount(
                        id: 29, parentID: 28, device: shm, root: "/", mountPoint: "/dev/shm", options: ["rw"],
                        fileSystemType: "tmpfs", source: "tmpfs"))
                $0.mountTables[0].mounts[4].device = shm
            }
        }
        #expect(Self.all(withHost(Self.sharedMemory)) == [])
        #expect(Self.all(withHost(Self.sharedMemory).changing { $0.mountTables = [] }) == [])
        let hostPath = Self.sharedMemory.changing { $0.containers[1].bundle = .quietSandbox }
        let expected = ["host-path-dev partial declared-by-runtime /dev/shm at /dev/shm, writable"]
        #expect(Self.all(withHost(hostPath)) == expected)
        #expect(Self.all(withHost(hostPath).changing { $0.mountTables = [] }) == expected)
    }
}
