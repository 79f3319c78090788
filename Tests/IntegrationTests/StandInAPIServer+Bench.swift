import BenchSupport
import Foundation
import TestSupport
import Testing

/// The stand-in for the Kubernetes API server beside real containers.
extension StandInAPIServer {
    static let isUsable = Bench.isUsable && isAvailable
    static let hasKubectl = ["/usr/bin", "/usr/local/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/kubectl")
    }

    /// Runs kubectl as the cluster's administrator.
    @discardableResult
    func kubectl(_ words: String..., input: String? = nil) throws -> Bench.Output {
        try Bench.succeed(
            ["kubectl", "--kubeconfig", kubeconfig("token")] + words, input: input.map { Data($0.utf8) })
    }

    /// What a kubelet reports of a pod that it runs; `spec` and `container` are further members of the specification.
    func report(_ pod: BenchPod, name: String, containerID: String? = nil, container: String = "", spec: String = "")
        throws
    {
        func more(_ members: String) -> String { members.isEmpty ? "" : ", " + members }
        try control(
            """
            {"op": "apply", "pods": [{"metadata": {"namespace": "default", "name": "\(name)", "uid": "\(pod.uid)"},
              "spec": {"nodeName": "\(Self.nodeName)", "containers": [{"name": "main", "image": "busybox"\(more(container))}]\(more(spec))},
              "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0,
                "containerID": "containerd://\(containerID ?? pod.container)", "state": {"running": {}}}]}}]}
            """)
    }

    /// Plays scheduler and kubelet for a pod that kubectl made: it runs on this node as that container.
    func assign(_ object: Data, to pod: BenchPod) throws {
        let object = try #require(try JSONSerialization.jsonObject(with: object) as? [String: Any])
        let containers = (object["spec"] as? [String: Any])?["containers"] as? [[String: Any]]
        try report(object, containers: [containers?.first?["name"] as? String ?? "main": pod.container])
    }
}

extension SystemdNode {
    /// Scans with what a stand-in API server of the machine says of the node's pods.
    func scan(asking api: StandInAPIServer) throws -> ScanReport {
        try JSONDecoder().decode(ScanReport.self, from: try run("scan", asking: api).bytes)
    }

    /// Lists the node's pods beside what it says of them.
    func pods(asking api: StandInAPIServer) throws -> Bench.Output { try run("pods", asking: api) }

    /// Gives the node the credentials for the server, at the same place.
    func copyCredentials(for api: StandInAPIServer) throws {
        let files = try Bench.succeed(["tar", "-C", "/", "-cf", "-", String(api.directory.dropFirst())])
        try succeed("tar", "-C", "/", "-xf", "-", input: files.bytes)
    }

    private func run(_ command: String, asking api: StandInAPIServer) throws -> Bench.Output {
        try copyCredentials(for: api)
        return try runWithMachineNetwork([
            "/usr/local/bin/breakoutd", command, "--format", "json", "--kubeconfig", api.kubeconfig("certificate"),
            "--node-name", StandInAPIServer.nodeName,
        ])
    }
}
