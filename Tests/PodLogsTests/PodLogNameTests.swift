import LinuxSystem
import NodeModel
import Testing

@testable import PodLogs

@Suite struct PodLogNameTests {
    static let uid = "f07ab13e-46c9-4847-9708-c19156d80808"
    static let hash = "4a486643ccd593757e2ef705540d4274"

    static let podNames: [(name: String, pod: PodIdentity?)] = [
        ("shop_web-0_\(uid)", PodIdentity(namespace: "shop", name: "web-0", uid: uid)),
        ("a_b.c.d_\(hash)", PodIdentity(namespace: "a", name: "b.c.d", uid: hash)),
        (uid, PodIdentity(uid: uid)),
        (hash, PodIdentity(uid: hash)),
        ("", nil), ("_", nil), ("__", nil), ("shop_web-0", nil), ("__\(uid)", nil), ("shop__\(uid)", nil),
        ("shop_web_0_\(uid)", nil), ("shop_web-0_\(uid)_", nil), ("shop_web-0_", nil), ("shop_web-0_x", nil),
        ("shop_web-0_\(uid.uppercased())", nil), ("shop_web-0_\(uid.dropLast())", nil), ("shop_web-0_\(hash)0", nil),
        ("Shop_web-0_\(uid)", nil), ("sh op_web-0_\(uid)", nil), ("shop_web-0_\(uid)\n", nil),
        ("shop_\u{1B}[31m_\(uid)", nil), ("shop_..%2f_\(uid)", nil), ("shop_wéb_\(uid)", nil),
        ("shop_\(String(repeating: "a", count: 254))_\(uid)", nil), ("lost+found", nil), (".", nil),
    ]

    @Test(arguments: podNames)
    func pod(name: String, pod: PodIdentity?) { #expect(PodLogName.pod(name) == pod) }

    static let fileNames: [(name: String, kind: PodLogName.FileKind)] = [
        ("0.log", .log(instance: 0)), ("12.log", .log(instance: 12)),
        ("18446744073709551615.log", .log(instance: .max)), ("18446744073709551616.log", .other),
        ("0.log.20260304-101500", .rotated), ("0.log.20260304-101500.gz", .rotated),
        ("0.log.20260304-101500.tmp", .other), ("0.log.20260304-101500.gz.tmp", .other),
        ("0.log.20260304-10150", .other), ("0.log.2026030x-101500", .other), ("0.log.", .other), ("0.log.gz", .other),
        ("", .other), (".", .other), (".log", .other), ("log", .other), ("x.log", .other), ("-1.log", .other),
        ("+1.log", .other), ("1.LOG", .other), ("1.log\n", .other), (" 1.log", .other), ("١.log", .other),
        ("1.log.20260304-101500-1", .other),
    ]

    @Test(arguments: fileNames)
    func file(name: String, kind: PodLogName.FileKind) { #expect(PodLogName.fileKind(name) == kind) }
}

@Suite struct ContainerLogsTests {
    static let root = "/var/log/pods"

    @Test func instancesByNumber() {
        let names = ["9.log", "10.log", "2.log", "10.log.20260304-101500.gz", "10.log.20260304-101500.tmp", "core"]
        let logs = ContainerLogs(
            name: "web", entries: names.map { PodLogEntry(name: $0, kind: .regular) },
            directory: "\(Self.root)/a_b_c/web", logTrees: [Self.root])
        #expect(
            logs
                == ContainerLogs(
                    name: "web", live: "10.log", previous: ["9.log", "2.log"], rotated: ["10.log.20260304-101500.gz"],
                    ignored: ["10.log.20260304-101500.tmp", "core"]))
    }

    @Test(arguments: [FileStatus.Kind.fifo, .socket, .character, .block, .directory, .unknown])
    func nothingElseIsALog(kind: FileStatus.Kind) {
        let logs = ContainerLogs(
            name: "web", entries: [PodLogEntry(name: "0.log", kind: kind)], directory: "\(Self.root)/a_b_c/web",
            logTrees: [Self.root])
        #expect(logs == ContainerLogs(name: "web", ignored: ["0.log"]))
    }

    @Test func noEntries() {
        #expect(
            ContainerLogs(name: "web", entries: [], directory: "\(Self.root)/a_b_c/web", logTrees: [Self.root])
                == ContainerLogs(name: "web"))
    }
}

@Suite struct PodLogLinksTests {
    static let id = String(repeating: "a1", count: 32)

    static let targets: [(target: String, isOrdinary: Bool)] = [
        ("/var/lib/docker/containers/\(id)/\(id)-json.log", true),
        ("/data/docker/containers/\(id)/\(id)-json.log", true),
        ("/var/log/pods/a_b_c/web/0.log", true),
        ("//var//log/pods/a_b_c/web/0.log", true),
        // Only what lies where the walk looks at it itself: anything deeper or higher may be a link in turn.
        ("/var/log/pods/a_b_c/web/deeper/0.log", false),
        ("/var/log/pods/a_b_c/web", true),
        ("/var/log/pods/a_b_c", true),
        ("/var/log/pods", false), ("/", false),
        // From /var/log/pods/a_b_c/api: the walk came there without a link.
        ("0.log", true), ("../web/0.log", true), ("./../web/0.log", true), ("../../d_e_f/web/0.log", true),
        ("../../..", false), ("../..", false), ("../../../pods/a_b_c/web/0.log", true),
        ("../../../../../etc/shadow", false), ("../../../../../../../../etc/shadow", false),
        ("../web/../../x/y/0.log", false), ("deeper/0.log", false),
        ("/var/log/pods/../../../etc/shadow", false),
        ("/var/log/pods/a_b_c/./web/0.log", true),
        ("/var/log/pods/a_b_c/web/\u{301}.log", true),
        ("/var/log/pods/a_b_c/web/\u{301}/0.log", false),
        ("/var/log/podsx/a_b_c/web/0.log", false),
        ("/etc/shadow", false), ("/proc/1/root/etc/shadow", false),
        ("var/log/pods/a_b_c/web/0.log", false),
        ("../../../../lib/docker/containers/\(id)/\(id)-json.log", false),
        ("/var/lib/docker/containers/\(id)/x-json.log", false),
        ("/var/lib/docker/containers/\(id)/\(id)-json.log/..", false),
        ("/var/lib/docker/containers/../containers/\(id)/\(id)-json.log", false),
        ("/var/lib/docker/containers/\(id)/config.v2.json", false),
        ("/containers/\(id)/\(id)-json.log", false),
        ("/var/lib/docker/volumes/\(id)/\(id)-json.log", false),
        ("/var/lib/docker/containers/\(id.uppercased())/\(id.uppercased())-json.log", false),
        ("/var/lib/docker/containers/\(String(repeating: "b2", count: 32))/\(id)-json.log", false),
        ("/var/lib/docker/containers/\(id)/x/\(id)-json.log", false),
        // A made-up data root, beside or inside the log tree, whose files nobody looks at.
        ("/var/log/pods/a_b_c/containers/\(id)/\(id)-json.log", false),
        ("/var/log/x/containers/\(id)/\(id)-json.log", false),
        ("/var/log/pods/x/y/containers/\(id)/\(id)-json.log", false),
    ]

    @Test(arguments: targets)
    func isOrdinary(target: String, isOrdinary: Bool) {
        #expect(
            PodLogLinks.isOrdinary(target, of: "/var/log/pods/a_b_c/api/1.log", logTrees: ["/var/log/pods"])
                == isOrdinary)
    }
}
