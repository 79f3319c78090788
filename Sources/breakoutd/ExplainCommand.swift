import ArgumentParser
import Checks
import LinuxSystem
import Reports

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what a technique means and what to do about it; without an ID, list all of them.")

    @Argument(
        help: "The id of a technique, as a finding gives it.", completion: .list(Check.all.map(\.technique.id)))
    var id: String?

    func validate() throws {
        guard let id, Check.named(id) == nil else { return }
        throw ValidationError("There is no technique '\(id)'. 'breakoutd explain' lists all of them.")
    }

    func run() throws {
        try CommandOutput.orExit { try CommandOutput.write(text) }
    }

    private var text: String {
        if let id, let check = Check.named(id) {
            return TechniqueText.page(check, width: Terminal.width)
        }
        return TechniqueText.list(Check.all.map(\.technique), width: Terminal.isTerminal ? Terminal.width : nil)
    }
}
