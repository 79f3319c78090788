import ArgumentParser
import Daemon
import Glibc
import LinuxSystem
import Reports

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Ask the running daemon what it sees, what it lost and what does not work.",
        discussion: "Exit codes: 0 everything works, 1 something does not, 2 wrong use, 3 no daemon answers.")

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
            try OutputFile.write(Array("breakoutd: no daemon answers: \(error)\n".utf8), to: STDERR_FILENO)
            throw ExitCode(3)
        }
        guard let status = StatusDocument.decode(bytes) else {
            try OutputFile.write(Array("breakoutd: the daemon's answer is not understood\n".utf8), to: STDERR_FILENO)
            throw ExitCode(3)
        }
        let text = format == .json ? bytes : Array(status.description.utf8)
        try OutputFile.write(text, to: STDOUT_FILENO, path: "standard output")
        throw ExitCode(status.isWhole ? 0 : 1)
    }
}
