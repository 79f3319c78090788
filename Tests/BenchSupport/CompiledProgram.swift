package import Foundation

/// A static program of some lines of C, removed with this value; containers mount it as a file.
package final class CompiledProgram {
    package let path: String

    package init(_ source: String) throws {
        path = "/tmp/breakoutd-program-\(UUID().uuidString.prefix(8).lowercased())"
        try Bench.succeed(["gcc", "-static", "-pthread", "-x", "c", "-o", path, "-"], input: Data(source.utf8))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package var contents: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: path)) } }
}
