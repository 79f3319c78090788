import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct RegistryTests {
    static let ids = Check.all.map(\.technique.id)

    @Test func idsAreUniqueAndSorted() {
        #expect(Set(Self.ids).count == Self.ids.count)
        #expect(Self.ids == Self.ids.sorted())
        #expect(Self.ids.count == 116)
    }

    @Test func messageIDsAreUnique() {
        #expect(Set(Check.all.map(\.technique.messageID)).count == Check.all.count)
    }

    @Test(arguments: ids)
    func texts(id: String) throws {
        let technique = try #require(Check.named(id)).technique
        #expect(id.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "-") })
        #expect(technique.messageID.utf8.count == 32)
        #expect(technique.messageID.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(!technique.attack.isEmpty)
        for attack in technique.attack { #expect(attack.wholeMatch(of: /T\d{4}(\.\d{3})?/) != nil, "\(attack)") }
        #expect(technique.title.first?.isUppercase == true && technique.title.last != ".")
        // The reason is a part of longer lines, the others are read as they are.
        #expect(technique.reason.first?.isLowercase == true && technique.reason.last != ".")
        for text in [technique.meaning, technique.remedy] {
            #expect(text.first?.isUppercase == true && text.last == ".", "\(text)")
            #expect(!text.contains("  ") && !text.contains("\n"))
        }
    }

    @Test(arguments: ids)
    func silentOnTheQuietNode(id: String) throws {
        let check = try #require(Check.named(id))
        #expect(check.found(.quiet) == [])
        #expect(check.found(.twoPods) == [])
        #expect(check.found(Node.quiet.withUserNamespace()) == [])
        #expect(check.found(Node()) == [])
    }

    /// Without a reference nothing can be compared: no action is claimed.
    @Test(arguments: ids)
    func noActionWithoutAReference(id: String) throws {
        let check = try #require(Check.named(id))
        guard check.technique.findingClass == .action else { return }
        #expect(check.found(Node.quiet.changing { $0.host.reference = nil }) == [])
    }

    static let patterns: [(pattern: String, ids: [String])] = [
        ("privileged", ["privileged"]),
        ("privileged,privileged", ["privileged"]),
        ("privileged,added-capability", ["added-capability", "privileged"]),
        (
            "host-*-namespace",
            [
                "host-cgroup-namespace", "host-ipc-namespace", "host-network-namespace", "host-pid-namespace",
                "host-user-namespace", "host-uts-namespace",
            ]
        ),
        ("entered-host-p*", ["entered-host-pid-namespace"]),
        ("*pod-cgroup", ["left-pod-cgroup"]),
        ("orphan*", ["orphan-container"]),
        ("*", ids),
        ("**", ids),
    ]

    @Test(arguments: patterns)
    func selected(pattern: String, ids: [String]) throws {
        #expect(try Check.selected(by: pattern).map(\.technique.id) == ids)
    }

    @Test(
        arguments: [
            ("", ""), ("nothing", "nothing"), ("privileged,", ""),
            ("privileged, added-capability", " added-capability"),
            ("Privileged", "Privileged"), ("host-*-name", "host-*-name"),
            ("privileged*privileged", "privileged*privileged"),
            ("host-.*", "host-.*"), ("*zz*", "*zz*"),
        ])
    func unknown(patterns: String, pattern: String) {
        #expect(throws: UnknownCheck(pattern: pattern)) { try Check.selected(by: patterns) }
    }

    @Test func whatHasToBeRead() throws {
        #expect(Check.all.parts == .all)
        #expect(Check.all.namespaces == NamespaceKind.allCases)
        #expect([Check]().parts == .bundles && [Check]().namespaces == [])
        let two = try Check.selected(by: "host-pid-namespace,host-user-namespace")
        #expect(two.parts == .bundles)
        #expect(two.namespaces == [.pid, .user])
        #expect(try Check.selected(by: "log-*").parts == [.bundles, .podLogs])
    }

    /// Whichever check is run alone, its findings have the names that they have among those of all.
    @Test(arguments: ids)
    func namesWhatItFinds(id: String) throws {
        let check = try #require(Check.named(id))
        #expect([check].parts == check.reads.union(.bundles))
    }

    @Test func named() {
        #expect(Check.named("privileged")?.technique.title == "Runs privileged")
        #expect(Check.named("priv") == nil)
    }
}
