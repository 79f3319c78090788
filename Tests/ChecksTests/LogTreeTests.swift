import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct LogTreeTests {
    static let path = "/var/log/pods/shop_web-0_1/web/0.log"

    static let cases: [(kind: PodLogOddity.Kind, id: String, text: String, values: [String: EvidenceValue])] = [
        (.link(target: "/etc/shadow"), "log-link-outside", "leads to /etc/shadow", ["target": .text("/etc/shadow")]),
        (.hardLink(count: 2), "log-hard-link", "has 2 names", ["links": .number(2)]),
        (.notRegular(type: "FIFO"), "log-not-regular", "is a FIFO", ["type": .text("FIFO")]),
        (.foreignOwner(uid: 1000), "log-foreign-owner", "belongs to uid 1000", ["uid": .number(1000)]),
        (.unrecognisedDirectory, "log-unknown-entry", "is no name of a pod's directory", [:]),
        (.fileForDirectory, "log-unknown-entry", "is no directory, where one belongs", [:]),
        (
            .directoryForFile, "log-unknown-entry", "is a directory where a log file belongs, and was not entered", [:]
        ),
        (.mountPoint, "log-unknown-entry", "is a mount point and was not entered", [:]),
    ]

    @Test(arguments: cases)
    func oddity(kind: PodLogOddity.Kind, id: String, text: String, values: [String: EvidenceValue]) throws {
        let node = Node.quiet.changing {
            $0.podLogOddities = [PodLogOddity(path: Self.path, pod: QuietIDs.pod, kind: kind)]
        }
        #expect(Check.all.filter { !$0.found(node).isEmpty }.map(\.technique.id) == [id])
        let evidence = try #require(Check.named(id)).found(node)
        #expect(
            evidence == [
                Evidence(
                    pod: QuietIDs.pod, declaration: .undeclared, key: Self.path, detail: "\(Self.path) \(text)",
                    values: values.merging(["path": .text(Self.path)]) { first, _ in first })
            ])
    }
}
