import Foundation
package import NodeModel

extension Node {
    /// This node with the quiet pod as the API has it: `container` and `spec` are further members of the container and
    /// of the pod's specification, in JSON.
    ///
    /// The quiet container is known to the API by its id, and is ten minutes old.
    package func declaring(container: String = "", spec: String = "", metadata: String = "") throws -> Node {
        func more(_ members: String) -> String { members.isEmpty ? "" : ", " + members }
        let json = """
            {"metadata": {"namespace": "shop", "name": "web-0", "uid": "\(QuietIDs.podUID)"\(more(metadata))},
             "spec": {"containers": [{"name": "web"\(more(container))}]\(more(spec))},
             "status": {"phase": "Running", "containerStatuses": [
                {"name": "web", "containerID": "containerd://\(QuietIDs.container)",
                 "state": {"running": {"startedAt": "2026-03-04T10:00:00Z"}}}]}}
            """
        let pod = try JSONDecoder().decode(Pod.self, from: Data(json.utf8))
        return changing {
            $0.apiPods = APIPods(pods: [pod], asOf: $0.takenAt)
            $0.host.ticksSinceBoot = 5100 + 600 * 100
        }
    }

    /// This node where the API was asked and gave no answer.
    package var withoutAnswer: Node { changing { $0.apiPods = APIPods(failure: "connection refused") } }
}
