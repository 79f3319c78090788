import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct NodeFileChangedTests {
    /// The quiet pod was started 50 seconds before the scan.
    private static let podStart = (Node.quiet.takenAt - 50_000) * 1_000_000
    private static let second: Int64 = 1_000_000_000

    private static func file(
        _ path: String = "/etc/cron.d/x", after seconds: Int64 = 10, kind: PlacedFile.Kind = .regular, uid: UInt32 = 0
    ) -> PlacedFile {
        PlacedFile(
            path: path, kind: kind, uid: uid, changed: podStart + seconds * second,
            target: kind == .link ? "/etc/shadow" : nil, sha256: kind == .regular ? "ab12" : nil)
    }

    private static func written(_ path: String = "/etc/cron.d/x", after seconds: Int64 = 10) -> ChangedFile {
        ChangedFile(now: file(path, after: seconds), basis: .time)
    }

    /// The quiet node with changed files, and with a directory of the node in the container at `/host`.
    private static func node(_ files: [ChangedFile], _ source: String? = nil, writable: Bool = true) -> Node {
        Node.quiet.changing { node in
            node.changedFiles = files
            node.host.ticksSinceBoot = 10_000
            guard let source else { return }
            let mode = writable ? "rw" : "ro"
            node.containers[0].bundle?.mounts.append(
                BundleMount(destination: "/host", type: "bind", source: source, options: ["rbind", mode]))
            node.mountTables[0].mounts.append(
                Mount(
                    id: 800, parentID: 701, device: DeviceNumber(major: 259, minor: 1), root: source,
                    mountPoint: "/host",
                    options: [mode], fileSystemType: "xfs", source: "/dev/nvme0n1p1"))
        }
    }

    private static func found(_ node: Node) -> [(id: String, evidence: Evidence)] {
        Check.nodeFilesChanged.flatMap { check in check.found(node).map { (check.technique.id, $0) } }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var files: [ChangedFile] = [written()]
        var source: String?
        var isWritable = true
        var told: [String]

        var testDescription: String { name }
    }

    private static let atHost = "; writable at /host in the container"
    private static let mounted = "/etc/cron.d/x was changed while the pod ran, sha256 ab12\(atHost)"

    static let cases: [Case] = [
        Case(name: "nothing changed", files: [], source: "/", told: []),
        Case(name: "no pod can write there", told: []),
        Case(name: "its directory", source: "/etc/cron.d", told: ["web-0 \(mounted)"]),
        Case(name: "the root", source: "/", told: ["web-0 \(mounted)"]),
        Case(name: "the file itself", source: "/etc/cron.d/x", told: ["web-0 \(mounted)"]),
        Case(name: "read-only", source: "/etc/cron.d", isWritable: false, told: []),
        Case(name: "another directory", source: "/etc/cron.daily", told: []),
        Case(name: "before the pod", files: [written(after: -2)], source: "/", told: []),
        Case(name: "as the pod was started", files: [written(after: 0)], source: "/", told: ["web-0 \(mounted)"]),
        Case(
            name: "written by the node", files: [ChangedFile(now: file(), basis: .time).heardOfNode()], source: "/",
            told: []),
        Case(
            name: "new, written by the node", files: [ChangedFile(now: file(), basis: .baseline).heardOfNode()],
            source: "/", told: ["- /etc/cron.d/x is not in the baseline, sha256 ab12"]),
        Case(name: "told before", files: [ChangedFile(now: file(), basis: .told)], source: "/", told: []),
        Case(
            name: "a link", files: [ChangedFile(now: file(kind: .link), basis: .time)], source: "/",
            told: ["web-0 /etc/cron.d/x was changed while the pod ran, leads to /etc/shadow\(atHost)"]),
        Case(
            name: "not root's", files: [ChangedFile(now: file(after: -100, uid: 1000), basis: .owner)], source: "/",
            told: ["web-0 /etc/cron.d/x belongs to uid 1000, sha256 ab12; writable at /host in the container"]),
        Case(
            name: "not the package's", files: [ChangedFile(now: file(), basis: .time, isOfPackage: true)], source: "/",
            told: [
                "web-0 /etc/cron.d/x was changed while the pod ran, sha256 ab12, not as its package has it; "
                    + "writable at /host in the container"
            ]),
        Case(
            name: "the package's, with a mode that gives rights",
            files: [
                ChangedFile(
                    now: file().with(0o2755), basis: .time, isOfPackage: true, hasContentOfPackage: true)
            ], source: "/",
            told: [
                "web-0 /etc/cron.d/x was changed while the pod ran, sha256 ab12, has its package's content and runs as "
                    + "its group, which the package database does not tell; writable at /host in the container"
            ]),
        Case(
            name: "a program of the package, with a mode that gives rights, by nobody",
            files: [
                ChangedFile(
                    now: file("/usr/bin/runc", after: -900).with(0o4757), basis: .package, isOfPackage: true,
                    hasContentOfPackage: true)
            ],
            told: [
                "- /usr/bin/runc has its package's content and runs as its owner and can be written by others, which "
                    + "the package database does not tell, sha256 ab12"
            ]),
        Case(
            name: "a program that is not the package's, by nobody",
            files: [ChangedFile(now: file("/usr/bin/runc", after: -900), basis: .package, isOfPackage: true)],
            told: ["- /usr/bin/runc is not as its package has it, sha256 ab12"]),
        Case(
            name: "a program that is not the package's, by a pod",
            files: [ChangedFile(now: file("/usr/bin/runc"), basis: .package, isOfPackage: true)], source: "/usr",
            told: ["web-0 /usr/bin/runc is not as its package has it, sha256 ab12\(atHost)"]),
        Case(
            name: "a program that is not the package's, before the pod",
            files: [ChangedFile(now: file("/usr/bin/runc", after: -2), basis: .package, isOfPackage: true)],
            source: "/usr", told: ["- /usr/bin/runc is not as its package has it, sha256 ab12"]),
        Case(
            name: "new, by nobody", files: [ChangedFile(now: file(), basis: .baseline)],
            told: ["- /etc/cron.d/x is not in the baseline, sha256 ab12"]),
        Case(
            name: "new, by a pod", files: [ChangedFile(now: file(), basis: .baseline)], source: "/etc",
            told: ["web-0 /etc/cron.d/x is not in the baseline, sha256 ab12; writable at /host in the container"]),
        Case(
            name: "new before the pod", files: [ChangedFile(now: file(after: -2), basis: .baseline)], source: "/etc",
            told: ["- /etc/cron.d/x is not in the baseline, sha256 ab12"]),
        Case(
            name: "changed",
            files: [
                ChangedFile(
                    now: file(),
                    recorded: PlacedFile(path: "/etc/cron.d/x", kind: .regular, uid: 5, sha256: "00"), basis: .baseline)
            ],
            told: ["- /etc/cron.d/x is not as in the baseline: content, owner, sha256 ab12"]),
        Case(
            name: "gone, which tells nothing",
            files: [ChangedFile(now: nil, recorded: file(), basis: .baseline)], source: "/", told: []),
        Case(
            name: "gone, which tells something",
            files: [ChangedFile(now: nil, recorded: file("/etc/sudoers"), basis: .baseline)], source: "/",
            told: ["web-0 /etc/sudoers is gone since the baseline; writable at /host in the container"]),
        Case(
            name: "a socket of a driver", files: [written("/var/lib/kubelet/plugins_registry/x.sock")], source: "/",
            told: []),
        Case(
            name: "made anew all the time", files: [written("/run/systemd/transient/x.service")], source: "/run",
            told: []),
    ]

    @Test(arguments: cases)
    func told(_ entry: Case) {
        let node = Self.node(entry.files, entry.source, writable: entry.isWritable)
        let index = NodeIndex(node)
        let told = Self.found(node).map { _, evidence in
            let pod = evidence.container.flatMap { index.podOfContainer[$0] }.flatMap { index.pods[$0].identity.name }
            return "\(pod ?? "-") \(evidence.detail)"
        }
        #expect(told == entry.told)
    }

    /// The sources of mounts of the node's `/etc/cron.d`, where the container has them, and which of them may be written;
    /// and where the container could have written a file there.
    static let mounts: [(mounts: [(source: String, point: String, isWritable: Bool)], writer: String?)] = [
        ([("/etc", "/host", true), ("/etc/cron.d", "/x", false)], "/host"),
        ([("/etc/cron.d", "/x", false), ("/etc", "/host", true)], "/host"),
        ([("/etc", "/host", true), ("/etc/cron.d", "/host/cron.d", false)], nil),
        ([("/etc", "/host", true), ("/etc/cron.d/x", "/host/cron.d/x", false)], nil),
        ([("/etc", "/host", true), ("/etc/cron.d/x", "/host/cron.d/y", false)], "/host"),
        ([("/etc", "/host", true), ("/etc/cron.d", "/host/cron.daily", false)], "/host"),
        ([("/", "/host", true), ("/etc", "/host/etc", false)], nil),
        ([("/", "/host", true), ("/etc", "/host", false)], "/host"),
        ([("/", "/host", true), ("/etc", "/host/etc", false), ("/etc/cron.d", "/x", true)], "/x"),
        (
            [("/", "/host", true), ("/etc", "/host/etc", false), ("/etc/cron.d", "/host/etc/cron.d", true)],
            "/host/etc/cron.d"
        ),
        ([("/etc", "/host", true), ("/etc/cron.d", "/x", true)], "/x"),
        ([("/etc", "/host", false), ("/etc/cron.d", "/host/cron.d", false)], nil),
    ]

    private static func node(_ mounts: [(source: String, point: String, isWritable: Bool)]) -> Node {
        node([written()]).changing { node in
            for (number, mount) in mounts.enumerated() {
                let mode = mount.isWritable ? "rw" : "ro"
                node.containers[0].bundle?.mounts.append(
                    BundleMount(
                        destination: mount.point, type: "bind", source: mount.source, options: ["rbind", mode]))
                node.mountTables[0].mounts.append(
                    Mount(
                        id: 800 + UInt32(number), parentID: 701, device: DeviceNumber(major: 259, minor: 1),
                        root: mount.source, mountPoint: mount.point, options: [mode], fileSystemType: "xfs",
                        source: "/dev/nvme0n1p1"))
            }
        }
    }

    /// A mount that is read-only takes nothing from another one that is not, unless it lies on it.
    @Test(arguments: mounts)
    func severalMounts(mounts: [(source: String, point: String, isWritable: Bool)], writer: String?) {
        let details = Self.found(Self.node(mounts)).map(\.evidence.detail)
        let start = "/etc/cron.d/x was changed while the pod ran, sha256 ab12; writable at"
        #expect(details == [writer.map { "\(start) \($0) in the container" }].compactMap { $0 })
    }

    /// A task that may mount could do so once it has written.
    @Test func mountedOverAfterwards() {
        let node = Self.node([("/etc", "/host", true), ("/etc/cron.d", "/host/cron.d", false)]).changing {
            $0.containers[0].bundle?.mounts.removeLast()
        }
        #expect(Self.found(node).count == 1)
    }

    /// Whoever can write above a path of the node or below it can change what is there.
    @Test(
        arguments: [
            ("/", true, true), ("/var", true, true), ("/var/lib/dpkg/info", true, true),
            ("/var/lib/dpkg", false, false),
            ("/var/log", true, false), (nil, true, false),
        ] as [(source: String?, isWritable: Bool, may: Bool)])
    func mayWrite(source: String?, isWritable: Bool, may: Bool) {
        let index = NodeIndex(Self.node([], source, writable: isWritable))
        #expect(index.mayWrite(["/usr/bin/rpm", "/var/lib/dpkg"].map { PathParts($0) }) == may)
    }

    static let places: [(path: String, id: String)] = [
        ("/etc/crontab", "cron"), ("/usr/sbin/breakoutd", "detector"),
        ("/etc/systemd/system/breakoutd.service", "detector"),
        ("/etc/systemd/system/x.service.d/o.conf", "systemd"), ("/etc/kubernetes/manifests/x.yaml", "static-pod"),
        ("/opt/cni/bin/x", "cni"), ("/etc/containerd/certs.d/docker.io/hosts.toml", "runtime"),
        ("/run/cdi/x.json", "runtime"),
        ("/etc/ld.so.preload", "loader"), ("/etc/shadow", "accounts"), ("/home/u/.ssh/authorized_keys", "ssh"),
        ("/root/.bashrc", "shell-profile"), ("/etc/udev/rules.d/x", "udev"), ("/usr/bin/runc", "binary"),
        ("/etc/kubernetes/kubelet/config.json.d/00-x.conf", "static-pod"),
        ("/etc/systemd/system.control/x.service.d/50-x.conf", "systemd"),
        ("/run/systemd/system.control/x.service.d/50-x.conf", "systemd"),
        ("/usr/lib/systemd/systemd-coredump", "binary"),
        ("/etc/request-key.conf", "udev"), ("/etc/request-key.d/x.conf", "udev"), ("/usr/sbin/request-key", "binary"),
    ]

    /// Directories that programs run as root from, or are told by what to run, as their manuals have them.
    static let documented: [(directories: [String], names: [String], id: String)] = [
        // systemd.unit(5), systemd.generator(7), systemd.environment-generator(7), systemd-system.conf(5)
        (libraries.map { "\($0)/systemd" }, ["system/x.service", "system/x.service.d/x.conf"], "systemd"),
        (
            libraries.map { "\($0)/systemd" },
            [
                "system-generators/x", "system-environment-generators/x", "system.conf", "system.conf.d/x.conf",
            ], "systemd"
        ),
        // tmpfiles.d(5)
        (libraries, ["tmpfiles.d/x.conf"], "systemd"),
        // udev(7), modprobe.d(5), sysctl.d(5)
        (libraries, ["udev/rules.d/x.rules", "modprobe.d/x.conf", "sysctl.d/x.conf"], "udev"),
        (["/etc"], ["sysctl.conf", "modules-load.d/x.conf"], "udev"),
        // systemd-rc-local-generator(8), systemd-sysv-generator(8)
        (["/etc", "/etc/rc.d"], ["rc.local", "init.d/x"], "systemd"),
        // cloud-init's bootcmd and scripts
        (["/etc/cloud"], ["cloud.cfg", "cloud.cfg.d/x.cfg"], "systemd"),
        (["/var/lib/cloud/scripts"], ["per-boot/x", "per-instance/x", "per-once/x", "vendor/x"], "systemd"),
        // pam(8)
        (
            ["/usr/lib64", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"],
            ["security/pam_x.so"], "accounts"
        ),
    ]
    private static let libraries = ["/etc", "/run", "/usr/lib", "/usr/local/lib"]

    /// A scan and the daemon look at all of them.
    @Test(arguments: documented)
    func documentedPlace(directories: [String], names: [String], id: String) {
        for path in directories.flatMap({ directory in names.map { "\(directory)/\($0)" } }) {
            let found = Self.found(Self.node([Self.written(path)], "/"))
            #expect(found.map(\.id) == ["node-file-changed-\(id)"], "\(path)")
            #expect(Check.watchedPaths.contains { $0.covers(path) }, "\(path)")
        }
    }

    /// What lies beside them and the node writes at each start.
    @Test(arguments: [
        "/run/systemd/units/x", "/run/udev/data/x", "/var/lib/cloud/data/status.json", "/var/lib/cloud/instance",
        "/etc/cloud/templates/x", "/usr/lib64/libx.so", "/usr/lib/x/security/x", "/usr/local/lib/x",
    ])
    func elsewhere(path: String) { #expect(Self.found(Self.node([Self.written(path)], "/")).isEmpty) }

    @Test(arguments: places)
    func place(path: String, id: String) throws {
        let found = Self.found(Self.node([Self.written(path)], "/"))
        #expect(found.map(\.id) == ["node-file-changed-\(id)"])
    }

    /// The kubelet writes its own notes there; a plugin registers by a socket, or a link to one.
    @Test(arguments: [
        ("plugins_registry/x.sock", PlacedFile.Kind.socket, true), ("device-plugins/x.sock", .socket, true),
        ("device-plugins/x.sock", .link, true), ("device-plugins/kubelet_internal_checkpoint", .socket, true),
        ("device-plugins/kubelet_internal_checkpoint", .regular, false),
    ])
    func pluginSocketThatIsNotInTheBaseline(name: String, kind: PlacedFile.Kind, isTold: Bool) {
        let file = Self.file("/var/lib/kubelet/\(name)", kind: kind)
        let found = Self.found(Self.node([ChangedFile(now: file, basis: .baseline)]))
        #expect(found.map(\.id) == (isTold ? ["node-file-changed-plugin-socket"] : []))
    }

    @Test func evidence() throws {
        let evidence = try #require(Self.found(Self.node([Self.written()], "/etc/cron.d")).first).evidence
        #expect(evidence.key == "/etc/cron.d/x" && evidence.declaration == .declaredByRuntime && evidence.weight == nil)
        #expect(
            evidence.values == [
                "path": .text("/etc/cron.d/x"), "change": .text("written"), "kind": .text("regular"),
                "sha256": .text("ab12"), "size": .number(0),
                "changedAt": .number((Self.podStart + 10 * Self.second) / 1_000_000), "uid": .number(0),
                "mode": .text("0644"), "pods": .list(["shop/web-0"]),
            ])
        let byNobody = try #require(Self.found(Self.node([ChangedFile(now: Self.file(), basis: .baseline)])).first)
        #expect(byNobody.evidence.weight == .inertResidue && byNobody.evidence.declaration == .undeclared)
        #expect(byNobody.evidence.values["pods"] == .list([]))
        let program = ChangedFile(now: Self.file("/usr/bin/runc"), basis: .package, isOfPackage: true)
        let notAsPackaged = try #require(Self.found(Self.node([program])).first).evidence
        #expect(notAsPackaged.weight == .inertResidue && notAsPackaged.values["change"] == .text("not-as-packaged"))
    }

    /// A process in the node's mount namespace may have written anything.
    @Test func fromTheNodesTree() throws {
        let node = Self.node([Self.written()]).changingTask { $0.namespaces[.mount] = NamespaceSet.host[.mount] }
        let evidence = try #require(Self.found(node).first).evidence
        #expect(evidence.container == 0 && evidence.declaration == .undeclared)
        #expect(evidence.detail.hasSuffix("; the container has a task in the node's tree"))
    }

    /// The runtime has forgotten an init container; the API has not.
    @Test func initContainer() throws {
        let mounts = #""volumeMounts": [{"name": "cron", "mountPath": "/cron"}]"#
        let node = try Self.node([Self.written()]).declaring(
            spec: #"""
                "initContainers": [{"name": "setup", \#(mounts)}],
                "volumes": [{"name": "cron", "hostPath": {"path": "/etc/cron.d"}}]
                """#)
        let evidence = try #require(Self.found(node.changing { $0.host.ticksSinceBoot = 10_000 }).first).evidence
        #expect(evidence.container == 1 && evidence.declaration == .declared)
        #expect(evidence.detail.hasSuffix("; writable at /cron in init container setup, which has ended"))
    }

    /// The pod that mounts the directory is named before the one that mounts everything.
    @Test func nearest() throws {
        var node = Self.node([Self.written()], "/")
        var (container, task) = (node.containers[0], node.tasks[3])
        (container.id, container.name, container.initPID) = ("c1", "narrow", 6000)
        (task.pid, task.tid, task.container) = (6000, 6000, 2)
        let own = NamespaceID(rawValue: 4_026_532_900)
        task.namespaces[.mount] = own
        let last = (container.bundle?.mounts.count ?? 1) - 1
        container.bundle?.mounts[last].source = "/etc/cron.d"
        var table = node.mountTables[0]
        table.namespace = own
        table.mounts[table.mounts.count - 1].root = "/etc/cron.d"
        node.containers.append(container)
        node.tasks.append(task)
        node.mountTables.append(table)
        let found = Self.found(node)
        #expect(found.map(\.evidence.container) == [2])
        #expect(found.first?.evidence.values["pods"] == .list(["shop/web-0"]))
    }

    /// Seconds after which the records of the container and its sandbox were written, and whether the pod is told of what
    /// was written before them or after; no task of it was seen.
    static let unseen: [(name: String, container: Int64?, sandbox: Int64?, before: Bool, after: Bool)] = [
        ("started after one change", 20, 5, false, true), ("a container of a later start", 20, -5, true, true),
        ("started after both", 60, 50, false, false), ("without times", nil, nil, true, true),
        ("without the sandbox's", 20, nil, true, true),
    ]

    @Test(arguments: unseen.indices)
    func podWithoutTasks(index: Int) {
        let (name, container, sandbox, before, after) = Self.unseen[index]
        let files = [Self.written("/etc/cron.d/a", after: 0), Self.written("/etc/cron.d/b")]
        let node = Self.node(files, "/").changing { node in
            node.tasks.removeAll { $0.container != nil }
            for (number, time) in [container, sandbox].enumerated() {
                node.containers[number].recordedAt = time.map { Self.podStart + $0 * Self.second }
            }
        }
        let told = Self.found(node).map(\.evidence.key)
        #expect(told == (before ? ["/etc/cron.d/a"] : []) + (after ? ["/etc/cron.d/b"] : []), "\(name)")
        // A task that was seen tells better.
        let seen = node.changing { $0.tasks = Node.quiet.tasks }
        #expect(Self.found(seen).count == 2, "\(name)")
    }

    /// Nor a container that is no pod's; its own record tells.
    @Test func containerOfNoPodWithoutTasks() {
        let node = Self.node([Self.written(), Self.written("/etc/cron.d/y", after: 30)], "/").changing { node in
            node.tasks.removeAll { $0.container != nil }
            node.containers.removeLast()
            node.containers[0].kind = .plain
            (node.containers[0].pod, node.containers[0].sandboxID) = (nil, nil)
            node.containers[0].recordedAt = Self.podStart + 20 * Self.second
        }
        #expect(Self.found(node).map(\.evidence.key) == ["/etc/cron.d/y"])
    }

    /// Without the time since boot nobody can say what was before what.
    @Test func withoutTheTimeSinceBoot() {
        let node = Self.node([Self.written(after: -100)], "/").changing { $0.host.ticksSinceBoot = nil }
        #expect(Self.found(node).count == 1)
    }

    @Test func numbersOfAHandMadeNode() {
        for (taken, ticks, changed) in [(Int64.max, UInt64.max, Int64.max), (.min, 0, .min), (0, .max, .min)] {
            let node = Self.node([Self.written()], "/").changing {
                $0.takenAt = taken
                $0.host.ticksSinceBoot = ticks
                $0.changedFiles?[0].now?.changed = changed
            }
            _ = Self.found(node)
        }
    }

    @Test func countsOfPlaces() {
        let counts = Check.scannedFiles(of: ["/etc/cron.d/a", "/etc/crontab", "/usr/bin/x", "/elsewhere"])
        #expect(counts.filter { $0.count > 0 }.map(\.count) == [2, 1] && counts.count == NodeFilePlace.all.count)
    }
}

extension ChangedFile {
    fileprivate func heardOfNode() -> ChangedFile {
        var copy = self
        copy.isOfNode = true
        return copy
    }
}

extension PlacedFile {
    fileprivate func with(_ permissions: UInt32) -> PlacedFile {
        var copy = self
        copy.permissions = permissions
        return copy
    }
}
