import Checks
import Findings
import Testing

@testable import Configuration

@Suite struct AddOnProfileTests {
    private static func entries() throws -> [AllowList.Entry] { try AddOnProfile.builtIn().allowList.entries }

    /// `kube-system` as such excuses nothing, and neither does a name.
    @Test(arguments: try entries())
    func isBound(entry: AllowList.Entry) throws {
        let owner = try #require(entry.pods.owner)
        #expect(entry.pods.namespace.isExact && owner.isExact && entry.pods.serviceAccount?.isExact == true)
        #expect(["DaemonSet", "Deployment"].contains(owner.text.prefix { $0 != "/" }))
        #expect(!entry.reason.isEmpty && entry.rules.allSatisfy { !$0.images.isEmpty })
    }

    /// A rule of mounted paths names each of them.
    @Test(arguments: try entries())
    func exposuresAlone(entry: AllowList.Entry) throws {
        for rule in entry.rules {
            for id in rule.techniques {
                #expect(try #require(Check.named(id)).technique.findingClass == .exposure)
                if id.hasPrefix("host-path") { #expect(rule.evidence["path"] != nil) }
                if id == "added-capability" { #expect(rule.evidence["capability"] != nil) }
            }
        }
    }

    /// The privileged container of the agent for pod identities ends before the agent starts.
    @Test func podIdentityAgent() throws {
        let entry = try #require(Self.entries().first { $0.pods.owner?.text == "DaemonSet/eks-pod-identity-agent" })
        let privileged = entry.rules.filter { $0.techniques.contains("privileged") }
        #expect(privileged.map(\.initContainers) == [["eks-pod-identity-agent-init"]])
    }

    @Test func registries() throws {
        let registries = try AddOnProfile.builtIn().registries
        #expect(registries.count == Set(registries).count)
        for registry in registries {
            #expect(
                registry.wholeMatch(of: /[0-9]{12}\.dkr\.ecr\.[a-z]+(-[a-z]+)+-[0-9]\.amazonaws\.com(\.cn)?/) != nil)
        }
    }

    @Test func settings() throws {
        var configuration = try DaemonConfiguration()
        let names = configuration.everythingAllowed.entries.map(\.name)
        #expect(try names.count == Self.entries().count && names.contains("add-on aws-node"))
        configuration.addOns.namespaces = ["falco": "security"]
        let moved = try #require(configuration.everythingAllowed.entries.first { $0.name == "add-on falco" })
        #expect(moved.pods.namespace.text == "security" && moved.pods.owner?.text == "DaemonSet/falco")
        configuration.addOns.isEnabled = false
        #expect(configuration.everythingAllowed == AllowList())
    }

    static let refused: [(text: String, error: String)] = [
        ("", "a.yaml: there is nothing in it"), ("entries: []", "a.yaml:1: version: required, but not there"),
        ("version: '1'\nentry: []", "a.yaml:2: entry: no such setting here: there are version, registries, entries"),
    ]

    @Test(arguments: refused)
    func wrongProfile(text: String, error: String) {
        let thrown = #expect(throws: ConfigurationError.self) {
            _ = try AddOnProfile(Array(text.utf8), file: "a.yaml")
        }
        #expect(thrown?.description == error)
    }
}
