import BenchSupport
import Testing

extension RealContainers {
    /// Containers whose first process hides mounts by a root of its own, below which they are not.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct ChangedRootTests {
        /// Makes a read-only host path writable, then moves to an empty root.
        private static let script = """
            mount -o remount,bind,rw /host
            mkdir /empty
            cp /bin/busybox /empty/sleep
            exec chroot /empty /sleep 1d
            """
        private static let options = ["--mount", "/etc:/host:ro", "--add-capability", "SYS_ADMIN"]

        @Test func mountsOutsideOfTheRoot() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("jail", Self.options, command: ["sh", "-c", Self.script])
                func etc(_ report: ScanReport) -> ScanReport.Finding? {
                    report.findings(of: pod).first { $0.technique == "host-path-etc" }
                }
                func gap(_ report: ScanReport) -> ScanReport.Gap? {
                    report.gaps.first { $0.reason.hasPrefix("no task of the mount namespace has its root") }
                }
                // Nobody sees the mount, and the record's word for it is not all that there is to know.
                let alone = try node.scan { gap($0) != nil }
                #expect(gap(alone)?.kind == "mounts" && gap(alone)?.count == 1)
                #expect(gap(alone)?.examples == ["pid \(try #require(pod.pid))"])
                #expect(etc(alone) != nil)
                // Another process of the container has its root, whatever the first did.
                try node.pod("exec", pod.container, "--", "sh", "-c", "sleep 1d </dev/null >/dev/null 2>&1 &")
                let report = try node.scan().report
                #expect(gap(report) == nil)
                #expect(etc(report)?.evidence["readOnly"] == .flag(false))
            }
        }
    }
}
