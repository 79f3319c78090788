import Foundation
import Manifests
import PodSecurity
import TestSupport
import Testing

@testable import Reports

@Suite struct AuditReportTests {
    static let busybox = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: busybox-privileged
        spec:
          hostNetwork: true
          containers:
            - name: busybox
              image: busybox
              command: [ "sh", "-c", "sleep 1h" ]
        """

    static let policy = """
        apiVersion: policy/v1beta1
        kind: PodSecurityPolicy
        metadata:
          name: secured
        spec:
          privileged: false
          seLinux: {rule: RunAsAny}
          supplementalGroups: {rule: RunAsAny}
          runAsUser: {rule: RunAsAny}
          fsGroup: {rule: RunAsAny}
          volumes: ['*']
          allowedFlexVolumes: [{driver: example/lvm}]
        """

    static let baseline = AuditRules.standards(.baseline, .minor(29))

    static func report(_ text: String, by rules: AuditRules = baseline) -> AuditReport {
        var report = AuditReport(by: rules)
        report.add(WorkloadFile(Array(text.utf8), name: "f"))
        return report
    }

    static func policies() throws -> AuditRules {
        .policies(try PolicyFile.policies(in: Array(policy.utf8), name: "p"))
    }

    @Test func refusesByTheStandards() throws {
        let report = Self.report(Self.busybox)
        #expect(report.exitCode == 1)
        #expect(
            try report.text(.table) == """
                refused  f: document 1: Pod busybox-privileged: violates PodSecurity "baseline:v1.29": \
                host namespaces (hostNetwork=true)
                1 pod: 0 allowed, 1 refused

                """)
        #expect(
            try report.text(.json) == """
                {"errors":[],"passedOver":[],"pods":[{"allowed":false,"document":1,"file":"f","kind":"Pod",\
                "level":"baseline","name":"busybox-privileged","namespace":null,"version":"v1.29","violations":\
                [{"check":"hostNamespaces","detail":"hostNetwork=true","reason":"host namespaces"}]}],"warnings":[]}

                """)
    }

    @Test func refusesByPolicies() throws {
        let report = Self.report(Self.busybox, by: try Self.policies())
        #expect(report.exitCode == 1)
        #expect(
            try report.text(.table) == """
                policy   secured: level privileged takes its place; nothing takes that of
                         allowedFlexVolumes: [example/lvm] (it restricts pods)
                refused  f: document 1: Pod busybox-privileged: pods "busybox-privileged" is forbidden: \
                PodSecurityPolicy: unable to admit pod: [spec.securityContext.hostNetwork: Invalid value: true: \
                Host network is not allowed to be used]
                1 pod: 0 allowed, 1 refused

                """)
        #expect(try report.text(.json).contains(#""check":"podSecurityPolicy","detail":"spec.securityContext.host"#))
    }

    @Test func tellsOfAllElse() throws {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: shop}
            spec:
              replica: 3
              template:
                spec: {containers: [{name: c}]}
            --- {apiVersion: v1, kind: Service}
            --- {apiVersion: v1, kind: "Sec\\u001Bret"}
            --- {apiVersion: v1, kind: Service}
            --- [
            """
        let report = Self.report(text)
        #expect(report.exitCode == 2)
        #expect(
            try report.text(.table) == """
                allowed  f: document 1: Deployment shop/web
                warning  f: document 1, line 5: spec.replica: unknown field
                error    f: document 5, line 12: did not find expected node content
                1 pod: 1 allowed, 0 refused, 1 warning, 1 error; without pods: 1 Sec\\x1bret, 2 Service

                """)
        #expect(Self.report(Self.busybox, by: .standards(.privileged, .latest)).exitCode == 0)
    }

    /// On the host's network the API makes a port of a container one of the node.
    @Test func judgesWithTheDefaultsOfTheAPI() throws {
        let report = Self.report(Self.busybox + "\n      ports: [{containerPort: 80}]\n")
        #expect(report.entries.first?.violations.map(\.check) == ["hostNamespaces", "hostPorts"])
    }

    static let hostile = """
        apiVersion: v1
        kind: Pod
        metadata: {name: "a\\nb\\u001b[2J\\u202e", namespace: "\\x9b"}
        spec: {containers: [{name: "\\u001b]0;x\\a"}], "\\nallowed": 1}
        """

    @Test func escapesWhatATerminalWouldObey() throws {
        let table = try Self.report(Self.hostile, by: .standards(.restricted, .latest)).text(.table)
        #expect(table.split(separator: "\n").count == 5)
        #expect(!table.unicodeScalars.contains { $0 != "\n" && TerminalText.isUnsafe($0) })
    }

    static let path = SchemaTests.path.deletingLastPathComponent()
        .appendingPathComponent("breakoutd-audit-1.schema.json")

    @Test(
        .enabled(if: Python.hasJSONSchema, "python3 has no module jsonschema"),
        arguments: [busybox, hostile, "", "[", "{apiVersion: v1, kind: Service}"], [false, true])
    func followsTheSchema(text: String, byPolicies: Bool) throws {
        let report = Self.report(text, by: byPolicies ? try Self.policies() : Self.baseline)
        let schema = try String(contentsOf: Self.path, encoding: .utf8)
        #expect(try Python.validate(try report.text(.json), schema) == "")
    }
}
