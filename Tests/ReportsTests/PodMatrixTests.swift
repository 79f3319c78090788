import Checks
import Findings
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct PodMatrixTests {
    /// The matrix of a node, in words: `–`, `?`, or severity, number and technique of a cell that is not empty.
    private static func words(_ matrix: PodMatrix) -> [String] {
        matrix.rows.map { row in
            let cells = zip(matrix.areas, row.cells).compactMap { area, cell -> String? in
                switch cell {
                case .nothing: nil
                case .notJudged: "\(area) ?"
                case .found(let finding, let count): "\(area) \(finding.severity) \(count) \(finding.technique.id)"
                }
            }
            return ([row.name] + cells).joined(separator: ", ")
        }
    }

    private static func matrix(
        of node: Node, _ options: ReportOptions = ReportOptions(), checks: [Check] = Check.all
    ) -> PodMatrix {
        PodMatrix(Report(Judgement(of: node, by: checks), options))
    }

    private static let shared = Node.quiet.changing { node in
        for task in [3, 4] { node.tasks[task].namespaces[.network] = node.host.reference?.namespaces[.network] }
        node.containers[0].bundle?.hasSeccomp = false
        node.containers[0].bundle?.capabilities.formUnion(CapabilitySet.named(["SYS_PTRACE"]).set)
    }

    @Test func aQuietPodHasNoRow() {
        let matrix = Self.matrix(of: .quiet)
        #expect(matrix.rows.isEmpty)
        #expect(matrix.quietPods == ["shop/web-0"])
        #expect(matrix.areas == HostArea.allCases)
    }

    @Test func aCellHasTheWorstAndHowMany() {
        let matrix = Self.matrix(of: Self.shared)
        #expect(
            Self.words(matrix) == [
                "shop/web-0, network critical 1 entered-host-network-namespace, "
                    + "namespaces critical 1 first-process-in-host-namespace, privileges medium 2 added-capability"
            ])
        #expect(matrix.quietPods.isEmpty)
    }

    @Test func whatIsNotShownIsInIt() {
        let all = Self.words(Self.matrix(of: Self.shared))
        #expect(Self.words(Self.matrix(of: Self.shared, ReportOptions(minSeverity: .critical))) == all)
    }

    @Test func anotherPodIsNot() {
        #expect(Self.matrix(of: Self.shared, ReportOptions(pod: "web-9")).rows.isEmpty)
        #expect(Self.matrix(of: .quiet, ReportOptions(pod: "web-9")).quietPods.isEmpty)
        #expect(Self.matrix(of: .quiet, ReportOptions(pod: "web-0")).quietPods == ["shop/web-0"])
    }

    /// What each column of the quiet pod says after a change.
    static let unread: [(name: String, change: @Sendable (inout Node) -> Void, areas: [HostArea])] = [
        ("nothing", { _ in }, []),
        ("the host", { $0.gaps = [Gap(kind: .reference, reason: "r")] }, HostArea.allCases),
        ("time", { $0.gaps = [Gap(kind: .timeLimit, reason: "r")] }, HostArea.allCases),
        ("a task", { $0.tasks[3].namespaces[.pid] = nil }, HostArea.allCases),
        ("log tree", { $0.gaps = [Gap(kind: .podLogs, reason: "r")] }, [.files, .identity]),
        ("files", { $0.gaps = [Gap(kind: .nodeFiles, reason: "r")] }, [.files]),
    ]

    @Test(arguments: unread)
    func whatWasNotReadIsNotClean(name: String, change: @Sendable (inout Node) -> Void, areas: [HostArea]) {
        let matrix = Self.matrix(of: .quiet.changing { change(&$0) })
        let isPart = !areas.isEmpty && areas != HostArea.allCases
        #expect(Self.words(matrix) == (isPart ? ["shop/web-0" + areas.map { ", \($0) ?" }.joined()] : []))
        #expect(matrix.quietPods == (areas.isEmpty ? ["shop/web-0"] : []))
        #expect(matrix.unjudgedPods == (areas == HostArea.allCases ? ["shop/web-0"] : []))
    }

    @Test func onlyWhatWasLookedForHasAColumn() {
        let checks = Check.all.filter { ["privileged", "host-pid-namespace"].contains($0.technique.id) }
        let matrix = Self.matrix(of: .quiet, checks: checks)
        #expect(matrix.areas == [.processes, .privileges])
        #expect(matrix.quietPods == ["shop/web-0"])
    }

    @Test func aCheckWithoutItsInputIsNotJudged() {
        let node = Node.quiet.changing { $0.parts.remove(.podLogs) }
        #expect(Self.words(Self.matrix(of: node)) == ["shop/web-0, files ?, identity ?"])
    }

    @Test func anAPIThatDoesNotAnswerIsNotJudged() {
        #expect(Self.words(Self.matrix(of: Node.quiet.withoutAnswer)) == ["shop/web-0, privileges ?, identity ?"])
    }

    @Test func whatIsOfNoPodHasARow() {
        let ofNode = Finding.sample("kernel-module-loaded", .critical).changing { ($0.pod, $0.container) = (nil, nil) }
        let ofContainer = Finding.sample("orphan-container", .high).changing { $0.pod = nil }
        let logs = Finding.sample("log-hard-link", .medium).changing {
            $0.pod = PodIdentity(namespace: "old", name: "gone", uid: "1234")
            $0.container = nil
        }
        let matrix = PodMatrix(.sample([ofNode, ofContainer, logs]))
        #expect(
            Self.words(matrix) == [
                "node, kernel critical 1 kernel-module-loaded",
                "container \(QuietIDs.container.prefix(12)) (no pod), identity high 1 orphan-container",
                "old/gone, files medium 1 log-hard-link",
            ])
        #expect(matrix.quietPods == ["shop/web-0"])
    }
}
