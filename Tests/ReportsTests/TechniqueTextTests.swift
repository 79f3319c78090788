import Checks
import NodeModel
import Testing

@testable import Reports

@Suite struct TechniqueTextTests {
    /// A check that finds nothing, of a technique that a pod can ask for.
    private static func check(_ technique: Technique, isDeclarable: Bool = true) -> Check {
        guard isDeclarable else { return Check(technique, reads: []) { _ in [] } }
        return Check(technique, reads: [], declares: { _, _ in nil }, evidence: { _ in [] })
    }

    @Test func page() {
        #expect(
            TechniqueText.page(Self.check(.sample("privileged")), width: 60) == """
                privileged
                Title of privileged

                Class     exposure
                Weight    root-equivalent
                Severity  high declared, critical undeclared; one step lower
                          where the container has a user namespace of its
                          own
                ATT&CK    T1611
                Reason    Reason of privileged.

                What it means
                  It means that privileged is seen on the node.

                What to do
                  Look at the pod and remove it.

                """)
    }

    @Test(
        arguments: zip(
            Weight.allCases,
            [
                "high declared, critical undeclared", "high declared, critical undeclared",
                "medium declared, high undeclared", "low declared, medium undeclared", "high", "medium",
            ]))
    func severities(weight: Weight, text: String) {
        let technique = Technique.sample("t", weight: weight, attack: [])
        let page = TechniqueText.page(Self.check(technique, isDeclarable: false), width: 200)
        #expect(page.contains("Severity  \(text);"))
        #expect(page.contains("ATT&CK    none\n"))
    }

    /// As `Judgement` has it: one step more where the API has the pod and it does not ask.
    @Test(arguments: [
        (Weight.partial, "medium declared, high undeclared, critical against the API"),
        (.minor, "low declared, medium undeclared, high against the API"),
        (.rootEquivalent, "high declared, critical undeclared"),
    ])
    func againstTheAPI(weight: Weight, text: String) {
        let page = TechniqueText.page(Self.check(.sample("t", weight: weight)), width: 200)
        #expect(page.contains("Severity  \(text);"))
    }

    @Test func list() {
        let techniques = [
            Technique.sample("host-pid-namespace", weight: .partial), .sample("b", .residue, weight: .inertResidue),
        ]
        #expect(
            TechniqueText.list(techniques, width: 60) == """
                host-pid-namespace  exposure  high      Title of host-pid-n…
                b                   residue   medium    Title of b

                """)
        #expect(TechniqueText.list([], width: 60) == "")
    }

    @Test func theRealTableFits() {
        for check in Check.all {
            for line in TechniqueText.page(check, width: 72).split(separator: "\n") {
                #expect(DisplayWidth.of(String(line)) <= 72)
            }
        }
    }
}
