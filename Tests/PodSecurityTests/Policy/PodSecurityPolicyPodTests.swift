import NodeModel
import Testing

@testable import PodSecurity

/// One row: a policy's fields, a pod, and what the policy has against the pod as it stands.
struct PolicyCase: Sendable, CustomTestStringConvertible {
    var name: String
    var policy = ""
    var policyAnnotations: [String: String] = [:]
    var spec = ""
    var container = ""
    var context = ""
    var podAnnotations: [String: String] = [:]
    var errors: [String] = []

    var testDescription: String { name }

    func check(_ location: SourceLocation = #_sourceLocation) throws {
        let policy = try PodSecurityPolicy.open(policy, annotations: policyAnnotations)
        let pod = try Pod.of(spec: spec, container: container, context: context, annotations: podAnnotations)
        #expect(policy.errors(in: pod).map(\.description) == errors, sourceLocation: location)
    }
}

@Suite struct PodSecurityPolicyPodTests {
    static let hostNamespaces = [
        ("hostNetwork", "Host network"), ("hostPID", "Host PID"), ("hostIPC", "Host IPC"),
    ].flatMap { field, title -> [PolicyCase] in
        let error = "spec.securityContext.\(field): Invalid value: true: \(title) is not allowed to be used"
        return [
            PolicyCase(name: "\(field) unset", spec: #""\#(field)": true"#, errors: [error]),
            PolicyCase(
                name: "\(field) off", policy: #""\#(field)": false"#, spec: #""\#(field)": true"#, errors: [error]),
            PolicyCase(name: "\(field) on", policy: #""\#(field)": true"#, spec: #""\#(field)": true"#),
            PolicyCase(name: "\(field) not asked for", spec: #""\#(field)": false"#),
        ]
    }

    static let must = #"{"rule": "MustRunAs", "ranges": [{"min": 10, "max": 20}, {"min": 1000, "max": 1001}]}"#
    static let may = #"{"rule": "MayRunAs", "ranges": [{"min": 10, "max": 20}]}"#
    static let group = "spec.securityContext."

    static let groups = [
        PolicyCase(
            name: "fsGroup missing", policy: #""fsGroup": \#(must)"#,
            errors: [
                "\(group)fsGroup: Invalid value: []int64(nil): unable to validate empty groups against required ranges"
            ]),
        PolicyCase(
            name: "fsGroup outside", policy: #""fsGroup": \#(must)"#, spec: #""securityContext": {"fsGroup": 999}"#,
            errors: [
                "\(group)fsGroup: Invalid value: []int64{999}: group 999 must be in the ranges: [{10 20} {1000 1001}]"
            ]),
        PolicyCase(
            name: "fsGroup inside", policy: #""fsGroup": \#(must)"#, spec: #""securityContext": {"fsGroup": 1001}"#),
        PolicyCase(name: "fsGroup may be missing", policy: #""fsGroup": \#(may)"#),
        PolicyCase(
            name: "fsGroup may not be outside", policy: #""fsGroup": \#(may)"#,
            spec: #""securityContext": {"fsGroup": 21}"#,
            errors: ["\(group)fsGroup: Invalid value: []int64{21}: group 21 must be in the ranges: [{10 20}]"]),
        PolicyCase(
            name: "supplementalGroups empty", policy: #""supplementalGroups": \#(must)"#,
            spec: #""securityContext": {"supplementalGroups": []}"#,
            errors: [
                "\(group)supplementalGroups: Invalid value: []int64{}: unable to validate empty groups against required ranges"
            ]),
        PolicyCase(
            name: "supplementalGroups outside", policy: #""supplementalGroups": \#(may)"#,
            spec: #""securityContext": {"supplementalGroups": [9, 10, 21]}"#,
            errors: [
                "\(group)supplementalGroups: Invalid value: []int64{9, 10, 21}: group 9 must be in the ranges: [{10 20}]",
                "\(group)supplementalGroups: Invalid value: []int64{9, 10, 21}: group 21 must be in the ranges: [{10 20}]",
            ]),
        PolicyCase(
            name: "supplementalGroups any", spec: #""securityContext": {"supplementalGroups": [0]}"#),
        PolicyCase(
            name: "ids at the limits",
            policy: #""fsGroup": {"rule": "MustRunAs", "ranges": [{"min": 0, "max": 9223372036854775807}]}"#,
            spec: #""securityContext": {"fsGroup": 9223372036854775807}"#),
    ]

    static let sysctlPath = "pod.spec.securityContext.sysctls"

    static func sysctls(_ names: String...) -> String {
        let list = names.map { #"{"name": "\#($0)", "value": "1"}"# }.joined(separator: ", ")
        return #""securityContext": {"sysctls": [\#(list)]}"#
    }

    static let sysctlCases = [
        PolicyCase(
            name: "safe sysctls",
            spec: sysctls(
                "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
                "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start")),
        PolicyCase(
            name: "unsafe sysctl", spec: sysctls("kernel.shm_rmid_forced", "kernel.msgmax"),
            errors: [#"\#(sysctlPath)[1]: Forbidden: unsafe sysctl "kernel.msgmax" is not allowed"#]),
        PolicyCase(
            name: "unsafe sysctl allowed", policy: #""allowedUnsafeSysctls": ["kernel.msg*", "net.core.somaxconn"]"#,
            spec: sysctls("kernel.msgmax", "net.core.somaxconn", "net.core.somaxconn2"),
            errors: [#"\#(sysctlPath)[2]: Forbidden: unsafe sysctl "net.core.somaxconn2" is not allowed"#]),
        PolicyCase(
            name: "safe sysctl forbidden", policy: #""forbiddenSysctls": ["*"]"#,
            spec: sysctls("kernel.shm_rmid_forced"),
            errors: [#"\#(sysctlPath)[0]: Forbidden: sysctl "kernel.shm_rmid_forced" is not allowed"#]),
        PolicyCase(
            name: "unsafe sysctl forbidden",
            policy: #""forbiddenSysctls": ["kernel.sem"], "allowedUnsafeSysctls": ["kernel.*"]"#,
            spec: sysctls("kernel.sem", "kernel.msgmax"),
            errors: [#"\#(sysctlPath)[0]: Forbidden: sysctl "kernel.sem" is not allowed"#]),
    ]

    static let must2 =
        #""seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c1,c2", "type": "container_t"}}"#

    static func label(_ fields: String) -> String { #""securityContext": {"seLinuxOptions": {\#(fields)}}"# }

    static let labels = [
        PolicyCase(
            name: "label missing", policy: must2,
            errors: [
                "spec.securityContext.seLinuxOptions: Required value",
                "spec.containers[0].securityContext.seLinuxOptions: Required value",
            ]),
        PolicyCase(
            name: "label as required", policy: must2, spec: label(#""level": "s0:c1,c2", "type": "container_t""#)),
        PolicyCase(
            name: "categories in another order", policy: must2,
            spec: label(#""level": "s0:c2,c1", "type": "container_t""#)),
        PolicyCase(
            name: "all parts differ", policy: must2,
            spec: label(#""level": "s1:c1,c2", "role": "r", "type": "spc_t", "user": "u""#),
            context: #""seLinuxOptions": {"level": "s0:c1,c2", "type": "container_t"}"#,
            errors: [
                #"spec.securityContext.seLinuxOptions.level: Invalid value: "s1:c1,c2": must be s0:c1,c2"#,
                #"spec.securityContext.seLinuxOptions.role: Invalid value: "r": must be "#,
                #"spec.securityContext.seLinuxOptions.type: Invalid value: "spc_t": must be container_t"#,
                #"spec.securityContext.seLinuxOptions.user: Invalid value: "u": must be "#,
            ]),
        PolicyCase(name: "any label", spec: label(#""type": "spc_t""#)),
    ]

    static let runtimeClasses = [
        PolicyCase(name: "any runtime class without a rule", spec: #""runtimeClassName": "gvisor""#),
        PolicyCase(
            name: "runtime class allowed", policy: #""runtimeClass": {"allowedRuntimeClassNames": ["gvisor"]}"#,
            spec: #""runtimeClassName": "gvisor""#),
        PolicyCase(
            name: "all runtime classes", policy: #""runtimeClass": {"allowedRuntimeClassNames": ["*"]}"#,
            spec: #""runtimeClassName": "runc""#),
        PolicyCase(
            name: "runtime class not allowed", policy: #""runtimeClass": {"allowedRuntimeClassNames": ["gvisor"]}"#,
            spec: #""runtimeClassName": "runc""#, errors: [#"spec.runtimeClassName: Invalid value: "runc""#]),
        PolicyCase(name: "no runtime class", policy: #""runtimeClass": {"allowedRuntimeClassNames": []}"#),
    ]

    @Test(arguments: hostNamespaces + groups + sysctlCases + labels + runtimeClasses)
    func errors(row: PolicyCase) throws { try row.check() }
}
