import ArgumentParser
import Configuration
import Findings
import LinuxSystem
import Reports

struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Tell whether a configuration is valid, as the daemon would read it.",
        discussion: "Exit codes: 0 it is, or there is none; 2 it is not, and where.")

    @Argument(
        help: ArgumentHelp(
            "The configuration. (default: \(ConfigurationFile.defaultPath))", valueName: "file"), completion: .file())
    var file: String?

    func run() throws {
        let path = file ?? ConfigurationFile.defaultPath
        try CommandOutput.orExit {
            let found = file == nil ? try ConfigurationFile.readIfPresent() : try ConfigurationFile.read(path)
            guard let settings = found else { return try tell(["\(path): not there, the defaults count"]) }
            let expired = settings.allowList.expired(at: Clock.wallMilliseconds())
            try tell(["\(path): valid"] + expired.map { "allow-list entry \($0): expired, counts no more" })
        }
    }

    private func tell(_ lines: [String]) throws {
        try CommandOutput.write(lines.map { TerminalText.escaped($0) + "\n" }.joined())
    }
}
