import Foundation

/// The bench's stand-in for the Kubernetes API server; its `--help` says what it takes and does.
package final class StandInAPIServer {
    package static let nodeName = "node-1"
    package static let isAvailable = StandIn.isAvailable

    /// What the server says of a command that it does not carry out.
    package struct Refusal: Error, CustomStringConvertible {
        package var description: String
    }

    /// Where its kubeconfigs, its token and its control socket are.
    package let directory: String
    private let server: StandIn

    /// Runs a server for the time of one test.
    ///
    /// - Parameter surroundings: the words of a command that runs another one, such as in a node's network.
    package static func with<Result>(
        _ options: String..., in surroundings: [String] = [], body: (StandInAPIServer) throws -> Result
    ) throws -> Result {
        try TemporaryDirectory.with { try body(try StandInAPIServer(options, in: $0.path, surroundings)) }
    }

    private init(_ options: [String], in directory: String, _ surroundings: [String]) throws {
        self.directory = directory
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("packaging/bench/api-server").path
        server = try StandIn(
            "import os, sys; os.execv(sys.executable, [sys.executable] + sys.argv[1:])",
            arguments: [
                program, "--state-dir", directory, "--node-name", Self.nodeName, "--until-stdin-closes",
            ] + options, in: surroundings)
    }

    /// The path of `kubeconfig-NAME`.
    package func kubeconfig(_ name: String) -> String { "\(directory)/kubeconfig-\(name)" }

    /// Makes a pod of this node.
    package func apply(_ name: String) throws {
        try control(
            """
            {"op": "apply", "pods": [{"metadata": {"namespace": "default", "name": "\(name)", "uid": "uid-\(name)"},
              "spec": {"nodeName": "\(Self.nodeName)", "containers": [{"name": "main", "image": "busybox"}]}}]}
            """)
    }

    /// Sends one command to the control socket, and returns the members of the answer.
    @discardableResult
    package func control(_ command: String) throws -> [String: Any] {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", Self.sender, "\(directory)/control.sock"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(command.replacing("\n", with: " ").utf8))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard let members = try JSONSerialization.jsonObject(with: answer) as? [String: Any], members["ok"] != nil
        else {
            throw Refusal(description: String(decoding: answer, as: UTF8.self))
        }
        return members
    }

    private static let sender = """
        import socket, sys
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(sys.argv[1])
            control.sendall(sys.stdin.buffer.read() + b"\\n")
            print(control.makefile().readline())
        """
}
