import Checks
import Testing

@testable import Reports

@Suite struct TechniqueTextTests {
    @Test func page() {
        #expect(
            TechniqueText.page(.sample("privileged"), width: 60) == """
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
                "medium declared, high undeclared",
                "low declared, medium undeclared", "high", "medium",
            ]))
    func severities(weight: Weight, text: String) {
        let page = TechniqueText.page(.sample("t", weight: weight, attack: []), width: 200)
        #expect(page.contains("Severity  \(text);"))
        #expect(page.contains("ATT&CK    none\n"))
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
            for line in TechniqueText.page(check.technique, width: 72).split(separator: "\n") {
                #expect(DisplayWidth.of(String(line)) <= 72)
            }
        }
    }
}
