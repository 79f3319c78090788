import Foundation
import NodeModel

@testable import PodSecurity

/// A value of the API's own form, written as JSON.
func decode<Value: Decodable>(_ json: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json.utf8))
}

extension PodSecurityPolicy {
    /// A policy of four rules that allow any, and nothing else; `fields` are further ones of its `spec`.
    static func open(
        _ fields: String = "", name: String = "open", annotations: [String: String] = [:]
    ) throws -> PodSecurityPolicy {
        let rules = ["runAsUser", "seLinux", "supplementalGroups", "fsGroup"].filter { !fields.contains("\"\($0)\"") }
            .map { #""\#($0)": {"rule": "RunAsAny"}"# }
        let spec = (rules + (fields.isEmpty ? [] : [fields])).joined(separator: ", ")
        var policy: PodSecurityPolicy = try decode(#"{"metadata": {"name": "\#(name)"}, "spec": {\#(spec)}}"#)
        policy.metadata.annotations = annotations.isEmpty ? nil : annotations
        return policy
    }

    /// The seed's own policy.
    static var secured: PodSecurityPolicy {
        get throws { try open(#""privileged": false, "volumes": ["*"]"#, name: "miztiik-secured") }
    }

    /// The policy that EKS made in every cluster.
    static var eksPrivileged: PodSecurityPolicy {
        get throws {
            try open(
                """
                "privileged": true, "allowPrivilegeEscalation": true, "allowedCapabilities": ["*"], "volumes": ["*"],
                "hostNetwork": true, "hostPorts": [{"min": 0, "max": 65535}], "hostIPC": true, "hostPID": true,
                "readOnlyRootFilesystem": false
                """, name: "eks.privileged",
                annotations: ["seccomp.security.alpha.kubernetes.io/allowedProfileNames": "*"])
        }
    }
}

extension Pod {
    /// A pod of one container, `c`; the fields are further ones of its `spec`, of the container and of its context.
    static func of(
        spec: String = "", container: String = "", context: String = "", annotations: [String: String] = [:]
    ) throws -> Pod {
        let inner = [#""name": "c""#, container, context.isEmpty ? "" : #""securityContext": {\#(context)}"#]
        let first = #""containers": [{\#(inner.filter { !$0.isEmpty }.joined(separator: ", "))}]"#
        let fields = [first, spec].filter { !$0.isEmpty }.joined(separator: ", ")
        var pod: Pod = try decode(#"{"metadata": {"name": "p"}, "spec": {\#(fields)}}"#)
        pod.metadata.annotations = annotations.isEmpty ? nil : annotations
        return pod
    }
}
