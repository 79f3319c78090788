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
    /// Those of a container are run together, when its last one is to be. All of them have to succeed.
    package func execute(_ scripts: [(container: String, script: String)]) throws -> [String] {
        let groups = Dictionary(grouping: scripts.indices) { scripts[$0].container }
            .sorted { ($0.value.last ?? 0) < ($1.value.last ?? 0) }
        let sequences = groups.map { ScriptSequence($0.value.map { scripts[$0].script }) }
        let words = zip(groups, sequences).map { group, sequence in
            ["exec", group.key, "--timeout", "120", "--", "sh", "-ec", sequence.joined]
        }
        let results: [Executed] = try batch(words, ["--jobs", "1"])
        var outputs = scripts.map { _ in "" }
        for ((group, sequence), result) in zip(zip(groups, sequences), results) {
            let own = try sequence.outputs(result.output, status: result.status, errors: result.errors)
            for (index, output) in zip(group.value, own) { outputs[index] = output }
        }
        return outputs
    }

    /// Runs scripts of the shell on the node, one after another, and gives what they printed.
    ///
    /// All of them have the variables, and have to succeed.
    package func execute(_ scripts: [String], _ variables: [String]) throws -> [String] {
        let sequence = ScriptSequence(scripts)
        let words = command(["env"] + variables + ["sh", "-ec", sequence.joined])
        let output = try Bench.run(Self.patiently(words), seconds: Self.longest)
        return try sequence.outputs(output.text, status: output.status, errors: output.errors)
    }

    /// A command on an emulated node that may take longer than others.
    private static func patiently(_ words: [String]) -> [String] { ["env", "BREAKOUTD_GUEST_SECONDS=400"] + words }

    private static let longest = 420.0

    private struct Executed: Decodable {
        var status: Int32
        var output: String
        var errors: String
    }

    private func batch<Result: Decodable>(_ commands: [[String]], _ options: [String]) throws -> [Result] {
        guard !commands.isEmpty else { return [] }
        let lines = try commands.map { try JSONEncoder().encode($0) + Data("\n".utf8) }.reduce(Data(), +)
        let words = Self.patiently(command(["pod", "-s", Self.socket, "batch"] + options))
        let output = try Bench.succeed(words, input: lines, seconds: Self.longest).text.split(separator: "\n")
        guard output.count == commands.count else {
            throw Bench.CommandFailed(description: "\(output.count) answers to \(commands.count) commands")
        }
        return try output.map { try JSONDecoder().decode(Result.self, from: Data($0.utf8)) }
    }
}
