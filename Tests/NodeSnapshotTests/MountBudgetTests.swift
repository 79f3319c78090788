import NodeModel
import Testing

@testable import NodeSnapshot

@Suite struct MountBudgetTests {
    private static let line = 10 + MountBudget.mountSize

    /// Lines of ten bytes each.
    private static func text(_ count: Int) -> [UInt8] {
        Array(String(repeating: "123456789\n", count: count).utf8)
    }

    private func lines(_ budget: inout MountBudget, _ count: Int, for payer: String?) -> Int {
        let part = budget.part(of: Self.text(count), for: payer)
        #expect(part.isCut == (part.text.count < count * 10) && part.size == part.text.count / 10 * Self.line)
        budget.take(part.size, for: payer)
        return part.text.count / 10
    }

    /// What one pod has taken is nothing to the others, until nothing is left at all.
    @Test func shares() {
        var budget = MountBudget(limit: 10 * Self.line, podLimit: 4 * Self.line + 9)
        #expect(lines(&budget, 3, for: "a") == 3 && budget.hasRoom(for: "a"))
        #expect(lines(&budget, 3, for: "a") == 1 && !budget.hasRoom(for: "a"))
        #expect(lines(&budget, 4, for: "b") == 4)
        #expect(budget.hasRoom(for: "c") && budget.hasRoom(for: nil))
        #expect(lines(&budget, 3, for: "c") == 2)
        #expect(!budget.hasRoom(for: "d") && !budget.hasRoom(for: nil))
    }

    @Test func theNodesOwnHaveWhatIsLeft() {
        var budget = MountBudget(limit: 10 * Self.line, podLimit: 4 * Self.line)
        #expect(lines(&budget, 8, for: nil) == 8)
        #expect(lines(&budget, 8, for: nil) == 2)
    }

    @Test func oddTexts() {
        let budget = MountBudget(limit: 2 * Self.line, podLimit: 2 * Self.line)
        #expect(budget.part(of: [], for: nil).size == 0 && !budget.part(of: [], for: nil).isCut)
        let open = Self.text(1) + Array("1234567890".utf8)
        #expect(budget.part(of: open, for: "a").text == open)
        #expect(budget.part(of: open + [0x31], for: "a").text == Self.text(1))
        let long = [UInt8](repeating: 0x31, count: 3 * Self.line)
        #expect(budget.part(of: long, for: "a").text == [] && budget.part(of: long, for: "a").isCut)
    }

    static let owners: [(owner: CgroupPlacement.Owner, payer: String?)] = [
        (.container(ContainerPlace(containerID: "c", podUID: "p")), "p"),
        (.container(ContainerPlace(containerID: "c")), "c"), (.pod(uid: "p"), "p"), (.host, nil), (.unknown, nil),
    ]

    /// The containers of one pod share what it has.
    @Test(arguments: owners) func payers(owner: CgroupPlacement.Owner, payer: String?) {
        #expect(owner.payer == payer)
    }
}
