import Foundation
import Testing

@testable import PodSecurity

@Suite struct PodSecurityPolicyValidityTests {
    @Test func ordinaryPoliciesAreValid() throws {
        try PodSecurityPolicy.secured.validate()
        try PodSecurityPolicy.eksPrivileged.validate()
    }

    static let any = #""MayRunAs", "MustRunAs", "RunAsAny""#

    static let hostile: [(String, [String])] = [
        (
            #""runAsUser": {"rule": "Nobody"}"#,
            [
                #"spec.runAsUser.rule: Unsupported value: "Nobody": supported values: "MustRunAs", "MustRunAsNonRoot", "RunAsAny""#
            ]
        ),
        (
            #""runAsUser": {}"#,
            [
                #"spec.runAsUser.rule: Unsupported value: "": supported values: "MustRunAs", "MustRunAsNonRoot", "RunAsAny""#
            ]
        ),
        (
            #""runAsGroup": {"rule": "x"}"#,
            [#"spec.runAsGroup.rule: Unsupported value: "x": supported values: \#(any)"#]
        ),
        (
            #""seLinux": {"rule": "x"}"#,
            [#"spec.seLinux.rule: Unsupported value: "x": supported values: "MustRunAs", "RunAsAny""#]
        ),
        (#""fsGroup": {"rule": "x"}"#, [#"spec.fsGroup.rule: Unsupported value: "x": supported values: \#(any)"#]),
        (
            #""supplementalGroups": {"rule": "x"}"#,
            [#"spec.supplementalGroups.rule: Unsupported value: "x": supported values: \#(any)"#]
        ),
        (
            #""runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 2}, {"min": -1, "max": -2}]}"#,
            [
                "spec.runAsUser.ranges[1].min: Invalid value: -1: min cannot be negative",
                "spec.runAsUser.ranges[1].max: Invalid value: -2: max cannot be negative",
                "spec.runAsUser.ranges[1].min: Invalid value: -1: min cannot be greater than max",
            ]
        ),
        (
            #""fsGroup": {"rule": "MustRunAs", "ranges": [{"min": 9223372036854775807, "max": 0}]}"#,
            ["spec.fsGroup.ranges[0].min: Invalid value: 9223372036854775807: min cannot be greater than max"]
        ),
        (
            #""hostPorts": [{"min": -80, "max": 70000}, {"min": 9, "max": 8}]"#,
            [
                "spec.hostPorts[0].min: Invalid value: -80: must be between 0 and 65535, inclusive",
                "spec.hostPorts[0].max: Invalid value: 70000: must be between 0 and 65535, inclusive",
                "spec.hostPorts[1].min: Invalid value: 9: min cannot be greater than max",
            ]
        ),
        (
            #""allowedCapabilities": ["*"], "requiredDropCapabilities": ["ALL"]"#,
            [
                #"requiredDropCapabilities: Invalid value: []core.Capability{"ALL"}: must be empty when all capabilities are allowed by a wildcard"#
            ]
        ),
        (
            #""defaultAddCapabilities": ["KILL"], "requiredDropCapabilities": ["KILL"]"#,
            [
                #"defaultAddCapabilities: Invalid value: "KILL": capability is listed in defaultAddCapabilities and requiredDropCapabilities"#
            ]
        ),
        (
            #""allowPrivilegeEscalation": false, "defaultAllowPrivilegeEscalation": true"#,
            [
                "spec.defaultAllowPrivilegeEscalation: Invalid value: true: Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true"
            ]
        ),
        (
            #""allowedHostPaths": [{}, {"pathPrefix": "/a/../b"}, {"pathPrefix": "/a..b"}]"#,
            [
                "spec.allowedHostPaths[0]: Required value: is required",
                #"spec.allowedHostPaths[1]: Invalid value: "/a/../b": must not contain '..'"#,
            ]
        ),
        (
            #""allowedFlexVolumes": [{"driver": ""}]"#,
            ["spec.allowedFlexVolumes.allowedFlexVolumes[0].driver: Required value: must specify a driver"]
        ),
        (
            #""runtimeClass": {"allowedRuntimeClassNames": ["a"], "defaultRuntimeClassName": "b"}"#,
            [#"spec.runtimeClass.allowedRuntimeClassNames: Required value: default "b" must be allowed"#]
        ),
        (
            #""allowedUnsafeSysctls": ["", "*"], "forbiddenSysctls": ["*", "a"]"#,
            [
                #"spec.allowedUnsafeSysctls[0]: Invalid value: "": empty sysctl not allowed"#,
                "spec.allowedUnsafeSysctls.items: Forbidden: if '*' is present, must not specify other sysctls",
                "spec.forbiddenSysctls.items: Forbidden: if '*' is present, must not specify other sysctls",
            ]
        ),
    ]

    @Test(arguments: hostile)
    func hostilePoliciesAreRefused(fields: String, errors: [String]) throws {
        let policy = try PodSecurityPolicy.open(fields)
        let error = try #require(throws: InvalidPolicy.self) { try policy.validate() }
        #expect(error.errors.map(\.description) == errors)
    }

    @Test func anUnknownVolumeNamesTheKnownOnes() throws {
        let policy = try PodSecurityPolicy.open(#""volumes": ["secret", "hostpath"]"#)
        let error = try #require(throws: InvalidPolicy.self) { try policy.validate() }
        #expect(error.errors.count == 1)
        #expect(
            error.errors[0].description.hasPrefix(
                #"spec.volumes: Unsupported value: "hostpath": supported values: "*", "awsElastic"#))
    }

    @Test func anEmptyPolicyLacksItsFourRules() throws {
        let error = try #require(throws: InvalidPolicy.self) { try PodSecurityPolicy().validate() }
        #expect(
            error.errors.map(\.field)
                == ["runAsUser", "seLinux", "supplementalGroups", "fsGroup"].map { "spec.\($0).rule" })
    }

    @Test func theErrorIsTheAPIs() throws {
        let one = InvalidPolicy(name: "a", errors: [.required("spec.x", "")])
        #expect(one.description == #"PodSecurityPolicy.policy "a" is invalid: spec.x: Required value"#)
        let more = InvalidPolicy(
            name: "a", errors: [.required("spec.x", ""), .forbidden("y", "z"), .required("spec.x", "")])
        #expect(
            more.description == #"PodSecurityPolicy.policy "a" is invalid: [spec.x: Required value, y: Forbidden: z]"#)
    }

    @Test(arguments: [
        #"{"metadata": {}, "spec": {"hostPorts": [{"min": 1e30, "max": 2}]}}"#,
        #"{"metadata": {}, "spec": {"hostPorts": [{"min": 1}]}}"#,
        #"{"metadata": {}, "spec": {"privileged": "yes"}}"#, #"{"metadata": {}, "spec": []}"#, #"{"metadata": {}}"#,
    ])
    func wrongShapesDoNotDecode(json: String) {
        #expect(throws: DecodingError.self) { try decode(json, as: PodSecurityPolicy.self) }
    }
}
