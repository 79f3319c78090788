import Foundation
import Manifests
import NodeModel
import Testing

struct WorkloadFileTests {
    private static let podSpec = "spec: {hostPID: true, containers: [{name: c}]}"

    private static func file(_ text: String) -> WorkloadFile { WorkloadFile(Array(text.utf8), name: "f") }

    @Test(arguments: [
        ("v1", "Pod", podSpec),
        ("v1", "PodTemplate", "template: {\(podSpec)}"),
        ("apps/v1", "Deployment", "spec: {template: {\(podSpec)}}"),
        ("extensions/v1beta1", "Deployment", "spec: {template: {\(podSpec)}}"),
        ("apps/v1", "StatefulSet", "spec: {template: {\(podSpec)}}"),
        ("apps/v1", "DaemonSet", "spec: {template: {\(podSpec)}}"),
        ("apps/v1", "ReplicaSet", "spec: {template: {\(podSpec)}}"),
        ("v1", "ReplicationController", "spec: {template: {\(podSpec)}}"),
        ("batch/v1", "Job", "spec: {template: {\(podSpec)}}"),
        ("batch/v1beta1", "CronJob", "spec: {jobTemplate: {spec: {template: {\(podSpec)}}}}"),
    ])
    func findsThePods(_ version: String, _ kind: String, _ body: String) {
        let object = "apiVersion: \(version)\nkind: \(kind)\nmetadata: {name: web, namespace: s}\n\(body)\n"
        let file = Self.file("# none\n---\n---\n" + object)
        #expect(file.errors == [])
        #expect(file.warnings == [])
        #expect(file.templates.map(\.kind.rawValue) == [kind])
        #expect(file.templates.first?.document == 2)
        #expect(file.templates.first?.name == "web")
        #expect(file.templates.first?.namespace == "s")
        #expect(file.templates.first?.pod.spec.hostPID == true)
        #expect(file.templates.first?.pod.metadata.generateName == (kind == "Pod" ? nil : "web-"))
    }

    @Test(arguments: [
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, \(podSpec)}]",
        "apiVersion: v1\nkind: PodList\nitems: [{\(podSpec)}]",
        "{\"apiVersion\": \"apps/v1\", \"kind\": \"DeploymentList\", \"items\": [{spec: {template: {\(podSpec)}}}]}",
    ])
    func looksIntoLists(_ text: String) {
        let file = Self.file(text)
        #expect(file.errors == [])
        #expect(file.templates.count == 1)
    }

    @Test func passesOverOtherKinds() {
        let file = Self.file(
            """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: m}}
            --- {apiVersion: batch.volcano.sh/v1alpha1, kind: Job}
            --- {apiVersion: v1, kind: ConfigMapList, items: [{}]}
            """)
        #expect(file.errors == [])
        #expect(file.passedOver.map(\.kind) == ["ConfigMap", "Job", "ConfigMapList"])
        #expect(file.passedOver.map(\.name) == ["m", nil, nil])
        #expect(file.passedOver.map(\.document) == [1, 2, 3])
    }

    @Test(arguments: [
        ("a: 1", "line 1: apiVersion: required, but not there"),
        ("# c\napiVersion: v1", "line 2: kind: required, but not there"),
        ("apiVersion: v1\nkind: ''", "line 2: kind: required, but empty"),
        ("apiVersion: 1\nkind: Pod", "line 1: apiVersion: expected a string, found 1"),
        ("- 1", "line 1: expected a Kubernetes object, found a list"),
        ("apiVersion: v1\nkind: Pod", "line 1: spec: required, but not there"),
        ("apiVersion: v1\nkind: Pod\nspec: ~", "line 1: spec: required, but not there"),
        ("apiVersion: v1\nkind: Pod\nspec: {}", "line 3: spec.containers: required, but not there"),
        ("apiVersion: batch/v1\nkind: Job\nspec: {}", "line 3: spec.template: required, but not there"),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: 5",
            "line 5: spec.containers[0].name: expected a string, found 5"
        ),
        (
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n",
            "line 4: items[0].spec: required, but not there"
        ),
        ("apiVersion: v1\nkind: List\nitems: 1", "line 3: items: expected a list, found a number"),
    ])
    func namesThePlaceOfErrors(_ text: String, _ expected: String) {
        let file = Self.file(text + "\n---\napiVersion: v1\nkind: Pod\n\(Self.podSpec)\n")
        #expect(file.errors.map(\.description) == ["f: document 1, \(expected)"])
        #expect(file.templates.map(\.document) == [2])
    }

    @Test func warnsOfUnknownFields() {
        let file = Self.file(
            """
            apiVersion: v1
            kind: Pod
            metdata: {x: 1}
            spec:
              hostPid: true
              containers:
              - name: c
                env: [{name: a, valu: b}]
                securityContext: {capabilities: {ad: []}}
                resources: {limits: {anything: 1}}
              volumes: [{name: v, hostPath: {pth: /}}]
              nodeSelector: {anything: a}
            """)
        #expect(file.templates.count == 1)
        #expect(
            file.warnings.map(\.description) == [
                "f: document 1, line 3: metdata: unknown field",
                "f: document 1, line 5: spec.hostPid: unknown field",
                "f: document 1, line 8: spec.containers[0].env[0].valu: unknown field",
                "f: document 1, line 9: spec.containers[0].securityContext.capabilities.ad: unknown field",
                "f: document 1, line 11: spec.volumes[0].hostPath.pth: unknown field",
            ])
    }

    @Test(arguments: [
        ("busybox_privileged", false), ("a", true), ("a.b-c.9", true), ("A", false), ("-a", false), ("a-", false),
        ("a..b", false), (".", false), (String(repeating: "a", count: 253), true),
    ])
    func saysWhichNamesAreInvalid(_ name: String, _ isValid: Bool) {
        let file = Self.file("apiVersion: v1\nkind: Pod\nmetadata:\n  name: \(name)\n\(Self.podSpec)")
        #expect(file.templates.count == 1)
        let rule = """
            a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
            start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
            '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
            """
        let warning = "f: document 1, line 4: metadata.name: Invalid value: \"\(name)\": \(rule)"
        #expect(file.warnings.map(\.description) == (isValid ? [] : [warning]))
    }

    @Test(arguments: [
        ("web", true), ("a", true), ("0-9", true), ("a.b", false), ("A", false), ("-a", false), ("a-", false),
        ("c\u{1b}[31m\n", false), (String(repeating: "a", count: 63), true),
    ])
    func saysWhichContainersNamesAreInvalid(_ name: String, _ isValid: Bool) throws {
        let quoted = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
        let file = Self.file(
            """
            apiVersion: apps/v1
            kind: Deployment
            spec: {template: {spec: {containers: [{name: good}, {name: \(quoted)}]}}}
            """)
        let rule = """
            a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
            with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
            '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
            """
        let place = "f: document 1, line 3: spec.template.spec.containers[1].name"
        let warning = "\(place): Invalid value: \"\(name)\": \(rule)"
        #expect(file.templates.count == 1)
        #expect(file.warnings.map(\.description) == (isValid ? [] : [warning]))
    }

    @Test func tooLongNameOfAContainer() {
        let name = String(repeating: "a", count: 64)
        let file = Self.file("apiVersion: v1\nkind: Pod\nspec: {initContainers: [{name: \(name)}], containers: [{}]}")
        #expect(
            file.warnings.map(\.description) == [
                "f: document 1, line 3: spec.initContainers[0].name: Invalid value: \"\(name)\": must be no more than 63 bytes"
            ])
    }

    /// Passed over, as the API server does not know it either.
    @Test(arguments: [
        ("pod", "v1", "Pod"), ("DEPLOYMENT", "apps/v1", "Deployment"), ("Job", "batch.volcano.sh/v1", nil),
        ("Service", "v1", nil),
    ])
    func kindsThatAreAlmostOne(kind: String, apiVersion: String, meant: String?) {
        let file = Self.file("apiVersion: \(apiVersion)\nkind: \(kind)\n\(Self.podSpec)")
        #expect(file.passedOver.map(\.kind) == [kind] && file.errors == [])
        #expect(
            file.warnings.map(\.description)
                == (meant.map { ["f: document 1, line 2: kind: no kind of pods; did you mean \($0)?"] } ?? []))
    }

    /// Another group's kind of the same name is somebody else's; one that the API server would have to know is not.
    @Test(arguments: [
        ("Pod", "apps/v1", "v1"), ("DaemonSet", "v1", "apps or extensions"),
        ("Deployment", "app/v1", "apps or extensions"),
        ("Job", "batch.volcano.sh/v1", nil), ("Pod", "v1/v2/v3.example", "v1"),
    ])
    func kindsOfAnotherGroup(kind: String, apiVersion: String, groups: String?) {
        let file = Self.file("apiVersion: \(apiVersion)\nkind: \(kind)\n\(Self.podSpec)")
        #expect(file.passedOver.map(\.kind) == [kind] && file.errors == [])
        #expect(
            file.warnings.map(\.description)
                == (groups.map { ["f: document 1, line 1: apiVersion: has no \(kind), which is of \($0)"] } ?? []))
    }

    @Test(arguments: ["", "# nothing\n", "---\n---\n"])
    func aFileWithoutDocumentsIsAnError(_ text: String) {
        #expect(Self.file(text).errors.map(\.description) == ["f: no document in it"])
    }
}
