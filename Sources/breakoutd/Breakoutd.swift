import ArgumentParser
import Glibc
import LinuxSystem

struct Breakoutd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breakoutd",
        abstract: "Find containers that share state with this node, run privileged or have broken out of it.",
        discussion: """
            breakoutd compares what every pod was given with what its processes really share with the node. It needs \
            root, no kernel module and no network. Shell completions: --generate-completion-script bash|zsh|fish.
            """,
        version: "0.1.0",
        subcommands: [
            ScanCommand.self, PodsCommand.self, AuditCommand.self, ExplainCommand.self, CheckConfigCommand.self,
            RunCommand.self, StatusCommand.self, AlertCommand.self,
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
            guard Breakoutd.exitCode(for: error) == .validationFailure else { Breakoutd.exit(withError: error) }
            let message = Breakoutd.fullMessage(for: error) + "\n"
            try? OutputFile.write(Array(message.utf8), to: STDERR_FILENO)
            exit(2)
        }
    }
}
