import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

/// What a scan that does not show a finding says of it.
@Suite struct BlindSpotsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var technique = "privileged"
        var gaps: [Gap.Kind] = []
        var isHidden: Bool
        var change: @Sendable (inout Node) -> Void = { _ in }

        var testDescription: String { name }
    }

    private static let dropContainer: @Sendable (inout Node) -> Void = { node in
        node.tasks.removeLast(2)
        node.containers.removeAll { $0.id == QuietIDs.container }
        for index in node.tasks.indices where (node.tasks[index].container ?? 0) > 0 {
            node.tasks[index].container = node.containers.count - 1
        }
    }

    static let cases: [Case] = [
        Case(name: "nothing", isHidden: false),
        Case(name: "no reference", gaps: [.reference], isHidden: true),
        Case(name: "two references", gaps: [.referenceDisagreement], isHidden: true),
        Case(name: "the time was over", gaps: [.timeLimit], isHidden: true),
        Case(name: "the container is gone", isHidden: false, change: dropContainer),
        Case(
            name: "the container is gone, records were unreadable", gaps: [.bundle], isHidden: true,
            change: dropContainer),
        Case(name: "another container's record", gaps: [.bundle], isHidden: false),
        Case(name: "its record was unreadable", gaps: [.bundle], isHidden: true) { node in
            for index in node.containers.indices { node.containers[index].bundle = nil }
        },
        Case(
            name: "its network's result was unreadable", technique: "undeclared-setting", gaps: [.bundle],
            isHidden: true
        ) { $0.apiPods = APIPods(pods: [], asOf: 1) },
        Case(name: "its network's result was read", technique: "undeclared-setting", isHidden: false) {
            $0.apiPods = APIPods(pods: [], asOf: 1)
        },
        Case(name: "its namespaces were unreadable", gaps: [.process], isHidden: true) {
            $0.tasks[3].namespaces = NamespaceSet()
        },
        Case(name: "its credentials were unreadable", gaps: [.process], isHidden: true) {
            $0.tasks[4].credentials = nil
        },
        Case(name: "one of its tasks ends", isHidden: false) {
            $0.tasks[4].namespaces = NamespaceSet()
            $0.tasks[4].isExiting = true
        },
        Case(name: "its runtime starts a task", gaps: [.starting], isHidden: true) { $0.tasks[4].isStarting = true },
        Case(name: "PID 1 was unreadable", gaps: [.process], isHidden: false) {
            $0.tasks[0].namespaces = NamespaceSet()
        },
        Case(name: "a process that is nobody's was unreadable", gaps: [.process, .process], isHidden: true) {
            $0.tasks[1].namespaces = NamespaceSet()
            $0.tasks[1].cgroup = nil
        },
        Case(name: "a process was not even listed", gaps: [.process], isHidden: true),
        Case(name: "files of its tasks, for their check", technique: "holds-host-file", gaps: [.files], isHidden: true)
        {
            $0.taskFiles = [TaskFiles(task: $0.tasks[4].key, unread: "x")]
        },
        Case(name: "more files than were looked at", technique: "holds-host-file", gaps: [.files], isHidden: true) {
            $0.taskFiles = [TaskFiles(task: $0.tasks[4].key, isCut: true)]
        },
        Case(name: "files of its tasks, for another", gaps: [.files], isHidden: false) {
            $0.taskFiles = [TaskFiles(task: $0.tasks[4].key, unread: "x")]
        },
        Case(name: "files of another container", technique: "holds-host-file", gaps: [.files], isHidden: false) {
            $0.taskFiles = [TaskFiles(task: $0.tasks[2].key, unread: "x")]
        },
        Case(name: "the kernel has no time namespaces", isHidden: false) { node in
            node.host.reference?.namespaces[.time] = nil
            for index in node.tasks.indices { node.tasks[index].namespaces[.time] = nil }
        },
        Case(name: "mounts, for a check that reads them", technique: "host-path-root", gaps: [.mounts], isHidden: true),
        Case(name: "mounts, for another", gaps: [.mounts], isHidden: false),
        Case(name: "the log tree, for another", gaps: [.podLogs], isHidden: false),
        Case(name: "the log tree", technique: "log-hard-link", gaps: [.podLogs], isHidden: true),
        Case(name: "the kernel's settings", technique: "kernel-helper-modprobe", gaps: [.kernel], isHidden: true),
        Case(name: "the kernel's settings, for another", gaps: [.kernel], isHidden: false),
        Case(name: "the API was not asked", technique: "pod-unknown-to-api", isHidden: true),
        Case(name: "the API gave no answer", technique: "pod-unknown-to-api", gaps: [.api], isHidden: true) {
            $0.apiPods = APIPods(failure: "x")
        },
        Case(name: "the API answered", technique: "pod-unknown-to-api", isHidden: false) {
            $0.apiPods = APIPods(pods: [], asOf: 1)
        },
        Case(name: "the API, for another", gaps: [.api], isHidden: false) { $0.apiPods = APIPods(failure: "x") },
    ]

    @Test(arguments: cases)
    func hidden(_ example: Case) throws {
        let node = Node.quiet.changing(example.change)
        var gaps: [Gap] = []
        for kind in example.gaps { gaps.add(kind, "x", nil) }
        let blindSpots = BlindSpots(.sample([], of: node, gaps: gaps))
        #expect(blindSpots.hide(try .sample(example.technique)) == example.isHidden)
    }

    @Test func checksThatDidNotRun() throws {
        let blindSpots = BlindSpots(.sample([], judged: ["host-device"]))
        #expect(blindSpots.hide(try .sample("privileged")))
        #expect(!blindSpots.hide(try .sample("host-device")))
    }

    /// Whether a changed file is as it was, only a scan can say that looked at all files.
    @Test func changedFiles() throws {
        let finding = try Finding.sample("node-file-written-cron").changing { $0.nodeFile = "/etc/crontab" }
        let node = Node.quiet.changing { $0.changedFiles = [] }
        let gap = Gap(kind: .nodeFiles, reason: "x")
        #expect(!BlindSpots(.sample([], of: node)).hide(finding))
        #expect(BlindSpots(.sample([], of: .quiet)).hide(finding))
        #expect(BlindSpots(.sample([], of: node, gaps: [gap])).hide(finding))
        #expect(!BlindSpots(.sample([], of: .quiet, gaps: [gap])).hide(finding.changing { $0.nodeFile = nil }))
    }

    /// A technique of another version is judged by nobody: its finding would never end.
    @Test func unknownTechnique() throws {
        let technique = Technique(
            id: "no-more", title: "", class: .exposure, weight: .minor, attack: [], messageID: "", reason: "",
            meaning: "", remedy: "")
        let finding = try Finding.sample().changing { $0.technique = technique }
        #expect(!BlindSpots(.sample([], judged: [])).hide(finding))
    }

    /// A finding without a container, such as a file of the log tree, does not depend on who could be read.
    @Test func withoutAContainer() throws {
        let finding = try Finding.sample("log-hard-link").changing { $0.container = nil }
        let gap = Gap(kind: .process, reason: "x")
        let blindSpots = BlindSpots(.sample([], gaps: [gap]))
        #expect(blindSpots.hide(finding) && !blindSpots.hide(finding.changing { $0.task = nil }))
    }
}
