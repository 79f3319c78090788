import ArgumentParser
import Checks
import Reports

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tells what a technique means and what to do about it; without an ID, lists all of them.")

    @Argument(help: "The id of a technique, as a finding gives it.", completion: .list(Check.all.map(\.technique.id)))
    var id: String?

    func validate() throws {
        guard let id, Check.named(id) == nil else { return }
        throw ValidationError("There is no technique '\(id)'. 'breakoutd explain' lists all of them.")
    }

    func run() throws {
        if let id, let check = Check.named(id) {
            print(TechniqueText.page(check.technique, width: TerminalSize.width))
        } else {
            print(TechniqueText.list(Check.all.map(\.technique), width: TerminalSize.width))
        }
    }
}
