import Foundation

/// Scripts of the shell that are run as one, each in a subshell of its own, and tell what each of them printed.
///
/// To start a command takes an emulated node as long as what most of them do.
package struct ScriptSequence {
    private let scripts: [String]
    private static let mark = "-- that was it --"

    package init(_ scripts: [String]) { self.scripts = scripts }

    /// For `sh -ec`.
    package var joined: String { scripts.map { "(\n\($0)\n)\necho '\(Self.mark)'" }.joined(separator: "\n") }

    /// What each printed, without the space around it; all of them have to have succeeded.
    package func outputs(_ text: String, status: Int32, errors: String) throws -> [String] {
        let outputs = text.components(separatedBy: Self.mark)
        guard status == 0, outputs.count == scripts.count + 1 else {
            let failed = scripts[min(outputs.count, scripts.count) - 1]
            throw Bench.CommandFailed(description: "\(failed): \(status): \(errors)")
        }
        return outputs.dropLast().map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
}
