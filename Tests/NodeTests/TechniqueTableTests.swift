import BenchSupport
import Foundation
import Testing

struct TechniqueTableTests {
    /// What is committed has a row for each situation; what the rows say of nodes is compared by `packaging/test --node`.
    @Test func committedRowsAreThoseOfTheSituations() throws {
        let committed = try String(contentsOfFile: "\(Bench.repository)/packaging/techniques.md", encoding: .utf8)
        let rows = committed.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
        #expect(
            rows.map { $0.split(separator: " | ").prefix(2).joined(separator: " | ") }
                == Situation.all.map { "| \($0.name) | \(TechniqueTable.signs(of: $0))" })
    }
}
