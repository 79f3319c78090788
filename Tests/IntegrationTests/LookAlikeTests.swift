import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// Pods that look like add-ons.
    ///
    /// Each has name, image, owner and place of one, and one thing that the real one does not have: the profile of
    /// add-ons lowers none of that. Only one has nothing more.
    @Suite(.enabled(if: Bench.hasNodeImage && StandInAPIServer.isUsable, Bench.nodeReason))
    struct LookAlikeTests {
        @Test func everyOneIsReported() throws {
            #expect(LookAlike.all.count >= 20)
            try SystemdNode.with("v2") { node in
                try StandInAPIServer.with { api in
                    let pods = try LookAlike.workloads(LookAlike.all)
                    let real = try #require(try LookAlike.workloads([LookAlike.real]).first?.workload)
                    for workload in pods.map(\.workload) + [real] { try workload.run(on: node, api) }
                    func isTold(_ report: ScanReport, _ pod: (like: LookAlike, workload: Workload)) -> Bool {
                        report.findings.contains {
                            $0.pod?.name == pod.workload.podName && $0.technique == pod.like.told
                                && $0.severity != "info"
                        }
                    }
                    let deadline = Date().addingTimeInterval(20)
                    var report = try node.scan(asking: api)
                    while !pods.allSatisfy({ isTold(report, $0) }), Date() < deadline {
                        report = try node.scan(asking: api)
                    }
                    let known = report.findings.filter { $0.pod?.name == real.podName }
                    #expect(Set(known.map(\.technique)) == ["host-network-namespace", "privileged"])
                    #expect(known.allSatisfy { $0.severity == "info" })
                    for pod in pods {
                        let findings = report.findings.filter { $0.pod?.name == pod.workload.podName }
                        let seen = findings.map { "\($0.severity) \($0.technique)" }
                        #expect(isTold(report, pod), "\(pod.like.what): \(seen)")
                        // The profile knows the rest of those that are what they say, and nothing of the others.
                        let lowered = findings.filter { $0.severity == "info" }
                        #expect(lowered.isEmpty || !pod.like.isAnother, "\(pod.like.what): \(seen)")
                    }
                }
            }
        }
    }
}

/// A pod that looks like an add-on's.
struct LookAlike {
    /// What the real add-on does not have.
    var what: String
    /// The technique that tells it.
    var told: String
    /// It is another pod than the add-on's by owner, account, namespace or image: none of its findings is lowered.
    var isAnother = false
    var name: String
    var image: String
    var namespace = "kube-system"
    var account: String
    var kind = "DaemonSet"
    var network = false
    var processes = false
    var privileged = false
    var root = false
    var capabilities: [String] = []
    /// Paths of the node; read-only where `:ro` follows.
    var paths: [String] = []
    /// What its last container runs instead of sleeping.
    var command: [String] = []

    /// The workload's manifest, as `packaging/bench/workload` reads it: JSON is YAML.
    var manifest: [String: Any] {
        let mounts = paths.enumerated().map { number, path -> [String: Any] in
            let isReadOnly = path.hasSuffix(":ro")
            let place = isReadOnly ? String(path.dropLast(3)) : path
            return ["name": "v\(number)", "mountPath": "/host\(place)", "readOnly": isReadOnly, "path": place]
        }
        var context: [String: Any] = ["privileged": privileged]
        if !capabilities.isEmpty { context["capabilities"] = ["add": capabilities] }
        if root { context["runAsUser"] = 0 }
        return [
            "apiVersion": "apps/v1", "kind": kind, "metadata": ["name": name, "namespace": namespace],
            "spec": [
                "template": [
                    "metadata": ["labels": ["app": name]],
                    "spec": [
                        "serviceAccountName": account, "hostNetwork": network, "hostPID": processes,
                        "volumes": mounts.map { ["name": $0["name"] ?? "", "hostPath": ["path": $0["path"] ?? ""]] },
                        "containers": [
                            [
                                "name": name, "image": image, "securityContext": context,
                                "volumeMounts": mounts.map { $0.filter { $0.key != "path" } },
                            ] as [String: Any]
                        ],
                    ] as [String: Any],
                ]
            ],
        ]
    }

    /// Pods of the bench, each with a name of its own.
    static func workloads(_ likes: [LookAlike]) throws -> [(like: LookAlike, workload: Workload)] {
        try TemporaryDirectory.with { directory in
            var paths: [String] = []
            for (number, like) in likes.enumerated() {
                let path = "\(directory.path)/\(number).json"
                try JSONSerialization.data(withJSONObject: like.manifest).write(to: URL(fileURLWithPath: path))
                paths.append(path)
            }
            return zip(likes, try Workload.read(paths)).enumerated().map { number, pair in
                var workload = pair.1.named(pair.0.told.isEmpty ? "real" : "\(number)")
                if !pair.0.command.isEmpty {
                    workload.containers[workload.containers.count - 1].options += ["--"] + pair.0.command
                }
                return (pair.0, workload)
            }
        }
    }
}
