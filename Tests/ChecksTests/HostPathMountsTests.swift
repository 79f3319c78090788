import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HostPathMountsTests {
    /// The quiet container with one more mount of the node's disk, asked for or not.
    static func mounting(
        _ path: String, at point: String = "/host", options: [String] = ["rw"], isDeclared: Bool = true,
        device: DeviceNumber = DeviceNumber(major: 259, minor: 1), type: String = "xfs"
    ) -> Node {
        .quiet.changing { node in
            let id = UInt32(800 + node.mountTables[0].mounts.count)
            node.mountTables[0].mounts.append(
                Mount(
                    id: id, parentID: 701, device: device, root: path, mountPoint: point, options: options,
                    fileSystemType: type, source: "/dev/nvme0n1p1", superOptions: ["rw"]))
            if isDeclared {
                node.containers[0].bundle?.mounts.append(
                    BundleMount(destination: point, type: "bind", source: path, options: ["rbind"] + options))
            }
        }
    }

    /// Everything that the checks of mounted paths say: `id weight detail`.
    static func all(_ node: Node) -> [String] {
        let index = NodeIndex(node)
        return Check.hostPaths.flatMap { check in
            check.evidence(index).map {
                "\(check.technique.id) \(($0.weight ?? check.technique.weight).rawValue) \($0.declaration.rawValue) \($0.detail)"
            }
        }
    }

    static let places: [(path: String, id: String, writable: Weight, readOnly: Weight)] = [
        ("/", "root", .rootEquivalent, .partial),
        ("/var/run/docker.sock", "runtime-socket", .rootEquivalent, .rootEquivalent),
        ("/srv/containerd.sock", "runtime-socket", .rootEquivalent, .rootEquivalent),
        ("/run/containerd", "runtime-socket", .rootEquivalent, .rootEquivalent),
        ("/etc", "etc", .rootEquivalent, .partial),
        ("/etc/shadow", "etc", .rootEquivalent, .partial),
        ("/etc/cron.d", "cron", .rootEquivalent, .partial),
        ("/etc/cron.weekly", "cron", .rootEquivalent, .partial),
        ("/var/spool/at", "cron", .rootEquivalent, .minor),
        ("/etc/kubernetes/manifests", "static-pods", .rootEquivalent, .partial),
        ("/root/.ssh", "home", .rootEquivalent, .partial),
        ("/var/lib/kubelet", "kubelet", .rootEquivalent, .partial),
        ("/var/lib/kubelet/pki", "kubelet", .rootEquivalent, .partial),
        ("/var/lib/amazon/ssm", "ssm", .rootEquivalent, .partial),
        ("/var/lib/amazon/ssm/i-1/document", "ssm", .rootEquivalent, .partial),
        ("/var/lib/containerd", "runtime-state", .rootEquivalent, .partial),
        ("/usr/bin", "binaries", .rootEquivalent, .minor),
        ("/run/netns", "network-namespaces", .partial, .partial),
        ("/var/run/netns/cni-1", "network-namespaces", .partial, .partial),
        ("/opt/cni/bin", "cni", .rootEquivalent, .minor),
        ("/var/log/pods", "log", .partial, .minor),
        ("/dev/nvme0n1", "disk", .rootEquivalent, .rootEquivalent),
        ("/dev", "dev", .rootEquivalent, .partial),
        ("/dev/fuse", "dev", .partial, .minor),
        ("/dev/shm", "dev", .partial, .minor),
        ("/dev/mem", "disk", .rootEquivalent, .rootEquivalent),
        ("/srv/data", "other", .minor, .minor),
        // Names that only look like those of a place.
        // A combining mark makes one character of itself and the separator.
        ("/etc/\u{301}x", "etc", .rootEquivalent, .partial),
        ("/etcetera", "other", .minor, .minor),
        ("/var/lib/kubelet2", "other", .minor, .minor),
        ("/var/logs", "other", .minor, .minor),
        ("/rootless", "other", .minor, .minor),
        ("/run2/containerd", "other", .minor, .minor),
        ("/srv/docker.sock.bak", "other", .minor, .minor),
        ("/srv/dev/nvme0n1", "other", .minor, .minor),
    ]

    @Test(arguments: places)
    func place(path: String, id: String, writable: Weight, readOnly: Weight) throws {
        let told = Self.all(Self.mounting(path))
        #expect(
            told == ["host-path-\(id) \(writable.rawValue) declared-by-runtime \(path) at /host, writable"])
        let weights = Check.hostPaths.flatMap { $0.found(Self.mounting(path, options: ["ro"])) }.map(\.weight)
        #expect(weights == [readOnly])
    }

    static let parents: [(path: String, writable: Weight, readOnly: Weight, below: String)] = [
        ("/var", .rootEquivalent, .partial, "/var/spool/cron"),
        ("/var/lib", .rootEquivalent, .partial, "/var/lib/kubelet"),
        ("/var/spool", .rootEquivalent, .minor, "/var/spool/cron"),
        ("/run", .rootEquivalent, .rootEquivalent, "/run/containerd"),
        ("/run/k3s", .rootEquivalent, .rootEquivalent, "/run/k3s/containerd"),
    ]

    /// A directory above sensitive places is none of them.
    @Test(arguments: parents)
    func parent(path: String, writable: Weight, readOnly: Weight, below: String) throws {
        let node = Self.mounting(path)
        #expect(
            Self.all(node) == [
                "host-path-other \(writable.rawValue) declared-by-runtime \(path) at /host, writable, with \(below) in it"
            ])
        let evidence = Check.hostPaths.flatMap { $0.found(Self.mounting(path, options: ["ro"])) }
        #expect(evidence.map(\.weight) == [readOnly])
        guard case .list(let reached)? = evidence.first?.values["reaches"] else { Issue.record("no places"); return }
        #expect(reached.first == "host-path-other" && reached.count > 1)
    }

    /// A volume that led out of the pod's own directory when the runtime mounted it (CVE-2021-30465).
    @Test(
        arguments: zip(
            ["/etc", "/", "/var/lib/kubelet/pods/\(QuietIDs.podUID)/volumes/kubernetes.io~empty-dir/data/x"],
            [
                ["host-path-etc root-equivalent undeclared /etc at /data, writable"],
                ["host-path-root root-equivalent undeclared / at /data, writable"], [],
            ]))
    func volumeElsewhere(root: String, told: [String]) { #expect(Self.all(Self.subPath(root)) == told) }

    private static let subPath = "/var/lib/kubelet/pods/\(QuietIDs.podUID)/volume-subpaths/data/web/0"

    /// The quiet container, with something of the node's disk where its record has a subPath of a volume.
    private static func subPath(_ root: String) -> Node {
        mounting(root, at: "/data", isDeclared: false).changingBundle { bundle in
            bundle.mounts.append(
                BundleMount(destination: "/data", type: "bind", source: subPath, options: ["rbind", "rw"]))
        }
    }

    /// A subPath that led out of its volume when the kubelet mounted it (CVE-2017-1002101, CVE-2021-25741), and one of a
    /// hostPath: the node has the same mount for both, and the API tells which was asked for.
    @Test(arguments: [(#"{"emptyDir": {}}"#, Declaration.undeclared), (#"{"hostPath": {"path": "/"}}"#, .declared)])
    func subPathOfTheKubelet(volume: String, declaration: Declaration) throws {
        let node = Self.subPath("/etc").changing { node in
            var mount = node.host.mounts[0]
            (mount.id, mount.root, mount.mountPoint) = (900, "/etc", Self.subPath)
            node.host.mounts.append(mount)
        }
        #expect(Self.all(node).map { $0.hasPrefix("host-path-etc root-equivalent declared-by-runtime /etc") } == [true])
        let asking = try node.declaring(
            container: #""volumeMounts": [{"name": "data", "mountPath": "/data", "subPath": "etc"}]"#,
            spec: #""volumes": [{"name": "data", \#(volume.dropFirst().dropLast())}]"#)
        let index = NodeIndex(asking)
        let found = Check.hostPaths.flatMap { check in
            check.evidence(index).map { check.declaration(of: $0, in: index) }
        }
        #expect(found == [declaration])
    }

    @Test func undeclared() {
        #expect(
            Self.all(Self.mounting("/", isDeclared: false))
                == ["host-path-root root-equivalent undeclared / at /host, writable"])
        #expect(
            Self.all(Self.mounting("/").changingContainer { $0.bundle = nil })
                .contains("host-path-root root-equivalent unknown / at /host, writable"))
    }

    @Test func values() throws {
        let evidence = try #require(Check.hostPaths.flatMap { $0.found(Self.mounting("/etc")) }.first)
        #expect(evidence.key == "/host" && evidence.container == 0 && evidence.task?.pid == 4100)
        #expect(evidence.values["readOnly"] == .flag(false) && evidence.values["path"] == .text("/etc"))
        guard case .list(let reached)? = evidence.values["reaches"] else { Issue.record("no places"); return }
        #expect(reached.first == "host-path-etc" && reached.contains("host-path-cron"))
    }

    /// The pod of the API has a volume for another path at the same place.
    @Test func anotherPathThanAskedFor() throws {
        let node = try Self.mounting("/").declaring(
            container: #""volumeMounts": [{"name": "v", "mountPath": "/host"}]"#,
            spec: #""volumes": [{"name": "v", "hostPath": {"path": "/opt/cni/bin"}}]"#)
        let index = NodeIndex(node)
        let check = try #require(Check.named("host-path-root"))
        let evidence = try #require(check.evidence(index).first)
        #expect(evidence.detail == "/ at /host, writable, where the pod asks for /opt/cni/bin")
        #expect(evidence.values["asked"] == .text("/opt/cni/bin"))
        #expect(check.declaration(of: evidence, in: index) == .undeclared)
        #expect(
            index.comparison(of: 0) == [
                ComparedItem(
                    .hostPath("/opt/cni/bin"), declared: "writable", actual: "writable /", verdict: .notDeclared)
            ])
    }

    /// Of mounts within one another the innermost says what is asked for, wherever it stands in the specification.
    @Test(arguments: [
        (["/host/w", ""], ["/host", ", \"readOnly\": true"], ComparedItem.Verdict.asDeclared),
        (["/host/w", ", \"readOnly\": true"], ["/host", ""], .notInForce),
        (["/host", ", \"readOnly\": true"], ["/host/w", ""], .asDeclared),
    ])
    func mountBelowAnother(
        first: [String], second: [String], verdict: ComparedItem.Verdict
    ) throws {
        let mounts = [first, second].map { mount in
            #"{"name": "\#(mount[0] == "/host" ? "root" : "w")", "mountPath": "\#(mount[0])"\#(mount[1])}"#
        }
        let node = try Self.mounting("/srv/w", at: "/host/w").declaring(
            container: #""volumeMounts": [\#(mounts.joined(separator: ", "))]"#,
            spec: #"""
                "volumes": [{"name": "w", "hostPath": {"path": "/srv/w"}}, {"name": "root", "hostPath": {"path": "/"}}]
                """#)
        let items = try #require(NodeIndex(node).comparison(of: 0))
        #expect(items.filter { $0.field == .hostPath("/srv/w") }.map(\.verdict) == [verdict])
    }

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

    static let kernel: [(name: String, minor: UInt32, type: String, point: String, entry: String)] = [
        ("/proc of a hostPID pod", 21, "proc", "/proc", "proc"),
        ("a cover of it", 21, "proc", "/proc/bus", "proc"),
        ("/sys of a hostNetwork pod", 22, "sysfs", "/sys", "sysfs"),
        ("cgroup version 1", 30, "cgroup", "/sys/fs/cgroup/memory", "cgroup"),
        ("cgroup version 2", 31, "cgroup2", "/sys/fs/cgroup", "cgroup"),
        ("the console", 32, "devpts", "/dev/console", "tmpfs"),
    ]

    /// What a container shares with the node because it shares the namespace behind it is no mount of the node's tree.
    @Test(arguments: kernel)
    func kernelFileSystems(name: String, minor: UInt32, type: String, point: String, entry: String) {
        let device = DeviceNumber(major: 0, minor: minor)
        let node = Node.quiet.sharingWithPod(.pid).changing { node in
            node.host.mounts.append(
                Mount(
                    id: 70, parentID: 22, device: device, root: "/", mountPoint: "/x", fileSystemType: type, source: "x"
                ))
        }.changingBundle { bundle in
            let destination =
                point.hasPrefix("/sys/fs/cgroup") ? "/sys/fs/cgroup" : "/" + point.split(separator: "/")[0]
            bundle.mounts.removeAll { $0.destination == destination }
            bundle.mounts.append(BundleMount(destination: destination, type: entry, source: entry))
        }.adding("/", at: point, device, type: type)
        #expect(Self.all(node) == [])
        // The same anywhere else is.
        let moved = node.changing { $0.mountTables[0].mounts[$0.mountTables[0].mounts.count - 1].mountPoint = "/mnt" }
        #expect(Self.all(moved).count == 1)
    }

    private static let id = QuietIDs.container
    private static let pods = "/kubepods/burstable/pod0d15f723"

    /// Mounts of a container without a record: what it shares with the host, and whether it is told.
    static let withoutRecord: [(type: String, root: String, point: String, shares: NamespaceKind?, isTold: Bool)] = [
        ("cgroup", "\(pods)/\(id)", "/sys/fs/cgroup/memory", nil, false),
        ("cgroup", "/", "/sys/fs/cgroup/memory", nil, true),
        ("cgroup", "/", "/sys/fs/cgroup/memory", .cgroup, true),
        ("cgroup", "\(pods)/\(id)", "/mnt", nil, true),
        ("cgroup2", "\(pods)/crio-\(id).scope", "/sys/fs/cgroup", nil, false),
        ("cgroup2", "/", "/sys/fs/cgroup", nil, true),
        ("cgroup2", "/", "/sys/fs/cgroup", .cgroup, false),
        ("sysfs", "/", "/sys", nil, true),
        ("sysfs", "/", "/sys", .network, false),
        ("sysfs", "/", "/host/sys", .network, true),
        ("proc", "/", "/proc", nil, true),
        ("proc", "/", "/proc", .pid, false),
        ("proc", "/sys", "/proc/sys", .pid, false),
        ("mqueue", "/", "/dev/mqueue", .ipc, false),
        ("mqueue", "/", "/dev/mqueue", nil, true),
        ("tmpfs", "/", "/dev/shm", .ipc, false),
        ("tmpfs", "/", "/dev/shm", nil, true),
        ("tmpfs", "/", "/dev", .ipc, true),
        ("devpts", "/3", "/dev/console", nil, false),
        ("devpts", "/", "/dev/pts", nil, true),
        ("devtmpfs", "/null", "/dev/null", nil, false),
        ("devtmpfs", "/sda", "/dev/sda", nil, true),
        ("xfs", "/run/containers/storage/overlay-containers/\(id)/userdata/hostname", "/etc/hostname", nil, false),
        ("xfs", "/run/containers/storage/overlay-containers/\(id)/userdata", "/etc/hostname", nil, true),
    ]

    /// Where no record says what the runtime mounted, what every container has is not told; the node's own is.
    @Test(arguments: withoutRecord)
    func noRecord(type: String, root: String, point: String, shares: NamespaceKind?, isTold: Bool) {
        let device = DeviceNumber(major: 0, minor: 77)
        let node = Node.quiet.changingContainer { $0.bundle = nil }.changing { node in
            node.host.mounts.append(
                Mount(
                    id: 70, parentID: 22, device: device, root: "/",
                    mountPoint: type == "tmpfs" ? "/dev/shm" : type == "xfs" ? "/" : "/x", fileSystemType: type,
                    source: "x"))
            node.mountTables[0].mounts = [
                Mount(
                    id: 71, parentID: 701, device: device, root: root, mountPoint: point, fileSystemType: type,
                    source: "x")
            ]
            guard let shares else { return }
            for index in 3...4 { node.tasks[index].namespaces[shares] = NamespaceSet.host[shares] }
        }
        #expect(Self.all(node).map { $0.contains(" unknown ") } == (isTold ? [true] : []), "\(Self.all(node))")
        // One task that joined the host's namespace does not make the container's mounts its own.
        let joined = node.changing { $0.tasks[4].namespaces = Node.quiet.tasks[4].namespaces }
        if shares != nil { #expect(Self.all(joined).count == 1) }
    }

    /// Whatever is declared at /dev/shm is no shared memory for that.
    @Test func rootAtSharedMemory() {
        let node = Self.mounting("/", at: "/dev/shm").changing { $0.mountTables = [] }
        #expect(Self.all(node) == ["host-path-root root-equivalent declared-by-runtime / at /dev/shm, writable"])
    }

    /// A first process that changed its root sees, and shows, only what is below it.
    @Test func changedRoot() {
        let node = Self.mounting("/var/log", at: "/host").changing { node in
            node.mountTables[0].mounts.removeAll { $0.mountPoint != "/host" }
            node.mountTables[0].mounts[0].mountPoint = "/"
        }
        #expect(
            Self.all(node).contains { $0.hasPrefix("host-path-log partial") && $0.contains("/var/log at /") })
        let empty = Self.mounting("/").changing { $0.mountTables[0].mounts = [] }
        #expect(Self.all(empty) == ["host-path-root root-equivalent declared-by-runtime / at /host, writable"])
    }

    /// A mount that only a second mount namespace of the container has.
    @Test func secondMountNamespace() {
        let second = NamespaceID(rawValue: 4_026_539_000)
        let node = Node.quiet.changing { node in
            let disk = Mount(
                id: 950, parentID: 901, device: DeviceNumber(major: 259, minor: 1), root: "/", mountPoint: "/mnt",
                options: ["rw"], fileSystemType: "xfs", source: "/dev/nvme0n1p1")
            node.tasks[4].namespaces[.mount] = second
            node.mountTables.append(MountTable(namespace: second, pid: 4101, mounts: Mount.quietContainer + [disk]))
        }
        #expect(Self.all(node) == ["host-path-root root-equivalent undeclared / at /mnt, writable"])
    }

    /// The table of a namespace that is another container's says nothing of this one.
    @Test func tableOfAnother() {
        let theirs = NamespaceID(rawValue: 4_026_532_710)
        let node = Node.twoPods.changing { node in
            node.tasks[4].namespaces[.mount] = theirs
            var root = Mount.quietContainer[0]
            root.device = DeviceNumber(major: 0, minor: 411)
            let disk = Mount(
                id: 950, parentID: 901, device: DeviceNumber(major: 259, minor: 1), root: "/", mountPoint: "/mnt",
                options: ["rw"], fileSystemType: "xfs", source: "/dev/nvme0n1p1")
            node.mountTables.append(MountTable(namespace: theirs, pid: 5100, mounts: [root, disk]))
        }
        let evidence = Check.hostPaths.flatMap { $0.found(node) }
        #expect(evidence.map(\.container) == [2])
    }

    /// A sandbox that somebody made by hand in another's pod is told of for what it mounts.
    @Test func sandbox() {
        let node = Node.quiet.changingSandbox {
            $0.bundle?.mounts = [BundleMount(destination: "/host", type: "bind", source: "/", options: ["rbind"])]
        }
        #expect(Self.all(node) == ["host-path-root root-equivalent declared-by-runtime / at /host, writable"])
    }
}

extension Node {
    /// One more mount that no record asks for.
    func adding(
        _ path: String, at point: String, _ device: DeviceNumber = DeviceNumber(major: 259, minor: 1),
        type: String = "xfs"
    ) -> Node {
        changing { node in
            node.mountTables[0].mounts.append(
                Mount(
                    id: 990, parentID: 701, device: device, root: path, mountPoint: point, options: ["rw"],
                    fileSystemType: type, source: "x", superOptions: ["rw"]))
        }
    }
}
