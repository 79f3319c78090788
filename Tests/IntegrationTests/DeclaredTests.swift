import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// Real containers beside what an API server says of their pods.
    @Suite(.serialized, .enabled(if: StandInAPIServer.isUsable, Bench.reason))
    struct DeclaredTests {
        private static let hostPID = ExposureTests.quiet + ["--host-pid"]

        private func findings(_ node: ContainerdNode, _ api: StandInAPIServer, of pod: BenchPod) throws
            -> [ScanReport.Finding]
        {
            try node.scan(["--kubeconfig", api.kubeconfig("certificate"), "--node-name", StandInAPIServer.nodeName])
                .report.findings(
                    of: pod)
        }

        /// Made through the runtime's socket: the API has a quiet pod.
        @Test func notDeclared() throws {
            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    let pod = try node.pod("quiet", Self.hostPID)
                    try api.report(pod, name: "quiet")
                    let found = try findings(node, api, of: pod)
                    #expect(found.map(\.technique) == ["host-pid-namespace"])
                    #expect(found.map(\.declared) == ["undeclared"] && found.map(\.severity) == ["critical"])

                    try api.report(pod, name: "quiet", spec: #""hostPID": true"#)
                    let declared = try findings(node, api, of: pod)
                    #expect(declared.map(\.technique) == ["host-pid-namespace"])
                    #expect(declared.map(\.declared) == ["declared"] && declared.map(\.severity) == ["medium"])
                }
            }
        }

        /// A file that the node has replaced since, as package managers do, is the one that was asked for.
        @Test func replacedFile() throws {
            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    let file = "\(node.root)/replaced.conf"
                    try "old".write(toFile: file, atomically: true, encoding: .utf8)
                    let pod = try node.pod("file", ExposureTests.quiet + ["--mount", "\(file):/f"])
                    try api.report(
                        pod, name: "file", container: #""volumeMounts": [{"name": "v", "mountPath": "/f"}]"#,
                        spec: #""volumes": [{"name": "v", "hostPath": {"path": "\#(file)"}}]"#)
                    let before = try findings(node, api, of: pod)
                    #expect(before.map(\.declared) == ["declared"])
                    try "new".write(toFile: file, atomically: true, encoding: .utf8)
                    let after = try findings(node, api, of: pod)
                    #expect(after.map(\.declared) == ["declared"] && after.map(\.detail) == before.map(\.detail))
                }
            }
        }

        /// Another path of the node at the place where the API has one, and a link that leads to what was asked for.
        @Test func anotherHostPath() throws {
            let volumeMount = #""volumeMounts": [{"name": "v", "mountPath": "/e"}]"#
            func volume(_ path: String) -> String {
                #""volumes": [{"name": "v", "hostPath": {"path": "\#(path)"}}]"#
            }
            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    let (link, disk) = ("\(node.root)/link", "\(node.root)/disk")
                    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
                    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: disk)
                    let root = try node.pod("root-for-cni", ExposureTests.quiet + ["--mount", "/:/e"])
                    try api.report(root, name: "root-for-cni", container: volumeMount, spec: volume("/opt/cni/bin"))
                    let found = try findings(node, api, of: root)
                    #expect(found.map(\.detail) == ["/ at /e, writable, where the pod asks for /opt/cni/bin"])
                    #expect(found.map(\.declared) == ["undeclared"] && found.map(\.severity) == ["critical"])
                    let linked = try node.pod("linked", ExposureTests.quiet + ["--mount", "\(disk):/e"])
                    // A bench's node has its tree elsewhere: what it asks for is told as the host names it.
                    try api.report(linked, name: "linked", container: volumeMount, spec: volume(link))
                    let options = [
                        "--kubeconfig", api.kubeconfig("certificate"), "--node-name", StandInAPIServer.nodeName,
                    ]
                    let told = try node.scan(options).report.findings(of: linked)
                    #expect(told.map(\.technique) == ["host-path-other"])
                    #expect(told.map(\.detail) == ["\(disk) at /e, writable, where the pod asks for \(link)"])
                }
            }
        }

        /// The node's files where the API has a claim, whose volume the kubelet mounts, and beside a device plugin's.
        @Test func nodeInThePlaceOfAVolume() throws {
            let claim = #""volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]"#
            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    let database = try node.pod("database", ExposureTests.quiet + ["--mount", "/:/data"])
                    try api.report(
                        database, name: "database",
                        container: #""volumeMounts": [{"name": "v", "mountPath": "/data"}]"#, spec: claim)
                    let found = try findings(node, api, of: database)
                    #expect(found.map(\.detail) == ["/ at /data, writable"])
                    #expect(found.map(\.declared) == ["undeclared"] && found.map(\.severity) == ["critical"])

                    let trainer = try node.pod("trainer", ExposureTests.quiet + ["--mount", "/etc:/gpu"])
                    try api.report(
                        trainer, name: "trainer", container: #""resources": {"limits": {"nvidia.com/gpu": "1"}}"#)
                    let beside = try findings(node, api, of: trainer)
                    #expect(beside.map(\.detail) == ["/etc at /gpu, writable"])
                    #expect(beside.map(\.declared) == ["undeclared"] && beside.map(\.severity) == ["critical"])
                }
            }
        }

        @Test func notInForce() throws {
            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    let pod = try node.pod("promise", ["--no-new-privileges"])
                    try api.report(
                        pod, name: "promise",
                        container:
                            #""securityContext": {"readOnlyRootFilesystem": true, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}"#
                    )
                    let found = try findings(node, api, of: pod)
                    #expect(
                        found.map { "\($0.technique) \($0.detail)" }.sorted() == [
                            "confinement-not-in-force readOnlyRootFilesystem: declared true, actual false",
                            "confinement-not-in-force runAsNonRoot: declared true, actual uid 0",
                            "seccomp-unconfined no seccomp filter",
                        ])
                    #expect(Set(found.map(\.declared)) == ["undeclared"])
                }
            }
        }

        /// A container that no status names, and a pod that the API does not have; both are given a minute.
        @Test func unknownToTheAPI() throws {
            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    let known = try node.pod("known", ExposureTests.quiet)
                    let gone = try node.pod("gone", ExposureTests.quiet)
                    try api.report(known, name: "known", containerID: String(repeating: "0", count: 64))
                    let file = "\(node.root)/node.json"
                    let asked = [
                        "--kubeconfig", api.kubeconfig("certificate"), "--node-name", StandInAPIServer.nodeName,
                        "--save", file,
                    ]
                    let young = try node.scan(asked)
                    #expect(young.report.findings(of: known).isEmpty && young.report.findings(of: gone).isEmpty)
                    #expect(young.status != 0)
                    let waiting = young.report.gaps.filter { $0.reason.hasPrefix("started at most a minute before") }
                    #expect(waiting.map { $0.count >= 2 } == [true])

                    try later(file)
                    let old = try node.scan(["--from", file], root: false)
                    #expect(old.report.findings(of: known).map(\.technique) == ["container-unknown-to-api"])
                    #expect(old.report.findings(of: gone).map(\.technique) == ["pod-unknown-to-api"])
                    let severities = [known, gone].flatMap { old.report.findings(of: $0) }.map(\.severity)
                    #expect(severities == ["high", "high"])
                }
            }
        }

        /// The same node two minutes later.
        private func later(_ file: String) throws {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let ticks = try #require(text.firstMatch(of: /"ticksSinceBoot":([0-9]+)/)?.1)
            let now = try #require(UInt64(ticks))
            try text.replacing("\"ticksSinceBoot\":\(now)", with: "\"ticksSinceBoot\":\(now + 12_000)")
                .write(toFile: file, atomically: false, encoding: .utf8)
        }

        @Test func serverIsDown() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("pid", Self.hostPID)
                let config = "\(node.root)/kubeconfig"
                try
                    #"{"current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}], "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}], "users": [{"name": "u", "user": {"token": "t"}}]}"#
                    .write(toFile: config, atomically: false, encoding: .utf8)
                let scan = try node.scan(["--kubeconfig", config, "--node-name", "n", "--timeout", "4"])
                let found = scan.report.findings(of: pod)
                // As urgent as by the runtime's record alone: an outage raises no alarm.
                #expect(found.map(\.declared) == ["unknown"] && found.map(\.severity) == ["medium"])
                #expect(scan.report.gaps.contains { $0.kind == "api" && $0.reason.contains("not connected") })
            }
        }

        /// The seed's demonstration: a policy and a service account, a pod with the node's network that the policy
        /// refuses, a quiet one, and the pod that becomes root; then what they really do, beside the API's word.
        @Test(
            .enabled(
                if: StandInAPIServer.hasKubectl && FileManager.default.fileExists(atPath: seed),
                "needs kubectl and the seed"))
        func demonstration() throws {
            let refusal =
                #"pods "busybox-privileged" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used]"#
            let pod = try String(contentsOfFile: "\(Self.seed)/busybox_privileged.yml", encoding: .utf8)
                .replacing("busybox_privileged", with: "busybox-privileged")
            let audit = [Bench.binary, "audit", "--policy", "\(Self.seed)/secure_psp_policy.yaml"]
            let refused = try Bench.run(audit + ["-"], input: Data(pod.utf8))
            #expect(refused.status == 1 && refused.text.contains(refusal))
            #expect(try Bench.run(audit + ["\(Self.seed)/busybox.yml"]).status == 0)
            let named = try Bench.run([Bench.binary, "audit", "\(Self.seed)/busybox_privileged.yml"])
            #expect((named.text + named.errors).contains(#"Invalid value: "busybox_privileged": a lowercase RFC 1123"#))

            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    try api.kubectl(
                        "create", "--validate=false", "-f", "-",
                        input: "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: deployer\n")
                    let manifests = [
                        ("busybox-privileged", pod, ExposureTests.quiet + ["--host-network"], [String]()),
                        (
                            "busybox", try String(contentsOfFile: "\(Self.seed)/busybox.yml", encoding: .utf8),
                            ExposureTests.quiet, []
                        ),
                        (
                            "sudo", try String(contentsOfFile: "\(Self.seed)/become-root-pod.yaml", encoding: .utf8),
                            ["--privileged", "--host-pid", "--host-network"],
                            ["nsenter", "--mount=/proc/\(getpid())/ns/mnt", "--", "/bin/sleep", "1d"]
                        ),
                    ]
                    var pods: [String: BenchPod] = [:]
                    for (name, manifest, options, command) in manifests {
                        try api.kubectl("create", "--validate=false", "-f", "-", input: manifest)
                        let object = try api.kubectl("get", "pod", name, "-o", "json").bytes
                        let uid = try JSONDecoder().decode(Created.self, from: object).metadata.uid
                        let made = try node.pod(name, options + ["--uid", uid], command: command)
                        try api.assign(object, to: made)
                        pods[name] = made
                    }
                    let report = try node.scan { report in
                        report.findings.contains { $0.technique == "entered-host-mount-namespace" }
                    } options: {
                        ["--kubeconfig", api.kubeconfig("certificate"), "--node-name", StandInAPIServer.nodeName]
                    }
                    func told(_ name: String) throws -> [String] {
                        report.findings(of: try #require(pods[name])).map { "\($0.technique) \($0.declared)" }.sorted()
                    }
                    #expect(try told("busybox") == [])
                    #expect(try told("busybox-privileged") == ["host-network-namespace declared"])
                    #expect(
                        try told("sudo") == [
                            "entered-host-mount-namespace undeclared", "first-process-in-host-namespace undeclared",
                            "host-network-namespace declared", "host-pid-namespace declared", "privileged declared",
                        ])
                    let list = try api.kubectl("get", "pods", "-A", "-o", "wide").text
                    #expect(pods.keys.allSatisfy { list.contains($0) })
                    let judged = try Bench.run([
                        Bench.binary, "audit", "--node", "--level", "baseline", "--kubeconfig",
                        api.kubeconfig("certificate"),
                        "--node-name", StandInAPIServer.nodeName,
                    ])
                    #expect(judged.status == 1 && judged.text.contains("3 pods: 1 allowed, 2 refused"))
                }
            }
        }

        private static let seed = SharedFolder.root + "/seed"

        private struct Created: Decodable {
            var metadata: Metadata
            struct Metadata: Decodable { var uid: String }
        }

        @Test func listOfPods() throws {
            try ContainerdNode.with { node in
                try StandInAPIServer.with { api in
                    let pod = try node.pod("quiet", Self.hostPID)
                    try api.report(pod, name: "quiet")
                    let command = [
                        Bench.binary, "pods", "--root", node.root, "--kubeconfig", api.kubeconfig("certificate"),
                    ]
                    let output = try Bench.run(command + ["--node-name", StandInAPIServer.nodeName])
                    let line = output.text.split(separator: "\n").first { $0.hasPrefix("default/quiet") }
                    #expect(output.status == 1)
                    #expect(
                        line?.contains("baseline  privileged  main: hostPID unset → true (not declared)") == true,
                        "\(output.text)")
                }
            }
        }
    }
}
