import Testing

extension IntegrationTests {
    /// A node whose pods are made through CRI on a real containerd.
    @Suite(.serialized, .needsContainerdNode, .containerdNode) struct ContainerdNodeTests {
        @Test func nothingIsSaidOfAPodThatSharesNothing() throws {
            let node = try ContainerdNode.current()
            try node.withPod("quiet") { pod in
                let report = try node.report(["--min-severity", "info"])
                let findings = report.findings(of: pod)
                #expect(findings.isEmpty, "\(findings.map(\.detail))")
                #expect(report.node.runtimes.contains { $0.contains("containerd") }, "\(report.node.runtimes)")
                #expect(!report.gaps.contains { $0.kind == "bundle" || $0.kind == "starting" }, "\(report.gaps)")
            }
        }
    }
}
