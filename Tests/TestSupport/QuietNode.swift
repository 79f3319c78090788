package import NodeModel

extension Node {
    /// A node where nothing is wrong: PID 1, a host service, and one ordinary pod of a sandbox and a container.
    ///
    /// Fixtures of checks are this node with one change.
    package static let quiet: Node = {
        let host = NamespaceSet.host
        let pause = NamespaceSet.pod([.mount: 4_026_532_500, .pid: 4_026_532_501, .pidForChildren: 4_026_532_501])
        let app = NamespaceSet.pod([.mount: 4_026_532_600, .pid: 4_026_532_601, .pidForChildren: 4_026_532_601])
        return Node(
            host: Host(
                name: "ip-10-10-1-67", kernel: "6.1.0", bootID: "6f0c6c6e-3b53-4b13-9a4c-6a1f0a0a7a01",
                cgroupVersion: 2,
                reference: Host.Reference(pid: 1, namespaces: host),
                mounts: [
                    Mount(
                        id: 22, parentID: 1, device: DeviceNumber(major: 259, minor: 1), root: "/", mountPoint: "/",
                        options: ["rw", "relatime"], propagation: ["shared:1"], fileSystemType: "xfs",
                        source: "/dev/nvme0n1p1"),
                    Mount(
                        id: 24, parentID: 22, device: DeviceNumber(major: 0, minor: 25), root: "/", mountPoint: "/run",
                        options: ["rw", "nosuid"], fileSystemType: "tmpfs", source: "tmpfs"),
                    Mount(
                        id: 26, parentID: 22, device: DeviceNumber(major: 0, minor: 21), root: "/", mountPoint: "/proc",
                        options: ["rw", "nosuid"], fileSystemType: "proc", source: "proc"),
                    Mount(
                        id: 27, parentID: 22, device: DeviceNumber(major: 0, minor: 22), root: "/", mountPoint: "/sys",
                        options: ["rw", "nosuid"], fileSystemType: "sysfs", source: "sysfs"),
                    Mount(
                        id: 28, parentID: 22, device: DeviceNumber(major: 0, minor: 5), root: "/", mountPoint: "/dev",
                        options: ["rw", "nosuid"], fileSystemType: "devtmpfs", source: "devtmpfs"),
                ]),
            takenAt: 1_700_000_000_000,
            duration: 90_000,
            cgroups: [
                CgroupPlacement(
                    memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: "/init.scope")], owner: .host),
                CgroupPlacement(
                    memberships: [
                        CgroupMembership(hierarchy: 0, controllers: [], path: QuietIDs.path(QuietIDs.sandbox))
                    ],
                    owner: .container(ContainerPlace(containerID: QuietIDs.sandbox, podUID: QuietIDs.podUID))),
                CgroupPlacement(
                    memberships: [
                        CgroupMembership(hierarchy: 0, controllers: [], path: QuietIDs.path(QuietIDs.container))
                    ],
                    owner: .container(ContainerPlace(containerID: QuietIDs.container, podUID: QuietIDs.podUID))),
            ],
            tasks: [
                NodeTask(
                    pid: 1, tid: 1, startTime: 1, comm: "systemd", namespaces: host, credentials: .root, cgroup: 0,
                    executable: "/usr/lib/systemd/systemd"),
                NodeTask(
                    pid: 900, tid: 900, parent: 1, startTime: 900, comm: "containerd-shim", namespaces: host,
                    credentials: .root, cgroup: 0, executable: "/usr/bin/containerd-shim-runc-v2"),
                NodeTask(
                    pid: 4000, tid: 4000, parent: 900, startTime: 5000, comm: "pause", namespaces: pause,
                    credentials: .container, cgroup: 1, executable: "/pause", container: 1, attribution: .cgroup),
                NodeTask(
                    pid: 4100, tid: 4100, parent: 900, startTime: 5100, comm: "web", namespaces: app,
                    credentials: .container, cgroup: 2, executable: "/bin/web", container: 0, attribution: .cgroup),
                NodeTask(
                    pid: 4100, tid: 4101, parent: 900, startTime: 5101, comm: "web-worker", namespaces: app,
                    credentials: .container, cgroup: 2, container: 0, attribution: .cgroup),
            ],
            containers: [
                Container(
                    id: QuietIDs.container, runtime: .containerd, runtimeNamespace: "k8s.io", kind: .container,
                    sandboxID: QuietIDs.sandbox, name: "web", image: "registry.example/web:1", pod: QuietIDs.pod,
                    bundle: .quietContainer, initPID: 4100, rootDevice: DeviceNumber(major: 0, minor: 311)),
                Container(
                    id: QuietIDs.sandbox, runtime: .containerd, runtimeNamespace: "k8s.io", kind: .sandbox,
                    sandboxID: QuietIDs.sandbox, pod: QuietIDs.pod, bundle: .quietSandbox, initPID: 4000,
                    rootDevice: DeviceNumber(major: 0, minor: 310)),
            ],
            mountTables: [
                MountTable(
                    namespace: NamespaceID(rawValue: 4_026_532_600), pid: 4100, mounts: Mount.quietContainer)
            ],
            userNamespaces: [
                UserNamespace(
                    id: NamespaceID(rawValue: 4_026_531_837),
                    uidMap: [IDMapping(inside: 0, outside: 0, count: 4_294_967_295)])
            ],
            podLogs: [
                PodLogDirectory(
                    name: "shop_web-0_\(QuietIDs.podUID)", pod: QuietIDs.pod,
                    containers: [ContainerLogs(name: "web", live: "0.log")])
            ]
        )
    }()

    /// This node after one change.
    package func changing(_ change: (inout Node) -> Void) -> Node {
        var copy = self
        change(&copy)
        return copy
    }

    /// This node after one change to the quiet container's main process.
    package func changingTask(_ change: (inout NodeTask) -> Void) -> Node {
        changing { change(&$0.tasks[3]) }
    }

    /// This node after one change to the quiet container.
    package func changingContainer(_ change: (inout Container) -> Void) -> Node {
        changing { change(&$0.containers[0]) }
    }

    /// This node after one change to the quiet container's bundle.
    package func changingBundle(_ change: (inout Bundle) -> Void) -> Node {
        changing { node in
            guard var bundle = node.containers[0].bundle else { return }
            change(&bundle)
            node.containers[0].bundle = bundle
        }
    }

    /// This node with a second sandbox of the quiet pod, container 2 with task 5, in the host's PID, network and IPC
    /// namespaces as its record asks; both are an hour old.
    package func addingSandbox(_ change: (inout Node) -> Void = { _ in }) -> Node {
        changing { node in
            var task = node.tasks[2]
            (task.pid, task.tid, task.startTime, task.container) = (6000, 6000, 6000, 2)
            for kind in [NamespaceKind.pid, .network, .ipc] { task.namespaces[kind] = NamespaceSet.host[kind] }
            var sandbox = node.containers[1]
            (sandbox.id, sandbox.sandboxID, sandbox.initPID) = (QuietIDs.secondSandbox, QuietIDs.secondSandbox, 6000)
            sandbox.bundle?.namespaces.removeAll { [.pid, .network, .ipc].contains($0.kind) }
            node.tasks.append(task)
            node.containers.append(sandbox)
            node.host.ticksSinceBoot = 6000 + 3600 * 100
            change(&node)
        }
    }

    /// This node with a service, pid 700, in a mount namespace of its own that was made from the host's.
    package func withService() -> Node {
        changing { node in
            var service = node.tasks[1]
            (service.pid, service.tid, service.comm) = (700, 700, "systemd-logind")
            service.namespaces[.mount] = Self.serviceMounts
            node.tasks.append(service)
            node.mountTables.append(
                MountTable(namespace: Self.serviceMounts, pid: 700, mounts: Array(node.host.mounts.prefix(1))))
        }
    }

    /// The mount namespace of that service.
    package static let serviceMounts = NamespaceID(rawValue: 4_026_532_300)

    /// This node after one change to the quiet pod's sandbox.
    package func changingSandbox(_ change: (inout Container) -> Void) -> Node {
        changing { change(&$0.containers[1]) }
    }
}

/// Names in the quiet node.
package enum QuietIDs {
    package static let container = String(repeating: "a1", count: 32)
    package static let sandbox = String(repeating: "b2", count: 32)
    package static let secondSandbox = String(repeating: "e5", count: 32)
    package static let podUID = "0d15f723-5663-47c5-acb1-bf3fc445e613"
    package static let pod = PodIdentity(namespace: "shop", name: "web-0", uid: podUID)

    package static func path(_ container: String) -> String {
        let uid = podUID.split(separator: "-").joined(separator: "_")
        return
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(uid).slice/cri-containerd-\(container).scope"
    }
}

extension NamespaceSet {
    /// The host's namespaces of the quiet node.
    package static let host = NamespaceSet([
        .mount: 4_026_531_841, .pid: 4_026_531_836, .pidForChildren: 4_026_531_836, .network: 4_026_531_840,
        .ipc: 4_026_531_839, .uts: 4_026_531_838, .user: 4_026_531_837, .cgroup: 4_026_531_835, .time: 4_026_531_834,
    ])

    /// The namespaces of a task of the quiet pod; `own` are the kinds that each container has for itself.
    package static func pod(_ own: [NamespaceKind: UInt32]) -> NamespaceSet {
        var set = NamespaceSet([
            .network: 4_026_532_400, .ipc: 4_026_532_401, .uts: 4_026_532_402, .cgroup: 4_026_532_403,
            .user: 4_026_531_837, .time: 4_026_531_834,
        ])
        for (kind, inode) in own { set[kind] = NamespaceID(rawValue: inode) }
        return set
    }
}

extension TaskCredentials {
    /// A host daemon that runs as root.
    package static let root = TaskCredentials(
        permitted: CapabilitySet(rawValue: 0x1FF_FFFF_FFFF), effective: CapabilitySet(rawValue: 0x1FF_FFFF_FFFF),
        bounding: CapabilitySet(rawValue: 0x1FF_FFFF_FFFF), seccomp: 0, noNewPrivileges: false)

    /// A process of a container with the runtime's default profile.
    package static let container = TaskCredentials(
        permitted: .runtimeDefault, effective: .runtimeDefault, bounding: .runtimeDefault, seccomp: 2,
        noNewPrivileges: true)
}

extension Bundle {
    /// The quiet container's record.
    package static let quietContainer = Bundle(
        namespaces: [
            BundleNamespace(kind: .pid), BundleNamespace(kind: .ipc, path: "/proc/4000/ns/ipc"),
            BundleNamespace(kind: .uts, path: "/proc/4000/ns/uts"), BundleNamespace(kind: .mount),
            BundleNamespace(kind: .network, path: "/proc/4000/ns/net"), BundleNamespace(kind: .cgroup),
        ],
        capabilities: .runtimeDefault, noNewPrivileges: true, hasSeccomp: true, maskedPaths: standardMaskedPaths,
        readonlyPaths: standardReadonlyPaths,
        mounts: [
            BundleMount(destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            BundleMount(
                destination: "/etc/hosts", type: "bind",
                source: "/var/lib/kubelet/pods/\(QuietIDs.podUID)/etc-hosts", options: ["rbind", "rprivate", "rw"]),
            BundleMount(
                destination: "/etc/resolv.conf", type: "bind",
                source: "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/\(QuietIDs.sandbox)/resolv.conf",
                options: ["rbind", "rprivate", "rw"]),
            BundleMount(
                destination: "/dev/shm", type: "bind",
                source: "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/\(QuietIDs.sandbox)/shm",
                options: ["rbind", "rprivate", "rw"]),
        ],
        cgroupsPath: "kubepods-burstable-pod0d15f723.slice:cri-containerd:\(QuietIDs.container)")

    /// The quiet pod's sandbox's record.
    package static let quietSandbox = Bundle(
        namespaces: [
            BundleNamespace(kind: .pid), BundleNamespace(kind: .ipc), BundleNamespace(kind: .uts),
            BundleNamespace(kind: .mount),
            BundleNamespace(kind: .network, path: "/var/run/netns/cni-0c3f2b0a-7d9c-4b1e-8a51-6f6a0f0e5a11"),
            BundleNamespace(kind: .cgroup),
        ],
        capabilities: .runtimeDefault, noNewPrivileges: true, hasSeccomp: true, maskedPaths: standardMaskedPaths,
        readonlyPaths: standardReadonlyPaths)

    /// What containerd's CRI plugin masks for a container that asks for nothing.
    package static let standardMaskedPaths = [
        "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    ]
    package static let standardReadonlyPaths = [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]
}

extension Mount {
    /// The mount table of the quiet container.
    package static let quietContainer: [Mount] = [
        Mount(
            id: 701, parentID: 640, device: DeviceNumber(major: 0, minor: 311), root: "/", mountPoint: "/",
            options: ["rw", "relatime"], fileSystemType: "overlay", source: "overlay", superOptions: ["rw"]),
        Mount(
            id: 702, parentID: 701, device: DeviceNumber(major: 0, minor: 320), root: "/", mountPoint: "/proc",
            options: ["rw", "nosuid", "nodev", "noexec"], fileSystemType: "proc", source: "proc", superOptions: ["rw"]),
        Mount(
            id: 703, parentID: 701, device: DeviceNumber(major: 259, minor: 1),
            root: "/var/lib/kubelet/pods/\(QuietIDs.podUID)/etc-hosts", mountPoint: "/etc/hosts",
            options: ["rw", "relatime"], fileSystemType: "xfs", source: "/dev/nvme0n1p1", superOptions: ["rw"]),
        Mount(
            id: 704, parentID: 701, device: DeviceNumber(major: 259, minor: 1),
            root: "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/\(QuietIDs.sandbox)/resolv.conf",
            mountPoint: "/etc/resolv.conf", options: ["rw", "relatime"], fileSystemType: "xfs",
            source: "/dev/nvme0n1p1", superOptions: ["rw"]),
        Mount(
            id: 705, parentID: 701, device: DeviceNumber(major: 0, minor: 330), root: "/", mountPoint: "/dev/shm",
            options: ["rw", "nosuid", "nodev", "noexec"], fileSystemType: "tmpfs", source: "shm", superOptions: ["rw"]),
        Mount(
            id: 706, parentID: 702, device: DeviceNumber(major: 0, minor: 320), root: "/sys", mountPoint: "/proc/sys",
            options: ["ro", "nosuid"], fileSystemType: "proc", source: "proc", superOptions: ["rw"]),
        Mount(
            id: 707, parentID: 702, device: DeviceNumber(major: 0, minor: 321), root: "/null",
            mountPoint: "/proc/kcore", options: ["rw", "nosuid"], fileSystemType: "tmpfs", source: "tmpfs",
            superOptions: ["rw"]),
    ]
}
