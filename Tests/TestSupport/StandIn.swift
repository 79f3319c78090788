import Foundation

/// A server in Python that stands in for a real one; it ends when the value goes, and with the test process.
package final class StandIn: Sendable {
    /// The words that the script printed after `ready`: ports and paths.
    package let words: [String]
    private let pid: Int32
    private let input: Pipe

    package static let isAvailable = ["/usr/bin/python3", "/usr/bin/openssl"]
        .allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs a script, which prints `ready` and words in one line when it serves, and ends when its input does.
    ///
    /// - Parameter surroundings: the words of a command that runs another one; the first is a path.
    package init(
        _ script: String, arguments: [String] = [], interpreter: String = "/usr/bin/python3",
        in surroundings: [String] = []
    ) throws {
        let process = Process()
        let output = Pipe()
        input = Pipe()
        let command = surroundings + [interpreter, "-c", script] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        pid = process.processIdentifier
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            guard let byte = try output.fileHandleForReading.read(upToCount: 1)?.first else {
                throw CocoaError(.fileReadUnknown)
            }
            line.append(byte)
        }
        let said = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
        guard said.first == "ready" else { throw CocoaError(.fileReadUnknown) }
        words = Array(said.dropFirst())
    }

    deinit { try? input.fileHandleForWriting.close() }
}

/// The Python environment that `packaging/bench/setup` makes, with botocore and moto.
package enum BenchPython {
    package static let interpreter: String = {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        return (ProcessInfo.processInfo.environment["BREAKOUTD_BENCH"] ?? "\(repository)/.bench") + "/venv/bin/python"
    }()

    package static let hasBotocore: Bool = {
        let environment = URL(fileURLWithPath: interpreter).deletingLastPathComponent().deletingLastPathComponent()
        let libraries = environment.appendingPathComponent("lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
        return versions.contains {
            FileManager.default.fileExists(atPath: "\(libraries.path)/\($0)/site-packages/moto/server.py")
        }
    }()
}
