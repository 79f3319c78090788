import NodeModel
import Testing

@testable import PodSecurity

@Suite struct PodSecurityPolicyDefaultsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var policy = ""
        var policyAnnotations: [String: String] = [:]
        var spec = ""
        var context = ""
        var podAnnotations: [String: String] = [:]
        var set: [(String, String)] = []

        var testDescription: String { name }
    }

    static let path = "spec.containers[0].securityContext"
    static let ranges = #"{"rule": "MustRunAs", "ranges": [{"min": 5, "max": 9}, {"min": 1, "max": 2}]}"#
    static let label = #""seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0", "type": "t"}}"#
    static let seccompDefault = ["seccomp.security.alpha.kubernetes.io/defaultProfileName": "runtime/default"]
    static let seccompPod = "seccomp.security.alpha.kubernetes.io/pod"
    static let appArmor = "container.apparmor.security.beta.kubernetes.io/c"

    static let ids = [
        Row(name: "nothing"),
        Row(name: "user", policy: #""runAsUser": \#(ranges)"#, set: [("\(path).runAsUser", "5")]),
        Row(
            name: "user of the pod", policy: #""runAsUser": \#(ranges)"#, spec: #""securityContext": {"runAsUser": 7}"#),
        Row(name: "group", policy: #""runAsGroup": \#(ranges)"#, set: [("\(path).runAsGroup", "5")]),
        Row(name: "fsGroup", policy: #""fsGroup": \#(ranges)"#, set: [("spec.securityContext.fsGroup", "5")]),
        Row(
            name: "supplementalGroups", policy: #""supplementalGroups": \#(ranges)"#,
            set: [("spec.securityContext.supplementalGroups", "[]int64{5}")]),
        Row(
            name: "empty groups stay", policy: #""supplementalGroups": \#(ranges)"#,
            spec: #""securityContext": {"supplementalGroups": []}"#),
        Row(name: "MayRunAs", policy: #""fsGroup": {"rule": "MayRunAs", "ranges": [{"min": 5, "max": 9}]}"#),
        Row(
            name: "not root", policy: #""runAsUser": {"rule": "MustRunAsNonRoot"}"#,
            set: [("\(path).runAsNonRoot", "true")]),
        Row(
            name: "a user given", policy: #""runAsUser": {"rule": "MustRunAsNonRoot"}"#, context: #""runAsUser": 0"#),
    ]

    static let settings = [
        Row(
            name: "label, inherited by the container", policy: label,
            set: [
                ("spec.securityContext.seLinuxOptions.level", #""s0""#),
                ("spec.securityContext.seLinuxOptions.type", #""t""#),
            ]),
        Row(
            name: "read-only root", policy: #""readOnlyRootFilesystem": true"#,
            set: [("\(path).readOnlyRootFilesystem", "true")]),
        Row(
            name: "writable root stays", policy: #""readOnlyRootFilesystem": true"#,
            context: #""readOnlyRootFilesystem": false"#),
        Row(
            name: "no escalation", policy: #""allowPrivilegeEscalation": false"#,
            set: [("\(path).allowPrivilegeEscalation", "false")]),
        Row(
            name: "default escalation", policy: #""defaultAllowPrivilegeEscalation": false"#,
            set: [("\(path).allowPrivilegeEscalation", "false")]),
        Row(
            name: "escalation by default", policy: #""defaultAllowPrivilegeEscalation": true"#,
            set: [("\(path).allowPrivilegeEscalation", "true")]),
        Row(
            name: "escalation given", policy: #""allowPrivilegeEscalation": false"#,
            context: #""allowPrivilegeEscalation": true"#),
        Row(
            name: "runtime class", policy: #""runtimeClass": {"defaultRuntimeClassName": "gvisor"}"#,
            set: [("spec.runtimeClassName", #""gvisor""#)]),
        Row(
            name: "runtime class given", policy: #""runtimeClass": {"defaultRuntimeClassName": "gvisor"}"#,
            spec: #""runtimeClassName": "runc""#),
        Row(
            name: "capabilities",
            policy: #""defaultAddCapabilities": ["CHOWN", "KILL"], "requiredDropCapabilities": ["ALL"]"#,
            context: #""capabilities": {"drop": ["KILL"], "add": ["FOWNER"]}"#,
            set: [
                ("\(path).capabilities.add", #"[]core.Capability{"CHOWN", "FOWNER"}"#),
                ("\(path).capabilities.drop", #"[]core.Capability{"ALL", "KILL"}"#),
            ]),
        Row(
            name: "capabilities already so", policy: #""requiredDropCapabilities": ["ALL"]"#,
            context: #""capabilities": {"drop": ["ALL"]}"#),
    ]

    static let profiles = [
        Row(
            name: "seccomp", policyAnnotations: seccompDefault,
            set: [("metadata.annotations[\(seccompPod)]", #""runtime/default""#)]),
        Row(name: "seccomp given", policyAnnotations: seccompDefault, podAnnotations: [seccompPod: "unconfined"]),
        Row(
            name: "seccomp field", policyAnnotations: seccompDefault,
            spec: #""securityContext": {"seccompProfile": {"type": "Unconfined"}}"#,
            set: [("metadata.annotations[\(seccompPod)]", #""unconfined""#)]),
        Row(
            name: "AppArmor",
            policyAnnotations: ["apparmor.security.beta.kubernetes.io/defaultProfileName": "runtime/default"],
            set: [("metadata.annotations[\(appArmor)]", #""runtime/default""#)]),
        Row(
            name: "AppArmor given",
            policyAnnotations: ["apparmor.security.beta.kubernetes.io/defaultProfileName": "runtime/default"],
            podAnnotations: [appArmor: "unconfined"]),
    ]

    @Test(arguments: ids + settings + profiles)
    func defaults(row: Row) throws {
        let policy = try PodSecurityPolicy.open(row.policy, annotations: row.policyAnnotations)
        let pod = try Pod.of(spec: row.spec, context: row.context, annotations: row.podAnnotations)
        let (defaulted, set) = policy.applyDefaults(to: pod)
        #expect(set == row.set.map { PolicyDefault(field: $0.0, value: $0.1) })
        #expect((defaulted == pod) == row.set.isEmpty)
        #expect(policy.applyDefaults(to: defaulted).set == [])
    }

    @Test func whatIsSetIsInThePod() throws {
        let policy = try PodSecurityPolicy.open(
            """
            "runAsUser": \(Self.ranges), "runAsGroup": \(Self.ranges), "fsGroup": \(Self.ranges),
            "supplementalGroups": \(Self.ranges), \(Self.label), "defaultAddCapabilities": ["KILL"],
            "requiredDropCapabilities": ["CHOWN"], "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
            "runtimeClass": {"allowedRuntimeClassNames": ["gvisor"], "defaultRuntimeClassName": "gvisor"}
            """, annotations: Self.seccompDefault)
        let pod = try Pod.of(spec: #""initContainers": [{"name": "i"}]"#)
        let context = """
            "securityContext": {"runAsUser": 5, "runAsGroup": 5, "readOnlyRootFilesystem": true,
              "allowPrivilegeEscalation": false, "capabilities": {"add": ["KILL"], "drop": ["CHOWN"]}}
            """
        let expected: Pod = try decode(
            """
            {"metadata": {"name": "p", "annotations": {"\(Self.seccompPod)": "runtime/default"}}, "spec": {
              "runtimeClassName": "gvisor", "containers": [{"name": "c", \(context)}],
              "initContainers": [{"name": "i", \(context)}], "securityContext": {
                "fsGroup": 5, "supplementalGroups": [5], "seLinuxOptions": {"level": "s0", "type": "t"}}}}
            """)
        #expect(policy.applyDefaults(to: pod).pod == expected)
    }
}
