import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HeldHostFilesTests {
    private static let disk = DeviceNumber(major: 259, minor: 1)
    private static let ownRoot = FileIdentity(
        mount: 701, device: DeviceNumber(major: 0, minor: 311), inode: 5, kind: .directory)

    /// A file of the node's root file system, through a mount; 22 is the node's own, the others are the container's.
    private static func file(
        _ inode: UInt64, through mount: UInt32, _ kind: FileIdentity.Kind = .directory, reach: String? = nil
    ) -> FileIdentity {
        FileIdentity(mount: mount, device: disk, inode: inode, kind: kind, reach: reach)
    }

    private static let ownVolume = "/var/lib/kubelet/pods/\(QuietIDs.podUID)/volumes/kubernetes.io~empty-dir/data"

    /// The quiet node, where the first process of the container holds its own root and what is changed of that.
    ///
    /// The container has the node's `/usr`, `/etc`, `/` and `/opt` mounted.
    private static func holding(_ change: (inout TaskFiles) -> Void) -> Node {
        .quiet.changing { node in
            var files = TaskFiles(
                task: node.tasks[3].key, root: ownRoot, workingDirectory: ownRoot,
                program: FileIdentity(mount: 701, device: ownRoot.device, inode: 9, kind: .regular))
            change(&files)
            node.taskFiles = [files]
            node.host.files = [HostFile(path: "/", file: file(2, through: 22))]
            node.host.files?.append(HostFile(path: "/etc", file: file(3, through: 22)))
            node.host.disks = [disk, DeviceNumber(major: 259, minor: 0)]
            node.host.diskControls = [DeviceNumber(major: 242, minor: 0)]
            for (id, root, point) in [
                (710, "/usr", "/node"), (711, "/etc", "/host-etc"), (712, "/", "/host"), (713, "/opt", "/host-opt"),
            ] as [(UInt32, String, String)] {
                node.mountTables[0].mounts.append(
                    Mount(
                        id: id, parentID: 701, device: disk, root: root, mountPoint: point, fileSystemType: "xfs",
                        source: "/dev/nvme0n1p1"))
            }
        }
    }

    /// The same without the mounts of the node, which a detached one may have been made of.
    private static func straying(_ change: (inout TaskFiles) -> Void) -> Node {
        holding(change).changing { $0.mountTables[0].mounts.removeLast(4) }
    }

    private static func running(_ path: String, through mount: UInt32) -> Node {
        holding {
            $0.program = file(50, through: mount, .regular)
            $0.programPath = path
        }
    }

    /// Holds the node's own runc by a mount that was detached, as runc does itself.
    private static let runtime = straying {
        $0.program = file(50, through: 999, .regular, reach: "/usr/sbin/runc")
    }

    /// The node's `/var/lib/kubelet` is `/kubelet` of a local disk that it has elsewhere as well, and the container holds it
    /// open through a mount of a part of that disk.
    private static func localDisk(_ root: String) -> Node {
        let device = DeviceNumber(major: 9, minor: 0)
        let directory = FileIdentity(mount: 715, device: device, inode: 4, kind: .directory)
        func mount(_ id: UInt32, _ root: String, _ point: String) -> Mount {
            Mount(
                id: id, parentID: 22, device: device, root: root, mountPoint: point, fileSystemType: "xfs",
                source: "/dev/md0")
        }
        return holding { $0.open = [open(directory, "/host/var/lib/kubelet")] }.changing { node in
            node.host.files?.append(HostFile(path: "/var/lib/kubelet", file: directory))
            node.host.mounts += [mount(90, "/", "/mnt/k8s-disks/0"), mount(91, "/kubelet", "/var/lib/kubelet")]
            node.mountTables[0].mounts.append(mount(715, root == "/" ? "/kubelet" : root, "/host/var/lib/kubelet"))
        }
    }

    /// The container may open files by their handles, and has `/usr` and `/etc` of the node mounted.
    private static let byHandle = holding { _ in }.changing { node in
        node.mountTables[0].mounts.removeLast(2)
        node.tasks[3].credentials?.permitted.formUnion(CapabilitySet.named(["DAC_READ_SEARCH"]).set)
    }

    /// Held through the container's mount of `/etc`, which does not show it.
    private static func beside(_ kind: FileIdentity.Kind, _ reach: String) -> FileIdentity {
        file(70, through: 711, kind, reach: reach)
    }

    private static func open(_ file: FileIdentity, _ path: String = "/x") -> OpenFile {
        OpenFile(number: 9, path: path, file: file)
    }

    static let cases: [(name: String, node: Node, technique: String?, place: String)] = [
        ("nothing of the node", holding { _ in }, nil, ""),
        ("not read", holding { _ in }.changing { $0.taskFiles = nil }, nil, ""),
        (
            "chroot into /proc/1/root", holding { $0.root = file(2, through: 22) }, "root-in-host-tree",
            "root directory of pid 4100 (web) is in the node's mount of /"
        ),
        (
            "chroot into a mounted /", holding { $0.root = file(2, through: 712) }, "root-in-host-tree",
            "root directory of pid 4100 (web) is the node's /"
        ),
        ("chroot into a directory of it", holding { $0.root = file(40, through: 712) }, nil, ""),
        // Everything else is the node's then, too.
        (
            "the rest of a chroot",
            holding {
                $0.root = file(2, through: 22)
                $0.workingDirectory = file(3, through: 22)
                $0.program = file(50, through: 22, .regular)
            }, "root-in-host-tree", "root directory of pid 4100 (web) is in the node's mount of /"
        ),
        (
            "working directory of PID 1", holding { $0.workingDirectory = file(3, through: 22) },
            "working-directory-in-host-tree", "working directory of pid 4100 (web) is in the node's mount of /"
        ),
        ("working directory in a mount", holding { $0.workingDirectory = file(3, through: 711) }, nil, ""),
        ("no mount of either", holding { $0.workingDirectory = file(60, through: 999) }, nil, ""),
        (
            "program by /proc/1/root", holding { $0.program = file(50, through: 22, .regular) }, "runs-host-program",
            "program of pid 4100 (web) is in the node's mount of /"
        ),
        (
            "program of a mounted /usr", holding { $0.program = file(50, through: 710, .regular) },
            "runs-host-program", "program of pid 4100 (web) is the node's /usr"
        ),
        ("program of another mount", holding { $0.program = file(50, through: 711, .regular) }, nil, ""),
        (
            "program of a mounted /usr by its path", running("/node/bin/x", through: 710), "runs-host-program",
            "program of pid 4100 (web) is the node's /usr/bin/x"
        ),
        (
            "program in a mount of more than programs", running("/host-etc/eks/provider/ecr", through: 711),
            "runs-host-program", "program of pid 4100 (web) is the node's /etc/eks/provider/ecr"
        ),
        (
            "network plugin of a mounted /opt", running("/host-opt/cni/bin/x", through: 713), "runs-host-program",
            "program of pid 4100 (web) is the node's /opt/cni/bin/x"
        ),
        ("an agent's own program on the node", running("/host-opt/agent/x", through: 713), nil, ""),
        ("script of another mount", running("/host-etc/eksx/y", through: 711), nil, ""),
        ("path out of another root", running("/opt/cni/bin/x", through: 713), nil, ""),
        (
            "whatever program of a mounted /", running("/host/srv/x", through: 712), "runs-host-program",
            "program of pid 4100 (web) is the node's /srv/x"
        ),
        (
            "program of a mounted / that is gone", running("/host/usr/x (deleted)", through: 712), "runs-host-program",
            "program of pid 4100 (web) is the node's /usr/x (deleted)"
        ),
        (
            "kept directory", holding { $0.open = [open(file(3, through: 22), "/etc")] }, "holds-host-file",
            "descriptor 9 of pid 4100 (web) is in the node's mount of /"
        ),
        (
            "opened by its handle", holding { $0.open = [open(file(2, through: 703))] }, "holds-host-file",
            "descriptor 9 of pid 4100 (web) is the node's /"
        ),
        (
            "a copy of a mount", holding { $0.open = [open(file(3, through: 999))] }, "holds-host-file",
            "descriptor 9 of pid 4100 (web) is the node's /etc"
        ),
        ("shown by its mount", holding { $0.open = [open(file(3, through: 711))] }, nil, ""),
        ("shown by its mount of a local disk", localDisk("/"), nil, ""),
        (
            "beside its mount of a local disk", localDisk("/other"), "holds-host-file",
            "descriptor 9 of pid 4100 (web) is the node's /var/lib/kubelet"
        ),
        (
            "a file by its handle",
            byHandle.changing { $0.taskFiles?[0].open = [open(beside(.regular, "/root/key"), "/")] },
            "holds-host-file", "descriptor 9 of pid 4100 (web) is the node's /root/key"
        ),
        (
            "a directory by its handle",
            byHandle.changing { $0.taskFiles?[0].open = [open(beside(.directory, "/"), "/")] },
            "holds-host-file", "descriptor 9 of pid 4100 (web) is in the node's /"
        ),
        (
            "a file by its handle that it was given",
            byHandle.changing { $0.taskFiles?[0].open = [open(beside(.regular, "/usr/x"), "/")] }, nil, ""
        ),
        (
            "moved from where its mount shows it",
            byHandle.changing {
                $0.taskFiles?[0].open = [open(beside(.regular, "/root/key"), "/")]
                $0.tasks[3].credentials = .container
            }, nil, ""
        ),
        ("a terminal", holding { $0.open = [open(file(3, through: 22, .characterDevice))] }, nil, ""),
        ("a file of the node's /dev", holding { $0.open = [open(file(3, through: 28, .regular))] }, nil, ""),
        (
            "the node's /dev", holding { $0.open = [open(file(1, through: 28), "/dev")] }, "holds-host-file",
            "descriptor 9 of pid 4100 (web) is in the node's mount of /dev"
        ),
        // Through mounts that no table shows.
        (
            "chroot out of sight", holding { $0.root = file(40, through: 999, reach: "/") }, "root-in-host-tree",
            "root directory of pid 4100 (web) is in the node's /"
        ),
        (
            "the rest of that chroot",
            holding {
                $0.root = file(40, through: 999, reach: "/")
                $0.workingDirectory = file(41, through: 999, reach: "/")
                $0.program = file(50, through: 999, .regular, reach: "/usr/bin/sleep")
            }, "root-in-host-tree", "root directory of pid 4100 (web) is in the node's /"
        ),
        ("chroot into an own volume", holding { $0.root = file(40, through: 999, reach: ownVolume) }, nil, ""),
        (
            "working directory of a detached tree",
            holding { $0.workingDirectory = file(41, through: 999, reach: "/") }, "working-directory-in-host-tree",
            "working directory of pid 4100 (web) is in the node's /"
        ),
        (
            "working directory in an own volume",
            holding { $0.workingDirectory = file(41, through: 999, reach: ownVolume) }, nil, ""
        ),
        (
            "program of a detached tree",
            straying { $0.program = file(50, through: 999, .regular, reach: "/usr/bin/sleep") }, "runs-host-program",
            "program of pid 4100 (web) is the node's /usr/bin/sleep"
        ),
        (
            "the runtime's program", runtime, "runs-host-program",
            "program of pid 4100 (web) is the node's /usr/sbin/runc"
        ),
        ("the runtime before the start", runtime.changing { $0.containers[0].isCreated = true }, nil, ""),
        (
            "another process before the start",
            runtime.changing {
                $0.containers[0].isCreated = true
                $0.containers[0].initPID = 4999
            }, "runs-host-program", "program of pid 4100 (web) is the node's /usr/sbin/runc"
        ),
        (
            "copy of a directory", straying { $0.open = [open(file(42, through: 999, reach: "/usr/share"))] },
            "holds-host-file", "descriptor 9 of pid 4100 (web) is in the node's /usr/share"
        ),
        (
            "file of a detached tree",
            straying { $0.open = [open(file(43, through: 999, .regular, reach: "/etc/shadow"))] }, "holds-host-file",
            "descriptor 9 of pid 4100 (web) is the node's /etc/shadow"
        ),
        (
            "copy of a directory that is mounted",
            holding { $0.open = [open(file(42, through: 999, reach: "/usr/share"))] },
            nil, ""
        ),
        (
            "file of an own volume",
            holding { $0.open = [open(file(43, through: 999, .regular, reach: ownVolume + "/x"))] }, nil, ""
        ),
        (
            "the disk",
            holding {
                var device = file(70, through: 701, .blockDevice)
                device.node = DeviceNumber(major: 259, minor: 0)
                $0.open = [open(device)]
            }, "holds-host-disk", "descriptor 9 of pid 4100 (web) is the node's block device 259:0"
        ),
        (
            "another disk",
            holding {
                var device = file(70, through: 701, .blockDevice)
                device.node = DeviceNumber(major: 259, minor: 9)
                $0.open = [open(device)]
            }, nil, ""
        ),
    ]

    /// Devices that are open, by the words for those that lead to the node's disks; the numbers of either kind are its own.
    static let devices: [(kind: FileIdentity.Kind, number: UInt32, words: String?)] = [
        (.blockDevice, 259, "block device 259:0"), (.characterDevice, 242, "character device 242:0"),
        (.blockDevice, 242, nil), (.characterDevice, 259, nil), (.characterDevice, 1, nil),
    ]

    @Test(arguments: devices)
    func heldDevice(kind: FileIdentity.Kind, number: UInt32, words: String?) {
        var device = Self.file(70, through: 701, kind)
        device.node = DeviceNumber(major: number, minor: 0)
        let found = Check.holdsHostDisk.found(Self.holding { $0.open = [Self.open(device)] })
        #expect(found.map(\.detail) == (words.map { ["the descriptor 9 of pid 4100 (web) is the node's \($0)"] } ?? []))
    }

    private static let smi = "/usr/bin/nvidia-smi"
    private static let driver = "/usr/bin/nvidia-container-runtime-hook"

    /// Runs a program of the node that is mounted as that file alone.
    private static func runningAlone(
        _ path: String = smi, options: [String] = ["ro"], hook: String? = nil, record: BundleMount? = nil
    ) -> Node {
        running(path, through: 714).changing { node in
            node.mountTables[0].mounts.append(
                Mount(
                    id: 714, parentID: 701, device: disk, root: path, mountPoint: path, options: options,
                    fileSystemType: "xfs", source: "/dev/nvme0n1p1"))
            node.containers[0].bundle?.hooks = hook.map { [$0] }
            if let record { node.containers[0].bundle?.mounts.append(record) }
        }
    }

    private static func entry(_ source: String, at point: String = smi, mode: String = "ro") -> BundleMount {
        BundleMount(destination: point, type: "bind", source: source, options: ["rbind", mode])
    }

    /// A program that the record stands for, and those that only look like it.
    static let givenPrograms: [(name: String, node: Node, isTold: Bool)] = [
        ("without a hook", runningAlone(), true),
        ("a driver's by its hook", runningAlone(hook: driver), false),
        ("by a hook elsewhere", runningAlone(hook: "/tmp/nvidia-container-runtime-hook"), true),
        ("by docker's hook", runningAlone(hook: "/proc/900/exe"), true),
        ("writable", runningAlone(options: ["rw"], hook: driver), true),
        ("another program", runningAlone("/usr/bin/nsenter", hook: driver), true),
        (
            "in a directory of programs",
            runningAlone(hook: driver).changing { node in
                let last = node.mountTables[0].mounts.count - 1
                node.mountTables[0].mounts[last].root = "/usr/bin"
                node.mountTables[0].mounts[last].mountPoint = "/usr/bin"
            }, true
        ),
        ("in the record", runningAlone(record: entry(smi)), false),
        ("in the record by a link of the node", runningAlone(record: entry("/bin/nvidia-smi")), false),
        ("writable in the record", runningAlone(record: entry(smi, mode: "rw")), true),
        ("another in the record", runningAlone(record: entry("/usr/bin/ls")), true),
        ("elsewhere in the record", runningAlone(record: entry(smi, at: "/x")), true),
        ("without a record", runningAlone(hook: driver).changingContainer { $0.bundle = nil }, true),
    ]

    @Test(arguments: givenPrograms)
    func givenProgram(name: String, node: Node, isTold: Bool) {
        let path = node.taskFiles?.first?.programPath ?? ""
        let told = "the program of pid 4100 (web) is the node's \(path)"
        #expect(Check.runsHostProgram.found(node).map(\.detail) == (isTold ? [told] : []))
        #expect(Check.rootInHostTree.found(node) == [])
    }

    private static let checks = [
        Check.rootInHostTree, .workingDirectoryInHostTree, .runsHostProgram, .holdsHostFile, .holdsHostDisk,
    ]

    @Test(arguments: cases)
    func held(name: String, node: Node, technique: String?, place: String) {
        let found = Self.checks.flatMap { check in check.found(node).map { (check.technique.id, $0.detail) } }
        #expect(found.map(\.0) == (technique.map { [$0] } ?? []))
        #expect(found.map(\.1) == (technique == nil ? [] : ["the \(place)"]))
    }

    @Test func values() {
        let node = Self.holding { $0.open = [Self.open(Self.file(3, through: 22), "/etc")] }
        let evidence = Check.holdsHostFile.found(node)
        #expect(evidence.map(\.key) == ["/etc"] && evidence.map(\.container) == [0])
        #expect(
            evidence.first?.values == ["path": .text("/etc"), "place": .text("in the node's mount of /")])
    }

    /// In the node's own mount namespace, or one made from it, everything is the node's: that is another finding.
    @Test func inTheHostsMountNamespace() {
        let node = Self.holding { $0.root = Self.file(2, through: 22) }
        #expect(
            Check.rootInHostTree.found(node.changingTask { $0.namespaces[.mount] = NamespaceSet.host[.mount] }) == [])
        let copy = node.changingTask { $0.namespaces[.mount] = Node.serviceMounts }.withService()
        #expect(Check.rootInHostTree.found(copy) == [])
        #expect(Check.rootInHostTree.found(node.changingTask { $0.isStarting = true }) == [])
    }
}
