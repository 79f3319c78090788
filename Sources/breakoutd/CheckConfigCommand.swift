import ArgumentParser
import Configuration
import Findings
import Glibc
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
        do throws(ConfigurationError) {
            let found = file == nil ? try ConfigurationFile.readIfPresent() : try ConfigurationFile.read(path)
            guard let settings = found else { return print("\(path): not there, the defaults count") }
            print("\(TerminalText.escaped(path)): valid")
            for name in settings.allowList.expired(at: Clock.wallMilliseconds()) {
                print("allow-list entry \(TerminalText.escaped(name)): expired, counts no more")
            }
        } catch {
            let text = TerminalText.escaped(error.description)
            try? OutputFile.write(Array("breakoutd: \(text)\n".utf8), to: STDERR_FILENO)
            throw ExitCode(2)
        }
    }
}
