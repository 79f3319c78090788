import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct KernelHelperSetTests {
    private static let layer = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots"

    /// The quiet pod with its upper layer known, and `shop/db-0` with the node's `/opt` mounted to be written.
    private static func setting(
        _ kind: HelperSetting.Kind, _ program: String, target: String? = nil, isMissing: Bool = false,
        isKeptOpen: Bool = false
    ) -> Node {
        .twoPods.changing { node in
            node.host.kernelState = KernelState(helpers: [
                HelperSetting(
                    kind: kind, path: "/set", value: program + " %P", program: program, target: target,
                    isMissing: isMissing, isKeptOpen: isKeptOpen)
            ])
            node.mountTables[0].mounts[0].superOptions.append("upperdir=\(layer)/7/fs")
            node.containers[2].bundle?.mounts = [
                BundleMount(destination: "/host", type: "bind", source: "/opt", options: ["rbind", "rw"])
            ]
        }
    }

    static let usual: [(kind: HelperSetting.Kind, program: String)] = [
        (.corePattern, "/usr/lib/systemd/systemd-coredump"), (.corePattern, "/lib/systemd/systemd-coredump"),
        (.corePattern, "/usr/libexec/abrt-hook-ccpp"), (.corePattern, "/usr/share/apport/apport"),
        (.corePattern, "/bin/false"), (.modprobe, "/sbin/modprobe"), (.modprobe, "/usr/sbin/modprobe"),
        (.modprobe, "/bin/true"), (.uevent, "/sbin/hotplug"), (.poweroff, "/sbin/poweroff"),
        (.parameter, "/sbin/nfs_cache_getent"), (.releaseAgent, "/usr/lib/systemd/systemd-cgroups-agent"),
        (.releaseAgent, "/lib/systemd/systemd-cgroups-agent"),
    ]

    /// What is not told of by its name is told of when it changes.
    @Test func usualProgramsAreWatched() {
        let programs = KernelHelper.all.flatMap(\.usual).filter { $0.hasPrefix("/") }
        let paths = programs.map { "/" + PathParts($0).parts.joined(separator: "/") }
        #expect(paths.filter { path in !Check.scannedPaths.contains { $0.covers(path) } } == [])
        #expect(paths.count > 10)
    }

    /// Whether or not the program is there: an image may come without.
    @Test(arguments: usual, [true, false])
    func asNodesHaveIt(_ setting: (kind: HelperSetting.Kind, program: String), isMissing: Bool) {
        let node = Self.setting(setting.kind, setting.program, isMissing: isMissing)
        for check in Check.kernelHelpersSet { #expect(check.found(node) == [], "\(check.technique.id)") }
    }

    static let places: [(program: String, target: String?, isMissing: Bool, place: String, container: Int?)] = [
        ("\(layer)/7/fs/tmp/x", "\(layer)/7/fs/tmp/x", false, "in the files of container web of shop/web-0", 0),
        ("\(layer)/7/fs/tmp/x", nil, true, "in the files of container web of shop/web-0", 0),
        ("/tmp/link", "\(layer)/7/fs/x", false, "in the files of container web of shop/web-0", 0),
        ("\(layer)/77/fs/x", nil, false, "in the files of a container", nil),
        ("/var/lib/docker/overlay2/0a/diff/x", nil, false, "in the files of a container", nil),
        ("/proc/4100/root/x", nil, false, "in the files of container web of shop/web-0", 0),
        ("/proc/900/root/x", nil, false, "which is none of the usual ones", nil),
        ("/proc/%P/root/x", nil, false, "which is none of the usual ones", nil),
        (
            "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(QuietIDs.container)/rootfs/x", nil, false,
            "in the files of container web of shop/web-0", 0
        ),
        ("/opt/x", "/opt/x", false, "which is none of the usual ones, which shop/db-0 can write", 2),
        ("/opt/x", nil, true, "which is not there, which shop/db-0 can write", 2),
        ("/bin/sh", "/usr/bin/sh", false, "which is none of the usual ones", nil),
        ("/tmp/x/../../usr/lib/systemd/systemd-coredump", nil, false, "which is none of the usual ones", nil),
        ("/sbin/modprobe", "/usr/bin/kmod", false, "which is none of the usual ones", nil),
        ("tmp/x", nil, true, "which is not there", nil),
    ]

    @Test(arguments: places)
    func elsewhere(program: String, target: String?, isMissing: Bool, place: String, container: Int?) throws {
        let node = Self.setting(.corePattern, program, target: target, isMissing: isMissing)
        let found = Check.kernelHelpersSet.flatMap { check in check.found(node).map { (check.technique.id, $0) } }
        try #require(found.map(\.0) == ["kernel-helper-core-pattern"])
        #expect(found[0].1.detail == "/set names \(program), \(place)")
        #expect(found[0].1.container == container && found[0].1.weight == nil && found[0].1.task == nil)
        #expect(found[0].1.key == "/set \(program)")
        #expect(found[0].1.values["value"] == .text("\(program) %P"))
    }

    @Test func severity() throws {
        let check = try #require(Check.named("kernel-helper-modprobe"))
        let node = Self.setting(.modprobe, "/opt/x")
        let evidence = try #require(check.found(node).first)
        let weight = evidence.weight ?? check.technique.weight
        #expect(Severity(weight, evidence.declaration, inUserNamespace: false) == .high)
        #expect(evidence.values["pods"] == .list(["shop/db-0"]))
    }

    /// A directory that several pods can write to names none of them as the one.
    @Test func severalWriters() throws {
        let check = try #require(Check.named("kernel-helper-modprobe"))
        func detail(_ count: Int) throws -> String {
            let node = Self.setting(.modprobe, "/opt/x").changing { node in
                for number in 1..<count {
                    var other = node.containers[2]
                    (other.id, other.sandboxID) = ("other-\(number)", nil)
                    other.pod = PodIdentity(namespace: "shop", name: "x-\(number)", uid: "\(number)")
                    node.containers.append(other)
                }
            }
            let evidence = try #require(check.found(node).first)
            #expect(evidence.container == (count == 1 ? 2 : nil))
            return evidence.detail
        }
        let start = "/set names /opt/x, which is none of the usual ones, which "
        #expect(try detail(1) == start + "shop/db-0 can write")
        #expect(try detail(2) == start + "shop/db-0 and shop/x-1 can write")
        #expect(try detail(5) == start + "shop/db-0, shop/x-1 and 3 more can write")
        let readOnly = Self.setting(.modprobe, "/opt/x").changing {
            $0.containers[2].bundle?.mounts[0].options = ["rbind", "ro"]
        }
        #expect(check.found(readOnly).map(\.container) == [nil])
    }

    static let interpreters: [(program: String, target: String?, isKeptOpen: Bool, weight: Weight?, isTold: Bool)] = [
        ("/usr/bin/qemu", "/usr/bin/qemu", false, nil, false),
        ("/usr/bin/qemu", "/usr/bin/qemu", true, .inertResidue, true),
        ("/usr/bin/qemu", nil, false, nil, true), ("/usr/bin/qemu", nil, true, nil, true),
        ("/usr/bin/link", "/tmp/x", false, nil, true), ("/tmp/x", "/tmp/x", false, nil, true),
        ("/opt/x", "/opt/x", false, nil, true), ("/opt/link", "/usr/bin/qemu", false, nil, true),
    ]

    @Test(arguments: interpreters)
    func formats(program: String, target: String?, isKeptOpen: Bool, weight: Weight?, isTold: Bool) throws {
        let check = try #require(Check.named("kernel-helper-interpreter"))
        let found = check.found(Self.setting(.interpreter, program, target: target, isKeptOpen: isKeptOpen))
        #expect(found.map(\.weight) == (isTold ? [weight] : []))
        #expect(found.allSatisfy { $0.values["keptOpen"] == .flag(isKeptOpen) })
    }

    /// Where a pod can write to all of the node, what a scan does not look at is no program of the node's by its name.
    @Test(
        arguments: [
            ("/usr/bin/qemu", "/usr/bin/qemu", false), ("/usr/share/x/i", "/usr/share/x/i", true),
            ("/usr/share/x/i", "/usr/bin/qemu", false), ("/usr/bin/i", "/usr/share/x/i", true),
            ("/usr/bin/x/i", "/usr/bin/x/i", true),
        ] as [(program: String, target: String, isTold: Bool)])
    func formatsWhereAPodCanWrite(program: String, target: String, isTold: Bool) throws {
        let check = try #require(Check.named("kernel-helper-interpreter"))
        let node = Self.setting(.interpreter, program, target: target).changing {
            $0.containers[2].bundle?.mounts[0].source = "/"
        }
        #expect(check.found(node).map(\.container) == (isTold ? [2] : []))
    }

    @Test func everyKindHasACheck() {
        #expect(KernelHelper.all.map(\.kind.rawValue).sorted() == HelperSetting.Kind.allCases.map(\.rawValue).sorted())
    }
}
