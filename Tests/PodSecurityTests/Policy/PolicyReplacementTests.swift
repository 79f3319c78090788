import Testing

@testable import PodSecurity

@Suite struct PolicyReplacementTests {
    static let strict = """
        "requiredDropCapabilities": ["ALL"], "volumes": ["configMap", "secret"], "allowPrivilegeEscalation": false,
        "runAsUser": {"rule": "MustRunAsNonRoot"}, "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {}}
        """
    static let strictAnnotations = [
        "seccomp.security.alpha.kubernetes.io/allowedProfileNames": "runtime/default",
        "apparmor.security.beta.kubernetes.io/allowedProfileNames": "runtime/default,localhost/a",
    ]

    @Test func thePoliciesOfTheSeedAreReplacedByNoRestriction() throws {
        let secured = PolicyReplacement(of: try .secured)
        #expect(secured.level == .privileged)
        #expect(
            secured.covered.filter { $0.level == .privileged }.map(\.name) == [
                "volumes", "seLinux", "apparmor.security.beta.kubernetes.io/allowedProfileNames",
            ])
        #expect(secured.lost == [])
        let eks = PolicyReplacement(of: try .eksPrivileged)
        #expect(eks.level == .privileged)
        #expect(eks.covered.first == .init(name: "privileged", value: "true", level: .privileged))
        #expect(eks.lost == [])
    }

    @Test func aStrictPolicyIsReplacedByRestricted() throws {
        let policy = try PodSecurityPolicy.open(Self.strict, annotations: Self.strictAnnotations)
        let replacement = PolicyReplacement(of: policy)
        #expect(replacement.level == .restricted)
        #expect(
            replacement.lost == [
                .init(name: "requiredDropCapabilities", value: "[ALL]", effect: .sets),
                .init(name: "seLinux", value: "MustRunAs", effect: .sets),
                .init(name: "runAsUser", value: "MustRunAsNonRoot", effect: .sets),
                .init(name: "allowPrivilegeEscalation", value: "false", effect: .sets),
            ])
    }

    static let fields: [(String, String, String, PodSecurityLevel)] = [
        (#""privileged": true"#, "privileged", "true", .privileged),
        (#""privileged": false"#, "privileged", "false", .restricted),
        (#""hostPID": true"#, "hostPID", "true", .privileged), (#""hostIPC": true"#, "hostIPC", "true", .privileged),
        (#""hostNetwork": true"#, "hostNetwork", "true", .privileged), ("", "hostNetwork", "unset", .restricted),
        (#""hostPorts": [{"min": 1, "max": 2}]"#, "hostPorts", "[1-2]", .privileged),
        (#""hostPorts": []"#, "hostPorts", "[]", .restricted),
        (#""allowedCapabilities": ["NET_BIND_SERVICE"]"#, "allowedCapabilities", "[NET_BIND_SERVICE]", .restricted),
        (#""allowedCapabilities": ["KILL", "CHOWN"]"#, "allowedCapabilities", "[KILL, CHOWN]", .baseline),
        (#""allowedCapabilities": ["NET_RAW"]"#, "allowedCapabilities", "[NET_RAW]", .privileged),
        (#""allowedCapabilities": ["*"]"#, "allowedCapabilities", "[*]", .privileged),
        (#""defaultAddCapabilities": ["KILL"]"#, "defaultAddCapabilities", "[KILL]", .baseline),
        (#""requiredDropCapabilities": ["KILL"]"#, "requiredDropCapabilities", "[KILL]", .baseline),
        (#""requiredDropCapabilities": ["ALL"]"#, "requiredDropCapabilities", "[ALL]", .restricted),
        (#""volumes": ["secret", "nfs"]"#, "volumes", "[secret, nfs]", .baseline),
        (#""volumes": ["secret", "ephemeral"]"#, "volumes", "[secret, ephemeral]", .restricted),
        (#""volumes": ["secret", "hostPath"]"#, "volumes", "[secret, hostPath]", .privileged),
        (#""volumes": ["*"]"#, "volumes", "[*]", .privileged), ("", "seLinux", "RunAsAny", .privileged),
        (
            #""seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0", "type": "container_t"}}"#, "seLinux",
            "MustRunAs level=s0 type=container_t", .restricted
        ),
        (
            #""seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"type": "spc_t"}}"#, "seLinux",
            "MustRunAs type=spc_t",
            .privileged
        ),
        (
            #""seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"user": "u"}}"#, "seLinux", "MustRunAs user=u",
            .privileged
        ),
        ("", "runAsUser", "RunAsAny", .baseline),
        (#""runAsUser": {"rule": "MustRunAsNonRoot"}"#, "runAsUser", "MustRunAsNonRoot", .restricted),
        (
            #""runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 2}]}"#, "runAsUser", "MustRunAs 1-2",
            .baseline
        ),
        ("", "allowPrivilegeEscalation", "unset", .baseline),
        (#""allowPrivilegeEscalation": false"#, "allowPrivilegeEscalation", "false", .restricted),
        (#""allowedUnsafeSysctls": ["kernel.*"]"#, "allowedUnsafeSysctls", "[kernel.*]", .privileged),
        (#""allowedProcMountTypes": ["Default"]"#, "allowedProcMountTypes", "[Default]", .restricted),
        (#""allowedProcMountTypes": ["Unmasked"]"#, "allowedProcMountTypes", "[Unmasked]", .privileged),
    ]

    @Test(arguments: fields)
    func levels(fields: String, name: String, value: String, level: PodSecurityLevel) throws {
        let replacement = PolicyReplacement(of: try .open(fields))
        #expect(replacement.covered.first { $0.name == name } == .init(name: name, value: value, level: level))
    }

    static let profiles: [(String, String?, PodSecurityLevel)] = [
        ("seccomp.security.alpha", nil, .baseline), ("seccomp.security.alpha", "*", .privileged),
        ("seccomp.security.alpha", "runtime/default,", .baseline),
        ("seccomp.security.alpha", "docker/default,localhost/a", .restricted),
        ("seccomp.security.alpha", "unconfined", .privileged), ("apparmor.security.beta", nil, .privileged),
        ("apparmor.security.beta", "runtime/default,", .baseline),
        ("apparmor.security.beta", "runtime/default", .restricted),
        ("apparmor.security.beta", "runtime/default,unconfined", .privileged),
    ]

    @Test(arguments: profiles)
    func profileLevels(prefix: String, allowed: String?, level: PodSecurityLevel) throws {
        let name = "\(prefix).kubernetes.io/allowedProfileNames"
        let policy = try PodSecurityPolicy.open(annotations: allowed.map { [name: $0] } ?? [:])
        let field = PolicyReplacement(of: policy).covered.first { $0.name == name }
        #expect(field == .init(name: name, value: allowed ?? "unset", level: level))
    }

    @Test(
        arguments: [
            (#""fsGroup": {"rule": "MayRunAs", "ranges": [{"min": 1, "max": 9}]}"#, "fsGroup", "restricts"),
            (#""runAsUser": {"rule": "MustRunAsNonRoot"}"#, "runAsUser", "sets"),
            (#""runAsUser": {"rule": "RunAsAny"}"#, "runAsUser", nil),
        ] as [(String, String, String?)])
    func idsThatAreLost(fields: String, name: String, effect: String?) throws {
        let lost = PolicyReplacement(of: try PodSecurityPolicy.open(fields)).lost.first { $0.name == name }
        #expect(lost.map { "\($0.effect)" } == effect)
    }

    @Test func everythingThatNoLevelKnowsIsLost() throws {
        let ids = #"{"rule": "MustRunAs", "ranges": [{"min": 1, "max": 9}]}"#
        let policy = try PodSecurityPolicy.open(
            """
            "runAsUser": \(ids), "runAsGroup": \(ids), "supplementalGroups": \(ids), "fsGroup": \(ids),
            "defaultAddCapabilities": ["KILL"], "readOnlyRootFilesystem": true, "defaultAllowPrivilegeEscalation": false,
            "allowedHostPaths": [{"pathPrefix": "/var/log", "readOnly": true}, {"pathPrefix": "/x"}],
            "allowedFlexVolumes": [{"driver": "a/b"}], "allowedCSIDrivers": [{"name": "efs"}],
            "forbiddenSysctls": ["*"], "runtimeClass": {"defaultRuntimeClassName": "a", "allowedRuntimeClassNames": []}
            """,
            annotations: [
                "seccomp.security.alpha.kubernetes.io/defaultProfileName": "runtime/default",
                "apparmor.security.beta.kubernetes.io/defaultProfileName": "localhost/a",
            ])
        #expect(
            PolicyReplacement(of: policy).lost.map { "\($0.name) \($0.value) \($0.effect)" } == [
                "defaultAddCapabilities [KILL] sets", "runAsUser MustRunAs 1-9 restrictsAndSets",
                "runAsGroup MustRunAs 1-9 restrictsAndSets", "supplementalGroups MustRunAs 1-9 restrictsAndSets",
                "fsGroup MustRunAs 1-9 restrictsAndSets", "readOnlyRootFilesystem true restrictsAndSets",
                "defaultAllowPrivilegeEscalation false sets",
                "allowedHostPaths [/var/log (read-only), /x] restricts", "allowedFlexVolumes [a/b] restricts",
                "allowedCSIDrivers [efs] restricts", "forbiddenSysctls [*] restricts",
                "runtimeClass.defaultRuntimeClassName a sets", "runtimeClass.allowedRuntimeClassNames [] restricts",
                "seccomp.security.alpha.kubernetes.io/defaultProfileName runtime/default sets",
                "apparmor.security.beta.kubernetes.io/defaultProfileName localhost/a sets",
            ])
    }
}
