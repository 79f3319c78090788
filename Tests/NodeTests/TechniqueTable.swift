import Foundation
import Synchronization

/// What became of each technique on each kind of node: technique by kernel and cgroup version.
final class TechniqueTable: Sendable {
    static let shared = TechniqueTable()

    /// Markdown; `packaging/test --node` prints it.
    static let path = ProcessInfo.processInfo.environment["BREAKOUTD_TABLE"]

    private let cells = Mutex<[String: [String: String]]>([:])

    func put(_ words: String, _ situation: Situation, _ kind: NodeKind) {
        cells.withLock { $0[situation.name, default: [:]][kind.testDescription] = words }
    }

    /// The rows in the order of the situations, of the kinds of nodes that there were.
    var text: String {
        let cells = cells.withLock { $0 }
        let kinds = NodeKind.all.map(\.testDescription).filter { kind in cells.values.contains { $0[kind] != nil } }
        func line(_ words: [String]) -> String { "| \(words.joined(separator: " | ")) |\n" }
        return line(["technique", "told as"] + kinds) + line(kinds.map { _ in "---" } + ["---", "---"])
            + Situation.all.map { situation in
                let own = cells[situation.name] ?? [:]
                return line([situation.name, Self.signs(of: situation)] + kinds.map { own[$0] ?? "not made here" })
            }.joined()
    }

    static func signs(of situation: Situation) -> String {
        guard let sign = situation.sign else { return "nothing" }
        return situation.deed.map { $0 == sign ? sign : "\(sign), at once \($0)" } ?? sign
    }

    func write() throws {
        guard let path = Self.path else { return }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
