import Foundation
import Testing

extension RealContainers {
    /// Real containers beside what an API server says of their pods.
    @Suite(.serialized, .enabled(if: APIServer.isUsable, Bench.reason))
    struct DeclaredTests {
        private static let hostPID = ExposureTests.quiet + ["--host-pid"]

        private func findings(_ node: ContainerdNode, _ api: APIServer, of pod: BenchPod) throws
            -> [ScanReport.Finding]
        {
            try node.scan(["--kubeconfig", api.kubeconfig, "--node-name", APIServer.nodeName]).report.findings(of: pod)
        }

        /// Made through the runtime's socket: the API has a quiet pod.
        @Test func notDeclared() throws {
            try ContainerdNode.with { node in
                try APIServer.with { api in
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

        @Test func notInForce() throws {
            try ContainerdNode.with { node in
                try APIServer.with { api in
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
                try APIServer.with { api in
                    let known = try node.pod("known", ExposureTests.quiet)
                    let gone = try node.pod("gone", ExposureTests.quiet)
                    try api.report(known, name: "known", containerID: String(repeating: "0", count: 64))
                    let file = "\(node.root)/node.json"
                    let asked = ["--kubeconfig", api.kubeconfig, "--node-name", APIServer.nodeName, "--save", file]
                    let young = try node.scan(asked)
                    #expect(young.report.findings.isEmpty && young.status == 3)
                    let waiting = young.report.gaps.first { $0.reason.hasPrefix("started within the last minute") }
                    #expect(waiting?.count == 2)

                    try later(file)
                    let old = try node.scan(["--from", file], root: false)
                    #expect(old.report.findings(of: known).map(\.technique) == ["container-unknown-to-api"])
                    #expect(old.report.findings(of: gone).map(\.technique) == ["pod-unknown-to-api"])
                    #expect(Set(old.report.findings.map(\.severity)) == ["high"])
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

        @Test func listOfPods() throws {
            try ContainerdNode.with { node in
                try APIServer.with { api in
                    let pod = try node.pod("quiet", Self.hostPID)
                    try api.report(pod, name: "quiet")
                    let command = [Bench.binary, "pods", "--root", node.root, "--kubeconfig", api.kubeconfig]
                    let output = try Bench.run(command + ["--node-name", APIServer.nodeName])
                    let line = output.text.split(separator: "\n").first { $0.hasPrefix("default/quiet") }
                    #expect(output.status == 1)
                    #expect(line?.contains("baseline  privileged  main: hostPID unset → true (not declared)") == true)
                }
            }
        }
    }
}
