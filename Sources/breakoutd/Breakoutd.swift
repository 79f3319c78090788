import ArgumentParser
import Glibc
import LinuxSystem
import Reports

struct Breakoutd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breakoutd",
        abstract: "Find containers that share state with this node, run privileged or have broken out of it.",
        discussion: """
            breakoutd compares what every pod was given with what its processes really share with the node. It needs \
            root on the node, and no kernel module; `audit FILE` needs neither. Only what asks the Kubernetes API or \
            delivers to AWS uses the network. Shell completions: --generate-completion-script bash|zsh|fish.
            """,
        version: "0.1.0",
        subcommands: [
            ScanCommand.self, PodsCommand.self, AuditCommand.self, ExplainCommand.self, CheckConfigCommand.self,
            RunCommand.self, BaselineCommand.self, StatusCommand.self, AlertCommand.self, SelfTestCommand.self,
        ])
}

/// Runs the command line; wrong use ends with 2, as the exit codes of `scan` promise, and not with EX_USAGE.
@main
enum Program {
    static func main() async {
        do {
            var command = try Breakoutd.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = Breakoutd.exitCode(for: error)
            if code == .success { Breakoutd.exit(withError: error) }
            // A file or an argument may have put anything into it.
            let lines = Breakoutd.fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false)
            let message = lines.map { TerminalText.escaped(String($0)) }.joined(separator: "\n")
            if !message.isEmpty { try? OutputFile.write(Array("\(message)\n".utf8), to: STDERR_FILENO) }
            exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}
