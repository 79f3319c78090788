import ArgumentParser
import Daemon

/// What the daemon's self-test starts.
struct SelfTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: SelfTest.command, abstract: "Write nothing, take a namespace, and end.", shouldDisplay: false)

    func run() throws { try SelfTest.act() }
}
