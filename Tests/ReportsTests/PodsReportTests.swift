import Checks
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct PodsReportTests {
    private static let shared = Node.quiet.changing { node in
        node.containers[1].bundle?.namespaces.removeAll { $0.kind == .ipc }
        for task in node.tasks.indices where node.tasks[task].container != nil {
            node.tasks[task].namespaces[.ipc] = node.host.reference?.namespaces[.ipc]
        }
    }

    @Test func table() throws {
        let node = try Self.shared.declaring(
            metadata: #""ownerReferences": [{"kind": "StatefulSet", "name": "web"}]"#)
        #expect(
            try PodsReport(node, width: 80).text(.table) == """
                POD         OWNER            DECLARED  ACTUAL
                shop/web-0  StatefulSet/web  baseline  privileged
                    web: hostIPC unset → true (not declared)
                Declared or not by the Kubernetes API: 1 pod of this node, 0 s old.

                """)
        #expect(
            try PodsReport(node, width: 84).text(.table) == """
                POD         OWNER            DECLARED  ACTUAL      DIFFERENCES
                shop/web-0  StatefulSet/web  baseline  privileged  web: hostIPC unset → true (not
                                                                   declared)
                Declared or not by the Kubernetes API: 1 pod of this node, 0 s old.

                """)
        #expect(
            try PodsReport(Node.quiet.withoutAnswer, width: 200).text(.table) == """
                POD         OWNER  DECLARED  ACTUAL    DIFFERENCES
                shop/web-0  -      unknown   baseline  the API did not tell
                Not told: the Kubernetes API gave no answer: connection refused

                """)
    }

    @Test func exitCodes() throws {
        #expect(PodsReport(try Node.quiet.declaring(), width: 80).exitCode == 0)
        #expect(PodsReport(try Self.shared.declaring(), width: 80).exitCode == 1)
        #expect(PodsReport(try Node.quiet.declaring().changing { $0.apiPods?.pods = [] }, width: 80).exitCode == 1)
        #expect(PodsReport(Node.quiet.withoutAnswer, width: 80).exitCode == 3)
        let port = #""ports": [{"hostPort": 80}]"#
        #expect(PodsReport(try Node.quiet.declaring(container: port), width: 80).exitCode == 3)
        #expect(PodsReport(Node(), width: 80).exitCode == 0)
    }

    static func nodes() throws -> [(name: String, node: Node)] {
        let hostile = try shared.declaring(container: #""securityContext": {"runAsUser": 7}"#).changing {
            $0.containers[0].name = Hostile.escapes
            $0.containers[0].pod?.name = Hostile.escapes
        }
        return [
            ("quiet", try Node.quiet.declaring()), ("shared", try shared.declaring()), ("not asked", .quiet),
            ("no answer", Node.quiet.withoutAnswer), ("nothing", Node()), ("hostile", hostile),
        ]
    }

    @Test(.enabled(if: Python.hasJSONSchema, "python3 has no module jsonschema"))
    func documentsFollowTheSchema() throws {
        let path = SchemaTests.path.deletingLastPathComponent().appendingPathComponent("breakoutd-pods-1.schema.json")
        let schema = try String(contentsOf: path, encoding: .utf8)
        for (name, node) in try Self.nodes() {
            #expect(try Python.validate(try PodsReport(node, width: 80).text(.json), schema) == "", "\(name)")
        }
    }

    /// Nothing that a container chose reaches a terminal as it is.
    @Test func escapes() throws {
        for (name, node) in try Self.nodes() {
            let text = try PodsReport(node, width: 80).text(.table)
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "\(name)")
        }
    }
}

extension PodsReport {
    init(_ node: Node, width: Int) { self.init(node, PodReview.all(of: node), width: width) }
}

extension Hostile {
    fileprivate static let escapes = "a\u{1B}[2J\nb\u{7}"
}
