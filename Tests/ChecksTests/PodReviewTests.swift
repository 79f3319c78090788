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
            Row(name: "not asked", node: .quiet, actual: .baseline, state: .unknown),
            Row(name: "no answer", node: Node.quiet.withoutAnswer, actual: .baseline, state: .unknown),
            Row(
                name: "gone", node: try Node.quiet.declaring().changing { $0.apiPods?.pods = [] }, actual: .baseline,
                state: .gone),
            Row(
                name: "a container more",
                node: try Node.quiet.declaring().changing { $0.apiPods?.pods[0].status = nil },
                declared: .baseline, actual: .baseline, state: .unknownContainer),
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
            #expect(told.map(\.item.item).sorted() == row.differences.sorted(), "\(row.name)")
        }
    }

    @Test func owner() throws {
        let metadata =
            #""ownerReferences": [{"kind": "Node", "name": "n"}, {"kind": "ReplicaSet", "name": "web", "controller": true}]"#
        let review = try #require(PodReview.all(of: try Node.quiet.declaring(metadata: metadata)).first)
        #expect(review.owner?.kind == "ReplicaSet" && review.owner?.name == "web")
    }
}
