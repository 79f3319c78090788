import Testing

@testable import PodSecurity

@Suite struct PodSecurityPolicyProfilesTests {
    static let pod = "seccomp.security.alpha.kubernetes.io/pod"
    static let container = "container.seccomp.security.alpha.kubernetes.io/c"
    static let appArmor = "container.apparmor.security.beta.kubernetes.io/c"

    static func path(_ annotation: String) -> String { "pod.metadata.annotations[\(annotation)]" }

    static func allowing(_ profiles: String) -> [String: String] {
        ["seccomp.security.alpha.kubernetes.io/allowedProfileNames": profiles]
    }

    static func allowingAppArmor(_ profiles: String) -> [String: String] {
        ["apparmor.security.beta.kubernetes.io/allowedProfileNames": profiles]
    }

    static let runtimeDefault = #""seccompProfile": {"type": "RuntimeDefault"}"#
    static let local = #""seccompProfile": {"type": "Localhost", "localhostProfile": "a.json"}"#

    static let cases = [
        PolicyCase(name: "no rule, no profile"),
        PolicyCase(
            name: "no rule, a profile", podAnnotations: [pod: "runtime/default"],
            errors: [pod, container].map { "\(path($0)): Forbidden: seccomp may not be set" }),
        PolicyCase(
            name: "no rule, a field", context: runtimeDefault,
            errors: ["\(path(container)): Forbidden: seccomp may not be set"]),
        PolicyCase(
            name: "all profiles", policyAnnotations: allowing("*"),
            context: #""seccompProfile": {"type": "Unconfined"}"#),
        PolicyCase(
            name: "a rule, no profile", policyAnnotations: allowing("runtime/default"),
            errors: [pod, container].map {
                "\(path($0)): Forbidden:  is not an allowed seccomp profile. Valid values are runtime/default"
            }),
        PolicyCase(name: "a rule that allows none", policyAnnotations: allowing("runtime/default,")),
        PolicyCase(
            name: "a field of the pod", policyAnnotations: allowing("runtime/default"),
            spec: #""securityContext": {\#(runtimeDefault)}"#),
        PolicyCase(
            name: "both names of the runtime's default", policyAnnotations: allowing("docker/default"),
            podAnnotations: [pod: "runtime/default", container: "docker/default"]),
        PolicyCase(
            name: "a field goes before its annotation", policyAnnotations: allowing("localhost/a.json,runtime/default"),
            context: local, podAnnotations: [pod: "runtime/default", container: "unconfined"]),
        PolicyCase(
            name: "another profile", policyAnnotations: allowing("localhost/a.json,runtime/default"),
            podAnnotations: [pod: "runtime/default", container: "unconfined"],
            errors: [
                "\(path(container)): Forbidden: unconfined is not an allowed seccomp profile. Valid values are localhost/a.json,runtime/default"
            ]),
        PolicyCase(name: "any AppArmor profile", podAnnotations: [appArmor: "unconfined"]),
        PolicyCase(
            name: "no AppArmor profile", policyAnnotations: allowingAppArmor("runtime/default"),
            errors: ["\(path(appArmor)): Forbidden: AppArmor profile must be set"]),
        PolicyCase(
            name: "AppArmor profile allowed", policyAnnotations: allowingAppArmor("runtime/default,localhost/a"),
            podAnnotations: [appArmor: "localhost/a"]),
        PolicyCase(
            name: "another AppArmor profile", policyAnnotations: allowingAppArmor("runtime/default,localhost/a"),
            podAnnotations: [appArmor: "unconfined"],
            errors: [
                #"\#(path(appArmor)): Forbidden: unconfined is not an allowed profile. Allowed values: "runtime/default,localhost/a""#
            ]),
    ]

    @Test(arguments: cases)
    func errors(row: PolicyCase) throws { try row.check() }
}
