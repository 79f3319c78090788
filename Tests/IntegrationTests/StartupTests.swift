import BenchSupport
import Dispatch
import Foundation
import Synchronization
import Testing

extension RealContainers {
    /// The runtime's own stages share host state for a while; they are no escape.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct StartupTests {
        private static let pods = 25
        private static let containersOfAPod = 4
        /// What the pods are allowed, by turns: a pod that shares much is in host namespaces while it starts and after.
        private static let options = [
            ExposureTests.quiet, ExposureTests.quiet + ["--host-network"], ["--privileged", "--host-pid"],
            ExposureTests.quiet + ["--share-pid"],
        ]

        /// What the scans saw while containers came and went.
        private struct Scans {
            var count = 0
            var findings: [ScanReport.Finding] = []
            var unfinishedStarts = 0
            var failures: [String] = []
        }

        /// A hundred containers are started and a hundred commands run in them, while scans follow each other beside it.
        @Test func aHundredStartsAndExecs() throws {
            try ContainerdNode.with { node in
                let isDone = Atomic(false)
                let scans = Mutex(Scans())
                let scanner = DispatchSemaphore(value: 0)
                let root = node.root
                Thread.detachNewThread {
                    while !isDone.load(ordering: .relaxed) { Self.scan(root, into: scans) }
                    scanner.signal()
                }
                var uids: Set<String> = []
                var quietUIDs: Set<String> = []
                var containers: Set<String> = []
                do {
                    defer {
                        isDone.store(true, ordering: .relaxed)
                        scanner.wait()
                    }
                    for number in 0..<Self.pods {
                        let options = Self.options[number % Self.options.count]
                        let first = try node.pod("start-\(number)", options)
                        if number % Self.options.count == 0 { quietUIDs.insert(first.uid) }
                        uids.insert(first.uid)
                        containers.insert(first.container)
                        try node.pod("exec", first.container, "--", "true")
                        for more in 1..<Self.containersOfAPod {
                            let place = ["--sandbox", first.pod, "--container", "more-\(more)"]
                            let next = try node.pod("start-\(number)", place + options)
                            containers.insert(next.container)
                            try node.pod("exec", next.container, "--", "true")
                        }
                        try node.pod("remove", first.pod)
                    }
                }
                #expect(containers.count == 100)
                // A scan sees every container of the machine; these are the ones that were started here.
                let result = scans.withLock { $0 }
                let ours = result.findings.filter { finding in
                    finding.pod?.uid.map { uids.contains($0) } ?? false
                        || finding.container.map { containers.contains($0.id) } ?? false
                        || finding.pod?.name?.hasPrefix("start-") ?? false
                        || finding.technique == "orphan-container"
                }
                #expect(Self.counts(ours.filter { $0.class != "exposure" }) == [:])
                let quiet = ours.filter { $0.pod?.uid.map { quietUIDs.contains($0) } ?? false }
                #expect(Self.counts(quiet.filter { $0.class == "exposure" }) == [:])
                #expect(result.failures == [])
                #expect(result.count >= 25, "too few scans to say anything")
                print(
                    "\(result.count) scans beside \(containers.count) starts and as many execs,",
                    "\(result.unfinishedStarts) with a container that they could not judge yet")
            }
        }

        private static func counts(_ findings: [ScanReport.Finding]) -> [String: Int] {
            Dictionary(grouping: findings) { "\($0.technique) \($0.declared) \($0.severity)" }.mapValues(\.count)
        }

        private static func scan(_ root: String, into scans: borrowing Mutex<Scans>) {
            do {
                let output = try Bench.run([Bench.binary, "scan", "--root", root, "--format", "json"], seconds: 60)
                let report = try JSONDecoder().decode(ScanReport.self, from: output.bytes)
                scans.withLock {
                    $0.count += 1
                    $0.findings += report.findings
                    $0.unfinishedStarts += report.gaps.contains { $0.kind == "starting" } ? 1 : 0
                }
            } catch {
                scans.withLock { $0.failures.append("\(error)") }
            }
        }
    }
}
