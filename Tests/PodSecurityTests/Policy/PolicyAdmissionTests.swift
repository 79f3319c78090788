import NodeModel
import Testing

@testable import PodSecurity

@Suite struct PolicyAdmissionTests {
    static let busybox =
        #""containers": [{"name": "busybox", "image": "busybox", "command": ["sh", "-c", "sleep 1h"]}]"#

    static func pod(_ name: String, _ spec: String) throws -> Pod {
        try decode(#"{"metadata": {"name": "\#(name)"}, "spec": {\#(spec)}}"#)
    }

    @Test func theSeedsHostNetworkPodIsRefused() throws {
        let pod = try Self.pod("busybox-privileged", #""hostNetwork": true, \#(Self.busybox)"#)
        let admission = PolicyAdmission(of: pod, by: [try .secured])
        #expect(
            admission.refusal(of: pod.metadata) == """
                pods "busybox-privileged" is forbidden: PodSecurityPolicy: unable to admit pod: \
                [spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used]
                """)
    }

    @Test func theSeedsOrdinaryPodIsAdmitted() throws {
        let pod = try Self.pod("busybox", Self.busybox)
        let admission = PolicyAdmission(of: pod, by: [try .eksPrivileged, try .secured])
        #expect(admission == .admitted(policy: "eks.privileged", defaults: []))
        #expect(admission.refusal(of: pod.metadata) == nil)
        #expect(PolicyAdmission(of: pod, by: [try .secured]) == .admitted(policy: "miztiik-secured", defaults: []))
    }

    @Test func theSeedsRootPodIsAdmittedByEKSAlone() throws {
        let pod = try Self.pod(
            "sudo",
            #"""
            "hostPID": true, "hostNetwork": true,
            "containers": [{"name": "busybox", "image": "alpine:3.7", "securityContext": {"privileged": true}}]
            """#)
        #expect(PolicyAdmission(of: pod, by: [try .eksPrivileged]) == .admitted(policy: "eks.privileged", defaults: []))
        #expect(
            PolicyAdmission(of: pod, by: [try .secured]).refusal(of: pod.metadata) == """
                pods "sudo" is forbidden: PodSecurityPolicy: unable to admit pod: \
                [spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used \
                spec.securityContext.hostPID: Invalid value: true: Host PID is not allowed to be used \
                spec.containers[0].securityContext.privileged: Invalid value: true: \
                Privileged containers are not allowed]
                """)
    }

    @Test func theSeedsCronPodNeedsAllVolumes() throws {
        let pod = try Self.pod(
            "ssm-installer",
            #"""
            "containers": [{"name": "ssm", "securityContext": {"allowPrivilegeEscalation": true},
              "volumeMounts": [{"mountPath": "/etc/cron.d", "name": "cronfile"}]}],
            "volumes": [{"name": "cronfile", "hostPath": {"path": "/etc/cron.d", "type": "Directory"}}]
            """#)
        #expect(PolicyAdmission(of: pod, by: [try .secured]) == .admitted(policy: "miztiik-secured", defaults: []))
        let strict = try PodSecurityPolicy.open(#""volumes": ["configMap"]"#)
        #expect(
            PolicyAdmission(of: pod, by: [strict]).refusal(of: pod.metadata)?.hasSuffix(
                #": [spec.volumes[0]: Invalid value: "hostPath": hostPath volumes are not allowed to be used]"#) == true
        )
    }

    @Test func noPolicyIsNoProvider() throws {
        let pod = try Self.pod("busybox", Self.busybox)
        let admission = PolicyAdmission(of: pod, by: [])
        #expect(admission == .noProviders)
        #expect(
            admission.refusal(of: pod.metadata) == """
                pods "busybox" is forbidden: PodSecurityPolicy: no providers available to validate pod request
                """)
    }

    static let unusable = [
        (
            #""runAsUser": {"rule": "MustRunAs"}"#,
            "spec.runAsUser.ranges: Required value: MustRunAs requires at least one range"
        ),
        (
            #""runAsGroup": {"rule": "MayRunAs"}"#,
            "spec.runAsGroup.ranges: Required value: ranges must be supplied for MayRunAs"
        ),
        (
            #""fsGroup": {"rule": "MustRunAs", "ranges": []}"#,
            "spec.fsGroup.ranges: Required value: ranges must be supplied for MustRunAs"
        ),
        (
            #""seLinux": {"rule": "MustRunAs"}"#,
            "spec.seLinux.seLinuxOptions: Required value: MustRunAs requires SELinuxOptions"
        ),
    ]

    @Test(arguments: unusable)
    func policiesThatLackTheirRangesAreLeftOut(fields: String, error: String) throws {
        let policy = try PodSecurityPolicy.open(fields)
        #expect(policy.strategyErrors.map(\.description) == [error])
        #expect(PolicyAdmission(of: try .of(), by: [policy]) == .noProviders)
        #expect(
            PolicyAdmission(of: try .of(), by: [policy, try .secured])
                == .admitted(policy: "miztiik-secured", defaults: []))
    }

    @Test func aPolicyThatChangesNothingGoesFirst() throws {
        let changing = try PodSecurityPolicy.open(#""readOnlyRootFilesystem": true"#, name: "a")
        let changingToo = try PodSecurityPolicy.open(#""allowPrivilegeEscalation": false"#, name: "b")
        let plain = [try PodSecurityPolicy.open(name: "z"), try PodSecurityPolicy.open(name: "y")]
        let pod = try Pod.of()
        #expect(PolicyAdmission(of: pod, by: [changing] + plain) == .admitted(policy: "y", defaults: []))
        let set = [PolicyDefault(field: "spec.containers[0].securityContext.readOnlyRootFilesystem", value: "true")]
        #expect(PolicyAdmission(of: pod, by: [changingToo, changing]) == .admitted(policy: "a", defaults: set))
    }

    @Test func aRefusalHasTheErrorsOfAllPoliciesInTheOrderOfTheirNames() throws {
        let pod = try Pod.of(spec: #""hostPID": true, "hostIPC": true"#)
        let policies = [
            try PodSecurityPolicy.open(name: "c"), try PodSecurityPolicy.open(#""hostPID": true"#, name: "b"),
            try PodSecurityPolicy.open(#""hostIPC": true"#, name: "a"),
        ]
        let pid = FieldError.invalid("spec.securityContext.hostPID", .bool(true), "Host PID is not allowed to be used")
        let ipc = FieldError.invalid("spec.securityContext.hostIPC", .bool(true), "Host IPC is not allowed to be used")
        #expect(PolicyAdmission(of: pod, by: policies) == .refused([pid, ipc, pid, ipc]))
    }

    @Test(arguments: [
        (#"{"generateName": "web-"}"#, #""web-""#), (#"{}"#, #""Unknown""#), (#"{"name": ""}"#, #""Unknown""#),
        (#"{"name": "a\"\n\u001b\u00e9\u200b"}"#, #""a\"\n\x1bé\u200b""#),
    ])
    func theRefusalNamesThePod(metadata: String, name: String) throws {
        let refusal = PolicyAdmission.noProviders.refusal(of: try decode(metadata))
        #expect(
            refusal == "pods \(name) is forbidden: PodSecurityPolicy: no providers available to validate pod request")
    }

    @Test func portsOfAHostNetworkPodArePortsOfTheNode() throws {
        let pod = try Pod.of(
            spec: #""hostNetwork": true"#, container: #""ports": [{"containerPort": 8080}]"#)
        let policy = try PodSecurityPolicy.open(
            #""hostNetwork": true, "hostPorts": [{"min": 80, "max": 80}, {"min": 90, "max": 99}]"#)
        let error = FieldError.invalid(
            "spec.containers[0].hostPort", .int(8080),
            "Host port 8080 is not allowed to be used. Allowed ports: [80,90-99]")
        #expect(PolicyAdmission(of: pod, by: [policy]) == .refused([error]))
        #expect(PolicyAdmission(of: pod, by: [try .eksPrivileged]) == .admitted(policy: "eks.privileged", defaults: []))
    }
}
