import Foundation

extension SystemdNode {
    /// Makes pods, some at a time, each with the words of `pod run`.
    ///
    /// An emulated node takes seconds to start the client.
    package func pods(_ pods: [[String]]) throws -> [BenchPod] {
        try batch(pods.map { ["run"] + $0 }, ["--jobs", "3"])
    }

    /// Runs scripts of the shell in containers, one after another, and gives what they printed.
    ///
    /// All of them have to succeed.
    package func execute(_ scripts: [(container: String, script: String)]) throws -> [String] {
        let words = scripts.map { ["exec", $0.container, "--", "sh", "-ec", $0.script] }
        let results: [Executed] = try batch(words, ["--jobs", "1"])
        for (script, result) in zip(scripts, results) where result.status != 0 {
            throw Bench.CommandFailed(description: "\(script.script): \(result.status): \(result.errors)")
        }
        return results.map { $0.output.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    private struct Executed: Decodable {
        var status: Int32
        var output: String
        var errors: String
    }

    private func batch<Result: Decodable>(_ commands: [[String]], _ options: [String]) throws -> [Result] {
        guard !commands.isEmpty else { return [] }
        let lines = try commands.map { try JSONEncoder().encode($0) + Data("\n".utf8) }.reduce(Data(), +)
        let words = ["env", "BREAKOUTD_GUEST_SECONDS=400"] + command(["pod", "-s", Self.socket, "batch"] + options)
        let output = try Bench.succeed(words, input: lines, seconds: 420).text.split(separator: "\n")
        guard output.count == commands.count else {
            throw Bench.CommandFailed(description: "\(output.count) answers to \(commands.count) commands")
        }
        return try output.map { try JSONDecoder().decode(Result.self, from: Data($0.utf8)) }
    }
}
