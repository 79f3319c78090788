import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// The real manifests of what runs on every EKS node, as pods, and pods that look like them.
    @Suite(.enabled(if: Bench.hasNodeImage && StandInAPIServer.isUsable, Bench.nodeReason))
    struct AddOnTests {
        private static let manifests = SharedFolder.files("addons", "yaml")
        /// What the profile leaves as it is: worth root to pods that are not privileged.
        private static let kept: Set<String> = [
            "cloudwatch-agent host-path-root", "cloudwatch-agent host-path-runtime-socket",
            "cloudwatch-agent host-path-writable-submount", "neuron-device-plugin host-path-other",
        ]

        @Test(.enabled(if: !manifests.isEmpty, "needs the add-ons of the shared folder"))
        func realManifests() throws {
            let workloads = try Workload.read(Self.manifests)
            #expect(workloads.count == 17)
            try SystemdNode.with("v2") { node in
                // The manifest of falco is of no namespace of its own, and the profile's is the one of its documentation.
                try node.succeed(
                    "sh", "-c",
                    "mkdir -p /etc/breakoutd && echo '{addOns: {namespaces: {falco: default}}}' >/etc/breakoutd/config.yaml"
                )
                try StandInAPIServer.with { api in
                    var ids: [[String: String]] = []
                    for workload in workloads { ids.append(try workload.run(on: node, api)) }
                    let report = try node.scan(asking: api)
                    #expect(report.gaps.isEmpty, "\(report.gaps)")
                    let told = report.findings.filter { $0.severity != "info" }
                    #expect(Set(told.map(Self.name(of:))) == Self.kept, "\(told.map(\.detail))")
                    #expect(told.allSatisfy { $0.declared == "declared" })
                    // Every workload has an exposure, and all of them are in the report.
                    #expect(Set(report.findings.compactMap { $0.pod?.name }) == Set(workloads.map(\.podName)))

                    for change in Self.changes {
                        for (workload, ids) in zip(workloads, ids) {
                            try api.report(change(workload).object, containers: ids)
                        }
                        try Self.expectToldOf(workloads.map(\.podName), node, api)
                    }
                    for workload in workloads {
                        try workload.moved(to: "elsewhere").run(on: node, api)
                        try workload.mounting("/root").run(on: node, api)
                    }
                    try Self.expectToldOf(
                        workloads.flatMap { ["\($0.podName)-moved", "\($0.podName)-mounting"] }, node, api)
                }
            }
        }

        private static let changes: [@Sendable (Workload) -> Workload] = [
            { $0.with(serviceAccount: "builder") }, { $0.with(registry: "registry.example") },
            { $0.with(owner: "other") },
        ]

        /// Of each pod something is told that is not told of it as it should be.
        private static func expectToldOf(_ pods: [String], _ node: SystemdNode, _ api: StandInAPIServer) throws {
            let told = try node.scan(asking: api).findings.filter { $0.severity != "info" }
            let changed = told.filter { !kept.contains(name(of: $0)) }.compactMap { $0.pod?.name }
            #expect(Set(pods).subtracting(changed) == [])
        }

        private static func name(of finding: ScanReport.Finding) -> String {
            "\(finding.container?.name ?? "-") \(finding.technique)"
        }
    }
}
