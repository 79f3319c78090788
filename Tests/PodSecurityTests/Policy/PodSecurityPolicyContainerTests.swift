import Testing

@testable import PodSecurity

@Suite struct PodSecurityPolicyContainerTests {
    static let path = "spec.containers[0].securityContext"
    static let ranges = #"{"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]}"#
    static let nonRoot = #""runAsUser": {"rule": "MustRunAsNonRoot"}"#

    static let users = [
        PolicyCase(name: "any user", context: #""runAsUser": 0"#),
        PolicyCase(
            name: "no user", policy: #""runAsUser": \#(ranges)"#, errors: ["\(path).runAsUser: Required value"]),
        PolicyCase(
            name: "user outside", policy: #""runAsUser": \#(ranges)"#, context: #""runAsUser": 0"#,
            errors: ["\(path).runAsUser: Invalid value: 0: must be in the ranges: [{1 65535}]"]),
        PolicyCase(name: "user inside", policy: #""runAsUser": \#(ranges)"#, context: #""runAsUser": 65535"#),
        PolicyCase(
            name: "the pod's user", policy: #""runAsUser": \#(ranges)"#,
            spec: #""securityContext": {"runAsUser": 1}"#),
        PolicyCase(
            name: "nothing said", policy: nonRoot, errors: ["\(path).runAsNonRoot: Required value: must be true"]),
        PolicyCase(name: "not root", policy: nonRoot, context: #""runAsNonRoot": true"#),
        PolicyCase(
            name: "root allowed", policy: nonRoot, context: #""runAsNonRoot": false, "runAsUser": 5"#,
            errors: ["\(path).runAsNonRoot: Invalid value: false: must be true"]),
        PolicyCase(
            name: "root", policy: nonRoot, context: #""runAsNonRoot": true, "runAsUser": 0"#,
            errors: ["\(path).runAsUser: Invalid value: 0: running with the root UID is forbidden"]),
        PolicyCase(name: "another user", policy: nonRoot, context: #""runAsUser": 1"#),
        PolicyCase(
            name: "no group", policy: #""runAsGroup": \#(ranges)"#,
            errors: ["\(path): Invalid value: []int64(nil): unable to validate empty groups against required ranges"]),
        PolicyCase(
            name: "group outside", policy: #""runAsGroup": \#(ranges)"#, context: #""runAsGroup": 0"#,
            errors: ["\(path): Invalid value: []int64{0}: group 0 must be in the ranges: [{1 65535}]"]),
        PolicyCase(name: "group inside", policy: #""runAsGroup": \#(ranges)"#, context: #""runAsGroup": 1"#),
        PolicyCase(name: "any group", policy: #""runAsGroup": {"rule": "RunAsAny"}"#, context: #""runAsGroup": 0"#),
    ]

    static let privileges = [
        PolicyCase(
            name: "privileged", context: #""privileged": true"#,
            errors: ["\(path).privileged: Invalid value: true: Privileged containers are not allowed"]),
        PolicyCase(name: "privileged allowed", policy: #""privileged": true"#, context: #""privileged": true"#),
        PolicyCase(
            name: "unmasked proc", context: #""procMount": "Unmasked""#,
            errors: [#"\#(path).procMount: Invalid value: "Unmasked": ProcMountType is not allowed"#]),
        PolicyCase(
            name: "unmasked proc allowed", policy: #""allowedProcMountTypes": ["Unmasked"]"#,
            context: #""procMount": "Unmasked""#),
        PolicyCase(
            name: "only unmasked proc allowed", policy: #""allowedProcMountTypes": ["Unmasked"]"#,
            errors: [#"\#(path).procMount: Invalid value: "Default": ProcMountType is not allowed"#]),
        PolicyCase(
            name: "root writable", policy: #""readOnlyRootFilesystem": true"#,
            context: #""readOnlyRootFilesystem": false"#,
            errors: ["\(path).readOnlyRootFilesystem: Invalid value: false: ReadOnlyRootFilesystem must be set to true"]
        ),
        PolicyCase(
            name: "root unset", policy: #""readOnlyRootFilesystem": true"#,
            errors: [
                #"\#(path).readOnlyRootFilesystem: Invalid value: "null": ReadOnlyRootFilesystem may not be nil and must be set to true"#
            ]),
        PolicyCase(
            name: "root read-only", policy: #""readOnlyRootFilesystem": true"#,
            context: #""readOnlyRootFilesystem": true"#),
        PolicyCase(
            name: "escalation", policy: #""allowPrivilegeEscalation": false"#,
            context: #""allowPrivilegeEscalation": true"#,
            errors: [
                "\(path).allowPrivilegeEscalation: Invalid value: true: Allowing privilege escalation for containers is not allowed"
            ]),
        PolicyCase(
            name: "escalation unset", policy: #""allowPrivilegeEscalation": false"#,
            errors: [
                #"\#(path).allowPrivilegeEscalation: Invalid value: "null": Allowing privilege escalation for containers is not allowed"#
            ]),
        PolicyCase(name: "escalation by default", context: #""allowPrivilegeEscalation": true"#),
    ]

    static let capabilities = [
        PolicyCase(
            name: "capability", context: #""capabilities": {"add": ["SYS_ADMIN", "KILL"]}"#,
            errors: [
                #"\#(path).capabilities.add: Invalid value: "SYS_ADMIN": capability may not be added"#,
                #"\#(path).capabilities.add: Invalid value: "KILL": capability may not be added"#,
            ]),
        PolicyCase(
            name: "capabilities allowed and by default",
            policy: #""allowedCapabilities": ["KILL"], "defaultAddCapabilities": ["CHOWN"]"#,
            context: #""capabilities": {"add": ["KILL", "CHOWN"]}"#),
        PolicyCase(
            name: "all capabilities", policy: #""allowedCapabilities": ["*"]"#,
            context: #""capabilities": {"add": ["ALL"]}"#),
        PolicyCase(
            name: "no capabilities", policy: #""requiredDropCapabilities": ["ALL"]"#,
            errors: [
                #"\#(path).capabilities: Invalid value: "null": required capabilities are not set on the securityContext"#
            ]),
        PolicyCase(
            name: "another drop", policy: #""requiredDropCapabilities": ["ALL", "KILL"]"#,
            context: #""capabilities": {"drop": ["KILL", "CHOWN"]}"#,
            errors: [
                #"\#(path).capabilities.drop: Invalid value: []core.Capability{"KILL", "CHOWN"}: ALL is required to be dropped but was not found"#
            ]),
        PolicyCase(
            name: "no drop", policy: #""requiredDropCapabilities": ["ALL"], "allowedCapabilities": ["KILL"]"#,
            context: #""capabilities": {"add": ["KILL"]}"#,
            errors: [
                "\(path).capabilities.drop: Invalid value: []core.Capability(nil): ALL is required to be dropped but was not found"
            ]),
    ]

    static func ports(_ numbers: String...) -> String {
        #""ports": [\#(numbers.map { #"{"containerPort": 1, "hostPort": \#($0)}"# }.joined(separator: ", "))]"#
    }

    static let hostPorts = [
        PolicyCase(name: "no host port", container: #""ports": [{"containerPort": 80}, {"hostPort": 0}]"#),
        PolicyCase(
            name: "host port", container: ports("80"),
            errors: [
                "spec.containers[0].hostPort: Invalid value: 80: Host port 80 is not allowed to be used. Allowed ports: []"
            ]),
        PolicyCase(
            name: "host ports beside the ranges",
            policy: #""hostPorts": [{"min": 80, "max": 80}, {"min": 90, "max": 99}]"#,
            container: ports("80", "81", "90", "99", "100"),
            errors: [
                "spec.containers[0].hostPort: Invalid value: 81: Host port 81 is not allowed to be used. Allowed ports: [80,90-99]",
                "spec.containers[0].hostPort: Invalid value: 100: Host port 100 is not allowed to be used. Allowed ports: [80,90-99]",
            ]),
    ]

    static let privileged = #""securityContext": {"privileged": true}"#

    static let placement = [
        PolicyCase(
            name: "all lists in the API's order",
            spec: """
                "ephemeralContainers": [{"name": "e", \(privileged)}],
                "initContainers": [{"name": "i"}, {"name": "j", \(privileged)}]
                """, context: #""privileged": true"#,
            errors: ["initContainers[1]", "containers[0]", "ephemeralContainers[0]"].map {
                "spec.\($0).securityContext.privileged: Invalid value: true: Privileged containers are not allowed"
            })
    ]

    @Test(arguments: users + privileges + capabilities + hostPorts + placement)
    func errors(row: PolicyCase) throws { try row.check() }
}
