import NodeModel
import PodSecurity
import TestSupport
import Testing

@testable import Checks

@Suite struct PodReviewTests {
    private static let restricted =
        #""securityContext": {"allowPrivilegeEscalation": false, "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["ALL"]}}"#

    /// The quiet container as its restricted specification asks.
    private static let confined = Node.quiet.changingBundle {
        $0.uid = 1000
        $0.capabilities = []
    }

    struct Row: CustomTestStringConvertible {
        var name: String
        var node: Node
        var declared: PodSecurityLevel?
        var actual: PodSecurityLevel?
        var state: PodReview.State = .known
        var differences: [String] = []

        var testDescription: String { name }
    }

    static func rows() throws -> [Row] {
        let pid = Node.quiet.sharingWithPod(.pid)
        return [
            Row(name: "nothing asked", node: try Node.quiet.declaring(), declared: .baseline, actual: .baseline),
            Row(
                name: "restricted and so", node: try confined.declaring(container: restricted), declared: .restricted,
                actual: .restricted),
            Row(
                name: "restricted and not so", node: try Node.quiet.declaring(container: restricted),
                declared: .restricted, actual: .baseline,
                differences: ["capabilities.drop", "runAsUser", "runAsNonRoot"]),
            Row(
                name: "the node's processes, not asked for", node: try pid.declaring(), declared: .baseline,
                actual: .privileged, differences: ["hostPID"]),
            Row(
                name: "the node's processes, as asked for", node: try pid.declaring(spec: #""hostPID": true"#),
                declared: .privileged, actual: .privileged),
            Row(
                name: "a label that confines less",
                node: Node.quiet.changingBundle { $0.selinuxLabel = "u:r:spc_t:s0" },
                actual: .privileged, state: .unknown),
            Row(
                name: "the label of a container",
                node: Node.quiet.changingBundle { $0.selinuxLabel = "u:r:container_t:s0:c1,c2" },
                actual: .baseline, state: .unknown),
            Row(name: "not asked", node: .quiet, actual: .baseline, state: .unknown),
            Row(name: "no answer", node: Node.quiet.withoutAnswer, actual: .baseline, state: .unknown),
            Row(
                name: "gone", node: try Node.quiet.declaring().changing { $0.apiPods?.pods = [] }, actual: .baseline,
                state: .gone),
            Row(
                name: "gone, as young as can be told",
                node: try Node.quiet.declaring().changing {
                    $0.apiPods?.pods = []
                    $0.host.ticksSinceBoot = 5000 + 5999
                },
                actual: .baseline, state: .unknown),
            Row(
                name: "the container is young, its pod is not",
                node: try Node.quiet.declaring().changing {
                    $0.apiPods?.pods[0].status = nil
                    $0.host.ticksSinceBoot = 5100 + 5950
                },
                declared: .baseline, actual: .baseline, state: .unknown),
            Row(
                name: "a container more",
                node: try Node.quiet.declaring().changing { $0.apiPods?.pods[0].status = nil },
                declared: .baseline, actual: .baseline, state: .unknownContainer),
            Row(
                name: "a sandbox more", node: try Node.quiet.addingSandbox().declaring(), declared: .baseline,
                actual: .privileged, state: .unknownContainer),
            Row(
                name: "a sandbox more, as young as can be told",
                node: try Node.quiet.addingSandbox().declaring().changing { $0.host.ticksSinceBoot = 6000 + 5999 },
                declared: .baseline, actual: .baseline),
            Row(
                name: "a privileged sandbox more",
                node: Node.quiet.addingSandbox {
                    $0.containers[2].bundle = Node.quiet.privileged().containers[0].bundle
                },
                actual: .privileged, state: .unknown),
            Row(
                name: "no record", node: try Node.quiet.declaring().changing { $0.containers[0].bundle = nil },
                declared: .baseline),
        ]
    }

    @Test func reviews() throws {
        for row in try Self.rows() {
            let reviews = PodReview.all(of: row.node)
            let review = try #require(reviews.first)
            #expect(reviews.count == 1 && review.identity == QuietIDs.pod, "\(row.name)")
            #expect(review.declaredLevel == row.declared, "\(row.name)")
            #expect(review.actualLevel == row.actual, "\(row.name)")
            #expect(review.state == row.state, "\(row.name)")
            let told = review.differences.filter { $0.item.verdict != .unknown }
            #expect(told.map(\.item.field.description).sorted() == row.differences.sorted(), "\(row.name)")
        }
    }

    /// What a second look has to confirm: containers, `app` and `sandbox`, and tasks.
    struct DoubtRow: CustomTestStringConvertible {
        var name: String
        var node: Node
        var containers: Set<String> = []
        var tasks: Set<Int32> = []

        var testDescription: String { name }
    }

    static func doubts() throws -> [DoubtRow] {
        let quiet = try Node.quiet.declaring()
        let young = quiet.changing { $0.host.ticksSinceBoot = 5110 }
        let app: Set = [QuietIDs.container]
        let both: Set = [QuietIDs.container, QuietIDs.sandbox]
        return [
            DoubtRow(name: "as declared", node: quiet),
            DoubtRow(name: "not asked", node: .quiet),
            DoubtRow(name: "no answer", node: Node.quiet.withoutAnswer),
            DoubtRow(
                name: "a share as declared",
                node: try Node.quiet.sharingWithPod(.pid).declaring(spec: #""hostPID": true"#)),
            DoubtRow(
                name: "no record", node: quiet.changing { $0.containers[0].bundle = nil }, containers: app),
            DoubtRow(
                name: "no record and no process",
                node: quiet.changing {
                    $0.containers[0].bundle = nil
                    $0.tasks.removeAll { $0.container == 0 }
                }),
            DoubtRow(name: "gone", node: quiet.changing { $0.apiPods?.pods = [] }, containers: both),
            DoubtRow(name: "not there yet", node: young.changing { $0.apiPods?.pods = [] }, containers: both),
            DoubtRow(
                name: "no status yet", node: young.changing { $0.apiPods?.pods[0].status = nil }, containers: app),
            DoubtRow(
                name: "a sandbox more", node: try Node.quiet.addingSandbox().declaring(),
                containers: [QuietIDs.secondSandbox]),
            DoubtRow(
                name: "less than declared",
                node: try Node.quiet.declaring(container: #""securityContext": {"runAsUser": 7}"#), containers: app),
            DoubtRow(
                name: "a thread in the host's network",
                node: quiet.changing { $0.tasks[4].namespaces[.network] = NamespaceSet.host[.network] },
                containers: app, tasks: [4101]),
            DoubtRow(
                name: "what nothing shows",
                node: try Node.quiet.declaring(container: #""ports": [{"hostPort": 80}]"#)),
        ]
    }

    @Test func doubtful() throws {
        for row in try Self.doubts() {
            let review = try #require(PodReview.all(of: row.node).first)
            #expect(review.doubt.containers == row.containers, "\(row.name)")
            #expect(Set(review.doubt.tasks.keys.map(\.tid)) == row.tasks, "\(row.name)")
            #expect(review.doubt.tasks.values.allSatisfy { $0 == ["net \(QuietIDs.container)"] }, "\(row.name)")
        }
    }

    /// Ports of the node and open kernel settings are more than `baseline` has, whoever asked for them.
    @Test func actualLevel() throws {
        let node = try Node.quiet.declaring()
        let levels = [
            node.changing { $0.containers[1].hostPorts = [] }, node.changing { $0.containers[1].hostPorts = [80] },
            node.changingBundle { $0.readonlyPaths = [] },
        ].map { PodReview.all(of: $0).first?.actualLevel }
        #expect(levels == [.baseline, .privileged, .privileged])
    }

    @Test func owner() throws {
        let metadata =
            #""ownerReferences": [{"kind": "Node", "name": "n"}, {"kind": "ReplicaSet", "name": "web", "controller": true}]"#
        let review = try #require(PodReview.all(of: try Node.quiet.declaring(metadata: metadata)).first)
        #expect(review.owner?.kind == "ReplicaSet" && review.owner?.name == "web")
    }
}
