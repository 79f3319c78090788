import Manifests
import PodSecurity
import Testing

struct PolicyFileTests {
    private static let rules = """
        {seLinux: {rule: RunAsAny}, supplementalGroups: {rule: RunAsAny}, runAsUser: {rule: RunAsAny}, \
        fsGroup: {rule: RunAsAny}}
        """

    private static func names(_ text: String) throws -> [String] {
        try PolicyFile.policies(in: Array(text.utf8), name: "p").map(\.name)
    }

    @Test func readsPoliciesAmongOtherObjects() throws {
        let names = try Self.names(
            """
            {apiVersion: v1, kind: ConfigMap}
            ---
            apiVersion: policy/v1beta1
            kind: PodSecurityPolicy
            metadata: {name: a}
            spec: \(Self.rules)
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: extensions/v1beta1, kind: PodSecurityPolicy, metadata: {name: b}, spec: \(Self.rules)}
            - {apiVersion: v1, kind: Pod}
            ---
            apiVersion: policy/v1beta1
            kind: PodSecurityPolicyList
            items: [{metadata: {name: c}, spec: \(Self.rules)}]
            """)
        #expect(names == ["a", "b", "c"])
    }

    @Test(arguments: [
        ("{apiVersion: v1, kind: Pod}", "p: no PodSecurityPolicy in it"),
        ("[", "p: document 1, line 2: did not find expected node content"),
        (
            "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\nspec:\n  privileged: 1",
            "p: document 1, line 5: spec.privileged: expected true or false, found 1"
        ),
    ])
    func refuses(_ text: String, _ expected: String) {
        let error = #expect(throws: ManifestError.self) { try Self.names(text) }
        #expect(error?.description == expected)
    }

    @Test func refusesAPolicyThatTheAPIWouldNotTake() {
        let text = "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\nspec: {}"
        let error = #expect(throws: ManifestError.self) { try Self.names(text) }
        #expect(error?.description.hasPrefix("p: document 1, line 1: ") == true)
        #expect(error?.description.contains("spec.seLinux.rule") == true)
    }
}
