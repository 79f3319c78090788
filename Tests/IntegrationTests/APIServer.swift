import Foundation
import Testing

/// The bench's stand-in for the Kubernetes API server, for the time of one test.
final class APIServer {
    static let nodeName = "node-1"
    static let isUsable = Bench.isUsable && FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
    static let hasKubectl = ["/usr/bin", "/usr/local/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/kubectl")
    }

    let directory: String
    private let program: RunningProgram
    /// The server's standard output, which has to stay open.
    private let ready: Announcement

    static func with(_ body: (APIServer) throws -> Void) throws {
        let server = try APIServer()
        defer { server.down() }
        try body(server)
    }

    private init() throws {
        directory = "/tmp/breakoutd-api-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        ready = try Announcement()
        let output = open(ready.path, O_WRONLY | O_CLOEXEC)
        defer { close(output) }
        program = try RunningProgram(
            [Bench.script("api-server"), "--state-dir", directory, "--node-name", Self.nodeName], input: nil,
            output: output, errors: STDERR_FILENO)
        guard try ready.line().hasPrefix("ready https://127.0.0.1:") else {
            throw Bench.CommandFailed(description: "the API server did not say that it is ready")
        }
    }

    private func down() {
        program.terminate()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The node's own identity, by a client certificate.
    var kubeconfig: String { "\(directory)/kubeconfig-certificate" }

    /// Runs kubectl as the cluster's administrator.
    @discardableResult
    func kubectl(_ words: String..., input: String? = nil) throws -> Bench.Output {
        try Bench.succeed(
            ["kubectl", "--kubeconfig", "\(directory)/kubeconfig-token"] + words, input: input.map { Data($0.utf8) })
    }

    /// Sends one command to the server's control socket.
    func control(_ command: String) throws {
        let script = """
            import socket, sys
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(sys.argv[1])
                control.sendall(sys.stdin.buffer.read() + b"\\n")
                answer = control.makefile().readline()
            sys.exit(0 if '"ok"' in answer else answer)
            """
        let line = command.replacing("\n", with: " ")
        try Bench.succeed(["python3", "-c", script, "\(directory)/control.sock"], input: Data(line.utf8))
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
        var text = try #require(try JSONSerialization.jsonObject(with: object) as? [String: Any])
        var spec = try #require(text["spec"] as? [String: Any])
        spec["nodeName"] = Self.nodeName
        text["spec"] = spec
        let containers = spec["containers"] as? [[String: Any]] ?? []
        text["status"] = [
            "phase": "Running",
            "containerStatuses": [
                [
                    "name": containers.first?["name"] ?? "main", "ready": true, "restartCount": 0,
                    "containerID": "containerd://\(pod.container)", "state": ["running": [String: String]()],
                ] as [String: Any]
            ],
        ]
        let command = try JSONSerialization.data(withJSONObject: ["op": "apply", "pods": [text]] as [String: Any])
        try control(String(decoding: command, as: UTF8.self))
    }
}
