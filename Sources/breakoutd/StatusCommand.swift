import ArgumentParser
import Daemon
import Glibc
import LinuxSystem
import Reports

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Ask the running daemon what it sees, what it lost and what does not work.",
        discussion:
            "Exit codes: 0 everything works, 1 something does not, 2 wrong use or no right to ask, 3 no daemon answers."
    )

    @Option(name: .customLong("status-socket"), help: ArgumentHelp("The daemon's socket.", valueName: "path"))
    var socket = StatusDocument.socket

    @Option(help: "text or json.")
    var format = Format.text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func run() throws {
        let bytes: [UInt8]
        do {
            bytes = try StatusDocument.ask(socket)
        } catch {
            let isRefused = [EACCES, EPERM].contains(error.errorNumber)
            CommandOutput.complain("\(isRefused ? "the daemon may not be asked" : "no daemon answers"): \(error)")
            throw ExitCode(isRefused ? 2 : 3)
        }
        guard let status = StatusDocument.decode(bytes) else {
            CommandOutput.complain("the daemon's answer is not understood")
            throw ExitCode(3)
        }
        try CommandOutput.orExit {
            try CommandOutput.write(format == .json ? bytes : Array(status.description.utf8))
        }
        throw ExitCode(status.isWhole ? 0 : 1)
    }
}
