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
        ("/var/lib/cloud/scripts/per-boot", "ssm", .rootEquivalent, .partial),
        ("/var/run/modprobe.d", "systemd", .rootEquivalent, .minor),
        ("/run/tmpfiles.d", "systemd", .rootEquivalent, .minor),
        ("/run/sysctl.d", "systemd", .rootEquivalent, .minor),
        ("/run/udev/rules.d", "systemd", .rootEquivalent, .minor),
        ("/run/systemd", "systemd", .rootEquivalent, .rootEquivalent),
        ("/run/systemd/private", "systemd", .rootEquivalent, .rootEquivalent),
        ("/run/systemd/system", "systemd", .rootEquivalent, .minor),
        ("/run/systemd/journal", "systemd", .rootEquivalent, .minor),
        ("/run/dbus", "systemd", .rootEquivalent, .rootEquivalent),
        ("/var/run/dbus/system_bus_socket", "systemd", .rootEquivalent, .rootEquivalent),
        ("/run/dbus2", "other", .minor, .minor),
        ("/run/udev/data", "other", .minor, .minor),
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
        ("/dev/nvme0", "disk", .rootEquivalent, .rootEquivalent),
        ("/dev/ng0n1", "disk", .rootEquivalent, .rootEquivalent),
        ("/dev/sg12", "disk", .rootEquivalent, .rootEquivalent),
        ("/dev/bsg/0:0:0:0", "disk", .rootEquivalent, .rootEquivalent),
        ("/dev/sgx/enclave", "dev", .partial, .minor), ("/dev/sgx_enclave", "dev", .partial, .minor),
        ("/dev/ng", "dev", .partial, .minor),
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
        ("/run/udev", .rootEquivalent, .minor, "/run/udev/rules.d"),
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
