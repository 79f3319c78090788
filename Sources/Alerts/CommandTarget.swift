import LinuxSystem
import Reports

/// A program that runs once for each alert, without a shell.
///
/// It gets the record's fields in its environment, beside this process's own, and the finding as JSON on its standard
/// input. Status 0 says that the alert was taken.
package struct CommandTarget: AlertTarget {
    private let path: String
    private let arguments: [String]
    private let environment: [String: String]
    private let timeLimit: Double

    /// How much of what the program writes is kept, for the message about its failure.
    static let keptOutput = 512

    /// Bytes of a variable's value: one of more than 131,072 with its name cannot be given (execve(2), MAX_ARG_STRLEN), and
    /// all of them share what the arguments have.
    private static let variableLimit = 16_384

    /// - Parameters:
    ///   - path: absolute; what others than root can write to is refused.
    ///   - environment: what it gets beside the record's fields.
    ///   - timeLimit: seconds after which it is killed, with all that it started in its process group.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String], timeLimit: Double
    ) throws(AlertFailure) {
        self.path = path
        self.arguments = arguments
        self.timeLimit = timeLimit
        // What the service manager means for this process alone (sd_notify(3)), and what an alert may lack.
        let own = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "INVOCATION_ID"]
        self.environment = environment.filter { !own.contains($0.key) && !$0.key.hasPrefix("BREAKOUTD_") }
        guard path.hasPrefix("/") else { throw AlertFailure("\(path): not an absolute path") }
        try check()
    }

    package func deliver(_ alert: Alert) throws(AlertFailure) {
        try check()
        let variables = environment.merging(Self.variables(alert)) { $1 }
        let ended: BoundedProgram.Ended
        do throws(BoundedProgram.Failure) {
            ended = try BoundedProgram.run(
                path, arguments, environment: variables, input: Array("\(alert.json)\n".utf8),
                keeping: Self.keptOutput, of: .both, until: Deadline(secondsFromNow: timeLimit))
        } catch {
            throw AlertFailure("\(path): \(error)")
        }
        guard let failure = ended.failure else { return }
        let output = TerminalText.escaped(String(escaping: ended.output.trimmed))
        throw AlertFailure("\(path) \(failure)" + (output.isEmpty ? "" : ": \(output)"))
    }

    /// The fields of a record as variables; one that it lacks is not set.
    static func variables(_ alert: Alert) -> [String: String] {
        var variables = ["BREAKOUTD_CURSOR": alert.cursor, "BREAKOUTD_TIME": alert.time]
        let value = { (name: String) in alert.fields[name].map { TerminalText.cut($0, bytes: Self.variableLimit) } }
        for name in Alert.inherited { variables[name] = value(name) }
        for (name, variable) in Alert.renamed { variables[variable] = value(name) }
        if variables["BREAKOUTD_EVENT"] == nil { variables["BREAKOUTD_EVENT"] = alert.event }
        return variables
    }

    private func check() throws(AlertFailure) {
        do throws(TrustedFile.Failure) { try TrustedFile.check(path) } catch { throw AlertFailure("\(error)") }
    }
}

extension [UInt8] {
    /// Without the line breaks at the end.
    fileprivate var trimmed: ArraySlice<UInt8> {
        var rest = self[...]
        while rest.last == UInt8(ascii: "\n") { rest.removeLast() }
        return rest
    }
}
