import ArgumentParser
import Glibc
import LinuxSystem
import Reports

/// What a command tells: its answer on standard output, and on standard error why there is none.
enum CommandOutput {
    /// Writes an answer as it is; a full disk or a closed pipe throws, as there is no answer then.
    static func write(_ text: String) throws(SystemError) { try write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) throws(SystemError) {
        try OutputFile.write(bytes, to: STDOUT_FILENO, path: "standard output")
    }

    /// Tells of an error, which may hold anything that a file held.
    static func complain(_ error: any Error) { complain("\(error)") }

    static func complain(_ text: String) {
        try? OutputFile.write(Array("breakoutd: \(TerminalText.escaped(text))\n".utf8), to: STDERR_FILENO)
    }

    /// Runs what gives an answer; an error ends the command with `code`, after it was told of.
    static func orExit<Answer>(_ code: Int32 = 2, _ body: () throws -> Answer) throws -> Answer {
        do {
            return try body()
        } catch let error as ExitCode {
            throw error
        } catch let error as ValidationError {
            throw error
        } catch {
            complain(error)
            throw ExitCode(code)
        }
    }
}
